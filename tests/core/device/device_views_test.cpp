#include "core/device/device_views.h"

#include "tests/core/device/expected_views.h"
#include "tests/core/device/kernel_count.h"
#include "tests/core/device/pictures.h"

#include <gtest/gtest.h>

#include <functional>
#include <iostream>

namespace barlow {
namespace {

std::shared_ptr<const ResidentImages> resident(const Dataset& data) {
  std::string whyNot;
  auto images = ResidentImages::load(
      data, torch::kCPU, {.bytes = 1u << 30, .side = 512, .threads = 2}, {}, whyNot);
  EXPECT_TRUE(images) << whyNot;
  return images;
}

ViewMaker makerOf(std::shared_ptr<const ResidentImages> images,
                  const AugmentParams& params,
                  int side,
                  std::uint64_t chunkBytes = 0) {
  return ViewMaker({.images = std::move(images),
                    .interpolation = params.interpolation,
                    .pillow = params.pillow,
                    .side = side,
                    .mean = kTestMean,
                    .std = kTestStd,
                    .chunkBytes = chunkBytes});
}

ViewMaker::Views make(ViewMaker& maker, const DrawnViews& drawn) {
  ViewTable table = maker.table(drawn.samples, drawn.a, drawn.b);
  return maker.make(
      table,
      torch::from_blob(
          table.bytes.data(), {static_cast<std::int64_t>(table.bytes.size())}, torch::kUInt8));
}

void expectEqual(const Dataset& data,
                 const DrawnViews& drawn,
                 const AugmentParams& params,
                 int side,
                 std::uint64_t chunkBytes = 0) {
  ViewMaker maker = makerOf(resident(data), params, side, chunkBytes);
  const ViewMaker::Views found = make(maker, drawn);
  const auto expected = [&](const std::vector<ViewPlan>& plans) {
    return expectedViews(data, drawn.samples, plans, params, side, kTestMean, kTestStd);
  };
  EXPECT_EQ(firstDifference(found.a, expected(drawn.a), drawn.a), "");
  EXPECT_EQ(firstDifference(found.b, expected(drawn.b), drawn.b), "");
}

// Of 40 pictures, what is left of the plans of everything().
void expectEqual(const std::function<void(ViewPlan&)>& change,
                 const AugmentParams& params = everything()) {
  const Pictures data(40);
  expectEqual(data, drawnViews(data, 40, params, change), params, 32);
}

TEST(DeviceViews, CropResizeAndFlipEqualTheCpuKernels) {
  for (const Interpolation interpolation : {Interpolation::Bicubic, Interpolation::Bilinear}) {
    AugmentParams params = everything();
    params.interpolation = interpolation;
    expectEqual([](ViewPlan& plan) { plan = ViewPlan{.crop = plan.crop, .flip = plan.flip}; },
                params);
  }
}

TEST(DeviceViews, EveryJitterOperationEqualsTheCpuKernel) {
  for (int kept = 0; kept < 4; ++kept) {
    expectEqual([&](ViewPlan& plan) {
      plan = ViewPlan{.crop = plan.crop, .jitter = plan.jitter};
      if (plan.jitter) {
        ViewPlan::Jitter& jitter = *plan.jitter;
        jitter.brightness = kept == 0 ? jitter.brightness : 1;
        jitter.contrast = kept == 1 ? jitter.contrast : 1;
        jitter.saturation = kept == 2 ? jitter.saturation : 1;
        jitter.hue = kept == 3 ? jitter.hue : 0;
      }
    });
  }
}

TEST(DeviceViews, GrayAndSolarizeEqualTheCpuKernels) {
  expectEqual([](ViewPlan& plan) {
    plan =
        ViewPlan{.crop = plan.crop, .gray = plan.gray, .solarizeThreshold = plan.solarizeThreshold};
  });
}

TEST(DeviceViews, SolarizingFromAnyLevelEqualsTheCpuKernel) {
  int next = 0;
  expectEqual([&](ViewPlan& plan) {
    plan = ViewPlan{.crop = plan.crop, .solarizeThreshold = std::min(256, 7 * next++ % 300)};
  });
}

TEST(DeviceViews, BlurEqualsTheCpuKernel) {
  for (const double sigma : {-1.0, 0.05, 6.5, 20.0}) {
    expectEqual([&](ViewPlan& plan) {
      plan = ViewPlan{.crop = plan.crop, .blurSigma = sigma < 0 ? plan.blurSigma : sigma};
    });
  }
}

TEST(DeviceViews, WholeRecipesAreThoseOfTheCpu) {
  for (const bool flipsLast : {false, true}) {
    AugmentParams params = everything();
    params.flipLast = flipsLast;
    expectEqual([](ViewPlan&) {}, params);
  }
}

TEST(DeviceViews, EveryRecipeAtEverySizeIsThatOfTheCpu) {
  const Pictures data(8);
  for (const auto& [recipe, name] : {std::pair{Recipe::Imagenet, "imagenet"},
                                     std::pair{Recipe::CifarSolo, "cifar-solo"},
                                     std::pair{Recipe::CifarLightly, "cifar-lightly"},
                                     std::pair{Recipe::CifarHsic, "cifar-hsic"},
                                     std::pair{Recipe::None, "none"}}) {
    for (const int side : {32, 96, 224}) {
      SCOPED_TRACE(std::string(name) + " at " + std::to_string(side));
      const AugmentParams params = withRecipe({}, recipe);
      expectEqual(data, drawnViews(data, 8, params), params, side);
    }
  }
}

TEST(DeviceViews, AreThoseOfEitherPillow) {
  const Pictures data(12, 20, 150);
  const DrawnViews drawn = drawnViews(data, 12, everything());
  std::vector<ViewMaker::Views> made;
  for (const int pillow : {12, 13}) {
    SCOPED_TRACE(pillow);
    AugmentParams params = everything();
    params.pillow = pillow;
    for (const Interpolation interpolation : {Interpolation::Bilinear, Interpolation::Bicubic}) {
      params.interpolation = interpolation;
      for (const bool isInParts : {false, true}) {
        expectEqual(data, drawn, params, 48, isInParts ? 1u : 0u);
      }
    }
    ViewMaker maker = makerOf(resident(data), params, 48);
    made.push_back(make(maker, drawn));
  }
  EXPECT_NE(firstDifference(made[0].a, made[1].a, drawn.a), "") << "no crop loses many lines";
}

TEST(DeviceViews, LargePicturesAreMadeSmallExactly) {
  const Pictures data(6, 300, 512);
  for (const Interpolation interpolation : {Interpolation::Bicubic, Interpolation::Bilinear}) {
    AugmentParams params = everything();
    params.interpolation = interpolation;
    for (const int side : {16, 96}) {
      SCOPED_TRACE(side);
      expectEqual(data, drawnViews(data, 6, params), params, side);
    }
  }
}

TEST(DeviceViews, AreTheSameInPartsOfAnySize) {
  const Pictures data(24);
  const DrawnViews drawn = drawnViews(data, 24, everything());
  for (const std::uint64_t bytes : {1u, 3u << 20, 20u << 20}) {
    expectEqual(data, drawn, everything(), 32, bytes);
  }
  ViewMaker maker = makerOf(resident(data), everything(), 32, 1);
  EXPECT_EQ(maker.table(drawn.samples, drawn.a, drawn.b).chunks.size(), 48u);
}

TEST(DeviceViews, AreTheSameWherePixelsNeedWideNumbers) {
  const Pictures data(24);
  const DrawnViews drawn = drawnViews(data, 24, everything());
  const auto images = resident(data);
  const auto viewsOf = [&](bool isWide) {
    ViewMaker maker({.images = images, .side = 32, .isWide = isWide});
    EXPECT_EQ(maker.table(drawn.samples, drawn.a, drawn.b).isWide, isWide);
    return make(maker, drawn);
  };
  const ViewMaker::Views narrow = viewsOf(false);
  const ViewMaker::Views wide = viewsOf(true);
  EXPECT_EQ(firstDifference(wide.a, narrow.a, drawn.a), "");
  EXPECT_EQ(firstDifference(wide.b, narrow.b, drawn.b), "");
}

TEST(DeviceViews, AStepIsAFewOperationsAndNoneOfThemWaits) {
  const Pictures data(64, 32, 32);
  for (const auto& [recipe, most] : {std::pair{Recipe::CifarSolo, 110},
                                     std::pair{Recipe::CifarHsic, 110},
                                     std::pair{Recipe::Imagenet, 155}}) {
    const AugmentParams params = withRecipe({}, recipe);
    ViewMaker maker = makerOf(resident(data), params, 32, 1u << 30);
    const DrawnViews drawn = drawnViews(data, 64, params);
    make(maker, drawn);  // makes the tables
    KernelCount count;
    make(maker, drawn);
    EXPECT_LE(count.kernels(), most) << count.text();
    EXPECT_GT(count.kernels(), 20) << count.text();
    for (const char* waits : {"aten::item", "aten::_local_scalar_dense", "aten::nonzero"}) {
      EXPECT_EQ(count.of(waits), 0) << waits;
    }
    std::cout << "kernels of a step, recipe " << static_cast<int>(recipe) << ": " << count.kernels()
              << "\n";
  }
}

TEST(DeviceNormalize, EqualsTheCpuToTheBit) {
  const Pictures data(1);
  const RgbImage image = *data.image(0);
  std::vector<float> expected(image.pixels.size());
  normalizeInto(image, kTestMean, kTestStd, expected);
  torch::Tensor levels = torch::empty({1, image.height, image.width, 3}, torch::kUInt8);
  std::copy(image.pixels.begin(), image.pixels.end(), levels.data_ptr<std::uint8_t>());
  for (const auto format : {torch::MemoryFormat::ChannelsLast, torch::MemoryFormat::Contiguous}) {
    const DeviceNormalize normalize(torch::kCPU, kTestMean, kTestStd, format);
    const torch::Tensor views = normalize(levels);
    EXPECT_TRUE(views.is_contiguous(format));
    const torch::Tensor found = views.permute({0, 2, 3, 1}).contiguous();
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), found.const_data_ptr<float>()));
  }
}

}  // namespace
}  // namespace barlow
