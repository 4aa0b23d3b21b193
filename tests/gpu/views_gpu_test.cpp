// Views made on a GPU against those of the CPU: bytes and bits. Skipped where there is none.
#include "core/device/batch_source.h"
#include "core/device/device_views.h"
#include "core/device/side_work.h"
#include "tests/core/device/expected_views.h"
#include "tests/core/device/pictures.h"

#include <ATen/DeviceAccelerator.h>
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include <algorithm>
#include <chrono>
#include <iostream>

namespace barlow {
namespace {

class GpuViews : public testing::Test {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) {
      GTEST_SKIP() << "this machine has no CUDA device";
    }
  }
  const torch::Device device_{torch::kCUDA, 0};

  std::shared_ptr<const ResidentImages> resident(const Dataset& data,
                                                 std::uint64_t pieceBytes = 1u << 20) const {
    std::string whyNot;
    auto images = ResidentImages::load(
        data,
        device_,
        {.bytes = 4ull << 30, .side = 512, .threads = 8, .pieceBytes = pieceBytes},
        {},
        whyNot);
    EXPECT_TRUE(images) << whyNot;
    return images;
  }

  ViewMaker makerOf(std::shared_ptr<const ResidentImages> images,
                    const AugmentParams& params,
                    int side) const {
    return ViewMaker({.images = std::move(images),
                      .interpolation = params.interpolation,
                      .pillow = params.pillow,
                      .side = side,
                      .mean = kTestMean,
                      .std = kTestStd});
  }

  void expectEqual(const Dataset& data,
                   const DrawnViews& drawn,
                   const AugmentParams& params,
                   int side) {
    SideWork work(device_);
    PinnedUpload upload(work);
    ViewMaker maker = makerOf(resident(data), params, side);
    work.follow();
    const ViewTable table = maker.table(drawn.samples, drawn.a, drawn.b);
    const torch::Tensor bytes = upload(table.bytes);
    ViewMaker::Views found;
    work.run([&] { found = maker.make(table, bytes); });
    work.lend({found.a, found.b}, work.mark());
    const auto expected = [&](const std::vector<ViewPlan>& plans) {
      return expectedViews(data, drawn.samples, plans, params, side, kTestMean, kTestStd);
    };
    EXPECT_EQ(firstDifference(found.a, expected(drawn.a), drawn.a), "");
    EXPECT_EQ(firstDifference(found.b, expected(drawn.b), drawn.b), "");
  }
};

TEST_F(GpuViews, EveryRecipeEqualsTheCpuKernelExactToTheBit) {
  const Pictures data(96);
  for (const Recipe recipe : {Recipe::Imagenet,
                              Recipe::CifarSolo,
                              Recipe::CifarLightly,
                              Recipe::CifarHsic,
                              Recipe::None}) {
    for (const Interpolation interpolation : {Interpolation::Bicubic, Interpolation::Bilinear}) {
      for (const int side : {32, 96, 224}) {
        SCOPED_TRACE(testing::Message() << "recipe " << static_cast<int>(recipe) << ", filter "
                                        << static_cast<int>(interpolation) << ", side " << side);
        AugmentParams params = withRecipe({}, recipe);
        params.interpolation = interpolation;
        const std::int64_t count = side == 224 ? 24 : 96;
        expectEqual(data, drawnViews(data, count, params), params, side);
      }
    }
  }
}

TEST_F(GpuViews, EverythingAtOnceEqualsTheCpuKernelExactToTheBit) {
  const Pictures data(512, 32, 32);
  expectEqual(data, drawnViews(data, 512, everything()), everything(), 32);
  const Pictures large(32, 200, 512);
  expectEqual(large, drawnViews(large, 32, everything()), everything(), 224);
  for (const double sigma : {0.05, 6.5, 20.0}) {
    expectEqual(data,
                drawnViews(data, 64, everything(), [&](ViewPlan& plan) { plan.blurSigma = sigma; }),
                everything(),
                96);
  }
}

