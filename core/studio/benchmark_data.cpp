#include "core/augment/augment.h"
#include "core/dataset/synthetic_shapes.h"
#include "core/device/compute_device.h"
#include "core/image/resample.h"
#include "core/loader/prefetch_loader.h"
#include "core/params/config_io.h"
#include "core/studio/benchmark_parts.h"
#include "core/torch.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace barlow {
namespace {

// Pictures of any size with edges, areas and noise; photographs are not generated that easily.
std::vector<RgbImage> makePictures(int side, int count) {
  const SyntheticShapes shapes(SyntheticShapes::Part::Test);
  std::vector<RgbImage> pictures;
  for (int i = 0; i < count; ++i) {
    const RgbImage small = *shapes.image(i);
    pictures.push_back(
        side == small.width
            ? small
            : resample(
                  small, {0, 0, small.width, small.height}, side, side, ResampleFilter::Bicubic));
  }
  return pictures;
}

struct AugmentCase {
  const char* recipe;
  int from;
  int to;
};
constexpr std::array<AugmentCase, 2> kCases = {{{"cifar-solo", 32, 32}, {"imagenet", 256, 224}}};

RunConfig configOf(const AugmentCase& example, const char* kernel) {
  RunConfig config;
  applySettings({{"augment.recipe", example.recipe}, {"augment.kernel", kernel}}, config);
  config.data.imageSize = example.to;
  return config;
}

void emitAugment(const BenchmarkSetting& setting, const AugmentCase& example, const char* kernel) {
  const RunConfig config = configOf(example, kernel);
  const std::vector<RgbImage> pictures = makePictures(example.from, 64);
  std::vector<float> view(static_cast<std::size_t>(example.to) *
                          static_cast<std::size_t>(example.to) * 3);
  const int pairs = example.to > 64 ? 32 : 512;
  std::int64_t epoch = 0;
  const Timing timing = timed(setting.repetitions(15, 8), setting.stop, [&] {
    ++epoch;
    for (int i = 0; i < pairs; ++i) {
      const RgbImage& picture = pictures[static_cast<std::size_t>(i) % pictures.size()];
      for (const View which : {View::A, View::B}) {
        const ViewPlan plan = drawViewPlan(config.augment,
                                           {.seed = 1, .epoch = epoch, .sample = i, .view = which},
                                           picture.width,
                                           picture.height);
        normalizeInto(applyViewPlan(picture, plan, config.augment, example.to),
                      config.data.mean,
                      config.data.std,
                      view);
      }
    }
  });
  const auto speed = [&](double ms) { return ms > 0 ? 1e3 * pairs / ms : 0; };
  setting.emit(fmt::format(
      R"({{"bench":"augment","recipe":"{}","from":{},"to":{},"kernel":"{}","threads":1,"pairs_per_second":{:.1f},"pairs_per_second_best":{:.1f},"reps":{}}})",
      example.recipe,
      example.from,
      example.to,
      kernel,
      speed(timing.median),
      speed(timing.minimum),
      timing.repetitions));
}

// Pictures in memory behind the interface that training uses.
class PictureSet final : public Dataset {
 public:
  PictureSet(std::vector<RgbImage> pictures, std::int64_t size)
      : pictures_(std::move(pictures)), size_(size) {}
  std::int64_t size() const override { return size_; }
  Result<RgbImage> image(std::int64_t index) const override {
    return pictures_[static_cast<std::size_t>(index) % pictures_.size()];
  }
  int label(std::int64_t) const override { return -1; }
  std::string name(std::int64_t index) const override { return std::to_string(index); }
  const std::vector<std::string>& classNames() const override { return noNames_; }

 private:
  std::vector<RgbImage> pictures_;
  std::int64_t size_;
  std::vector<std::string> noNames_;
};

void emitLoader(const BenchmarkSetting& setting, const AugmentCase& example) {
  RunConfig config = configOf(example, "exact");
  config.run.batchSize = example.to > 64 ? 32 : 256;
  const int batches = setting.isShort ? 2 : example.to > 64 ? 40 : 60;
  const int workers = mostLoaderWorkers(torch::kCPU);
  PrefetchLoader loader({.dataset = std::make_shared<PictureSet>(
                             makePictures(example.from, 64),
                             static_cast<std::int64_t>(config.run.batchSize) * batches),
                         .config = config,
                         .firstStep = 0,
                         .lastStep = batches,
                         .workers = workers});
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  int made = 0;
  while (auto batch = loader.next(setting.stop)) {
    ++made;
    loader.recycle(std::move(*batch));
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  setting.emit(fmt::format(
      R"({{"bench":"loader","recipe":"{}","from":{},"to":{},"kernel":"exact","workers":{},"batch":{},"pairs_per_second":{:.1f}}})",
      example.recipe,
      example.from,
      example.to,
      workers,
      config.run.batchSize,
      made * config.run.batchSize / seconds));
}

}  // namespace

void benchmarkAugment(const BenchmarkSetting& setting) {
  for (const AugmentCase& example : kCases) {
    for (const char* kernel : {"exact", "fast"}) {
      if (!setting.stop.stop_requested()) {
        emitAugment(setting, example, kernel);
      }
    }
  }
}

void benchmarkLoader(const BenchmarkSetting& setting) {
  for (const AugmentCase& example : kCases) {
    if (!setting.stop.stop_requested()) {
      emitLoader(setting, example);
    }
  }
}

}  // namespace barlow
