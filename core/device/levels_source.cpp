#include "core/device/batch_source.h"
#include "core/device/device_views.h"
#include "core/device/side_work.h"

#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace barlow {
namespace {

class LevelsSource final : public BatchSource {
 public:
  LevelsSource(PrefetchLoader::Options options,
               const torch::Device& device,
               torch::MemoryFormat format)
      : work_(device),
        normalize_(device, options.config.data.mean, options.config.data.std, format),
        memory_(buffers(options, device)),
        loader_(std::make_unique<PrefetchLoader>(withBuffers(std::move(options)))) {
    work_.follow();  // the tables of normalize_
  }

  ~LevelsSource() override {
    loader_.reset();  // its threads end before what they write to
    for (torch::Tensor& memory : memory_) {
      work_.freePinned(memory);
    }
  }

  std::optional<DeviceBatch> next(std::stop_token stop) override {
    giveBack();
    auto views = loader_->next(stop);
    if (!views) {
      return std::nullopt;
    }
    work_.takeBack();
    DeviceBatch batch;
    batch.epoch = views->epoch;
    batch.batch = views->batch;
    batch.indices = views->indices;
    batch.problems = views->problems;
    upload(*views, batch);
    lent_.push_back({std::move(*views), work_.mark()});
    work_.lend(batch.pixels(), lent_.back().isRead);
    return batch;
  }

 private:
  static constexpr std::size_t kMostLent = 2;  // buffers that a device may still read

  struct Lent {
    ViewBatch batch;
    std::optional<c10::Event> isRead;
  };

  static std::vector<torch::Tensor> buffers(const PrefetchLoader::Options& options,
                                            const torch::Device& device) {
    const std::size_t numbers = viewNumbers(options.config.augment, options.config.data.imageSize);
    const std::int64_t size = options.config.run.batchSize * static_cast<std::int64_t>(numbers);
    std::vector<torch::Tensor> memory;
    for (std::size_t i = 0; i < static_cast<std::size_t>(options.batchesAhead) + kMostLent; ++i) {
      memory.push_back(pinnedBytes(size, device));
    }
    return memory;
  }

  PrefetchLoader::Options withBuffers(PrefetchLoader::Options options) {
    for (torch::Tensor& memory : memory_) {
      options.levelBuffers.emplace_back(memory.data_ptr<std::uint8_t>(),
                                        static_cast<std::size_t>(memory.numel()));
    }
    return options;
  }

  void upload(const ViewBatch& views, DeviceBatch& batch) {
    const torch::NoGradGuard noGrad;
    const auto count = static_cast<std::int64_t>(views.indices.size());
    const torch::Tensor levels = torch::from_blob(
        views.levels.data(), {static_cast<std::int64_t>(views.levels.size())}, torch::kUInt8);
    work_.run([&] {
      const torch::Tensor there = levels.to(work_.device(), /*non_blocking=*/true);
      std::int64_t begin = 0;
      for (const ViewSet& view : views.views) {
        const std::int64_t size = count * static_cast<std::int64_t>(viewNumbers(view.side));
        const torch::Tensor own =
            there.narrow(0, begin, size).view({count, view.side, view.side, 3});
        batch.views.push_back({normalize_(own), view.plans});
        begin += size;
      }
    });
  }

  // Buffers that the device has read go back to the workers.
  void giveBack() {
    while (!lent_.empty() &&
           (lent_.size() >= kMostLent || !lent_.front().isRead || lent_.front().isRead->query())) {
      if (lent_.front().isRead) {
        lent_.front().isRead->synchronize();
      }
      loader_->recycle(std::move(lent_.front().batch));
      lent_.pop_front();
    }
  }

  SideWork work_;
  DeviceNormalize normalize_;
  std::vector<torch::Tensor> memory_;  // page-locked, each for all views of a batch
  std::deque<Lent> lent_;
  std::unique_ptr<PrefetchLoader> loader_;
};

}  // namespace

std::unique_ptr<BatchSource> makeLevelsSource(PrefetchLoader::Options options,
                                              const torch::Device& device,
                                              torch::MemoryFormat format) {
  return std::make_unique<LevelsSource>(std::move(options), device, format);
}

}  // namespace barlow