// Every mean is a half for some picture; what matters is that none of them is rounded another way.
TEST_F(GpuViews, MeansOfContrastThatEndInAHalfAreRoundedAsOnTheCpu) {
  class Halves final : public Dataset {
   public:
    std::int64_t size() const override { return 255; }
    Result<RgbImage> image(std::int64_t index) const override {
      RgbImage image(224, 224);
      for (std::size_t i = 0; i < image.pixels.size(); ++i) {
        image.pixels[i] = static_cast<std::uint8_t>(index + (i / 3) % 2);
      }
      return image;
    }
    PixelSize knownSize(std::int64_t) const override { return {224, 224}; }
    int label(std::int64_t) const override { return -1; }
    std::string name(std::int64_t) const override { return "half"; }
    const std::vector<std::string>& classNames() const override { return names_; }

   private:
    std::vector<std::string> names_;
  };
  const Halves data;
  const AugmentParams params = everything();
  const auto drawn = drawnViews(data, 255, params, [](ViewPlan& plan) {
    plan = ViewPlan{.crop = {0, 0, 224, 224}};
    plan.jitter.emplace();
    plan.jitter->contrast = 0.1;
  });
  expectEqual(data, drawn, params, 224);
}

RunConfig configOf(int side, int batch) {
  RunConfig config;
  config.data.imageSize = side;
  config.run.batchSize = batch;
  config.run.seed = 3;
  config.augment = everything();
  return config;
}

// Three sources: the GPU's views, the loader's bytes normalised on the GPU, and the loader on the
// CPU, over many batches whose memory is used again and again while a "training" reads them late.
void expectSameSources(const torch::Device& device,
                       const std::shared_ptr<const Dataset>& data,
                       std::shared_ptr<const ResidentImages> images,
                       const RunConfig& config,
                       std::int64_t steps) {
  const auto format = torch::MemoryFormat::ChannelsLast;
  const PrefetchLoader::Options options{
      .dataset = data, .config = config, .firstStep = 1, .lastStep = steps + 1, .workers = 8};
  const auto expected = makeLoaderSource(options, torch::kCPU, format);
  const auto loader = makeLoaderSource(options, device, format);
  const auto resident = makeResidentSource({.images = std::move(images),
                                            .config = config,
                                            .firstStep = 1,
                                            .lastStep = steps + 1,
                                            .format = format});
  // Keeps compute busy, so that a view which is given away too early is overwritten before it is
  // read.
  torch::Tensor load = torch::randn({2048, 2048}, torch::TensorOptions().device(device));
  struct Read {
    torch::Tensor a;
    torch::Tensor b;
  };
  std::vector<Read> made[2];
  for (int which = 0; which < 2; ++which) {
    BatchSource& source = which == 0 ? *resident : *loader;
    std::optional<DeviceBatch> batch;  // the trainer keeps one
    while (auto next = source.next({})) {
      batch = std::move(next);
      for (int i = 0; i < 20; ++i) {
        load = torch::mm(load, load).mul_(1e-3);
      }
      made[which].push_back({batch->views[0].pixels.clone(), batch->views[1].pixels.clone()});
    }
    ASSERT_EQ(made[which].size(), static_cast<std::size_t>(steps));
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(steps); ++i) {
    const auto batch = expected->next({});
    ASSERT_TRUE(batch);
    for (const auto& source : made) {
      ASSERT_EQ(firstDifference(source[i].a, batch->views[0].pixels, batch->views[0].plans), "")
          << "batch " << i;
      ASSERT_EQ(firstDifference(source[i].b, batch->views[1].pixels, batch->views[1].plans), "")
          << "batch " << i;
      EXPECT_TRUE(source[i].a.is_contiguous(format));
    }
  }
}

TEST_F(GpuViews, OfTheLoaderAndOfResidentImagesAreTheSameOverFiftyBatches) {
  const auto data = std::make_shared<Pictures>(700, 24, 40);
  data->broken = {3, 44};
  expectSameSources(device_, data, resident(*data, 1u << 16), configOf(32, 128), 50);
}

TEST_F(GpuViews, OfTheLoaderAndOfResidentImagesAreTheSameAt224Pixels) {
  const auto data = std::make_shared<Pictures>(100, 150, 400);
  expectSameSources(device_, data, resident(*data), configOf(224, 32), 9);
}

TEST_F(GpuViews, PixelsArriveInPiecesAsTheyWere) {
  const Pictures data(300);
  const auto images = resident(data, 50000);
  const torch::Tensor pixels = images->pixels().cpu();
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const RgbImage image = *data.image(i);
    const auto* first = pixels.const_data_ptr<std::uint8_t>() + 3 * images->place(i).first;
    ASSERT_TRUE(std::equal(image.pixels.begin(), image.pixels.end(), first)) << i;
  }
}

TEST_F(GpuViews, ASourceMayEndAtAnyMoment) {
  const auto data = std::make_shared<Pictures>(100, 24, 40);
  const auto images = resident(*data);
  for (int taken = 0; taken < 5; ++taken) {
    std::optional<DeviceBatch> kept;
    for (const bool isResident : {true, false}) {
      const auto source =
          isResident
              ? makeResidentSource({.images = images, .config = configOf(32, 16), .lastStep = 1000})
              : makeLoaderSource(
                    {.dataset = data, .config = configOf(32, 16), .lastStep = 1000, .workers = 4},
                    device_,
                    torch::MemoryFormat::ChannelsLast);
      for (int i = 0; i < taken; ++i) {
        kept = source->next({});
        ASSERT_TRUE(kept);
      }
    }
    if (kept) {
      EXPECT_TRUE(
          torch::isfinite(kept->views[0].pixels).all().item<bool>());  // outlives its source
    }
  }
}

// Not a test of speed: it only prints what a visit wants to know, and fails when it is absurd.
void measure(const torch::Device& device,
             std::shared_ptr<const ResidentImages> images,
             const RunConfig& config,
             const std::string& name) {
  constexpr int kSteps = 30;
  using Clock = std::chrono::steady_clock;
  const auto source =
      makeResidentSource({.images = std::move(images), .config = config, .lastStep = kSteps + 10});
  const auto wait = [&] { at::accelerator::synchronizeDevice(device.index()); };
  for (int i = 0; i < 10; ++i) {
    source->next({});
  }
  wait();
  const auto start = Clock::now();
  for (int i = 0; i < kSteps; ++i) {
    source->next({});
  }
  const double queued = std::chrono::duration<double>(Clock::now() - start).count();
  wait();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::cout << name << ": " << 1e3 * seconds / kSteps << " ms a batch of " << config.run.batchSize
            << " pairs, of which the host queues for " << 1e3 * queued / kSteps << " ms\n";
  EXPECT_LT(seconds / kSteps, 1.0);
}

TEST_F(GpuViews, TellHowLongTheyTake) {
  const Pictures small(5000, 32, 32);
  const auto smallImages = resident(small, 1u << 28);
  const Pictures large(600, 256, 500);
  const auto largeImages = resident(large, 1u << 28);
  for (const auto& [recipe, name] : {std::pair{Recipe::CifarSolo, "cifar-solo"},
                                     std::pair{Recipe::CifarHsic, "cifar-hsic"},
                                     std::pair{Recipe::Imagenet, "imagenet"}}) {
    RunConfig config = configOf(32, 1024);
    config.augment = withRecipe({}, recipe);
    measure(device_, smallImages, config, std::string(name) + ", 32 px");
  }
  RunConfig config = configOf(224, 256);
  config.augment = withRecipe({}, Recipe::Imagenet);
  measure(device_, largeImages, config, "imagenet, 224 px");
}

}  // namespace
}  // namespace barlow
