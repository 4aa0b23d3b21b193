#include "core/device/device_views.h"

#include "core/augment/augment.h"
#include "tests/core/device/pictures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

namespace barlow {
namespace {

constexpr int kSide = 32;
constexpr std::int64_t kCount = 64;

std::shared_ptr<const ResidentImages> resident(const Dataset& data) {
  std::string whyNot;
  auto images = ResidentImages::load(
      data, torch::kCPU, {.bytes = 1u << 30, .side = 512, .threads = 2}, {}, whyNot);
  EXPECT_TRUE(images) << whyNot;
  return images;
}

// How many grey levels of the batch differ from the CPU kernels' with the same plans, and the first
// of them in words.
struct Differences {
  std::int64_t count = 0;
  std::string first;
};

Differences differences(const std::vector<ViewPlan>& plans, const AugmentParams& params) {
  const Pictures data(kCount);
  std::vector<std::int64_t> samples(static_cast<std::size_t>(kCount));
  std::iota(samples.begin(), samples.end(), 0);
  const torch::Tensor views =
      distortedViews(*resident(data), samples, plans, params.interpolation, kSide)
          .permute({0, 2, 3, 1})
          .contiguous();
  Differences result;
  for (std::int64_t n = 0; n < kCount; ++n) {
    const RgbImage expected =
        applyViewPlan(*data.image(n), plans[static_cast<std::size_t>(n)], params, kSide);
    const auto* found = views[n].const_data_ptr<float>();
    for (std::size_t i = 0; i < expected.pixels.size(); ++i) {
      if (found[i] != static_cast<float>(expected.pixels[i]) && result.count++ == 0) {
        result.first = "view " + std::to_string(n) + ", level " + std::to_string(i) + ": " +
                       std::to_string(found[i]) + " for " + std::to_string(expected.pixels[i]) +
                       ", plan " + toJson(plans[static_cast<std::size_t>(n)]);
      }
    }
  }
  return result;
}

void expectEqual(const std::vector<ViewPlan>& plans, const AugmentParams& params) {
  const Differences found = differences(plans, params);
  EXPECT_EQ(found.count, 0) << found.first;
}

std::vector<ViewPlan> drawn(const AugmentParams& params,
                            const std::function<void(ViewPlan&)>& keepOnly) {
  const Pictures data(kCount);
  std::vector<ViewPlan> plans;
  for (std::int64_t n = 0; n < kCount; ++n) {
    const RgbImage image = *data.image(n);
    ViewPlan plan =
        drawViewPlan(params, {.seed = 5, .sample = n, .view = View::B}, image.width, image.height);
    keepOnly(plan);
    plans.push_back(plan);
  }
  return plans;
}

AugmentParams everything() {
  AugmentParams params;
  for (BranchParams* branch : {&params.a, &params.b}) {
    branch->flipProbability = 0.5;
    branch->jitterProbability = 0.8;
    branch->hue = 0.3;
    branch->saturation = 0.8;
    branch->grayProbability = 0.2;
    branch->blurProbability = 0.7;
    branch->solarizeProbability = 0.3;
  }
  return params;
}

TEST(DeviceViews, CropResizeAndFlipEqualTheCpuKernels) {
  for (const Interpolation interpolation : {Interpolation::Bicubic, Interpolation::Bilinear}) {
    AugmentParams params = everything();
    params.interpolation = interpolation;
    const auto plans = drawn(
        params, [](ViewPlan& plan) { plan = ViewPlan{.crop = plan.crop, .flip = plan.flip}; });
    expectEqual(plans, params);
  }
}

TEST(DeviceViews, EveryJitterOperationEqualsTheCpuKernel) {
  for (int kept = 0; kept < 4; ++kept) {
    const auto plans = drawn(everything(), [&](ViewPlan& plan) {
      plan = ViewPlan{.crop = plan.crop, .jitter = plan.jitter};
      if (plan.jitter) {
        ViewPlan::Jitter& jitter = *plan.jitter;
        jitter.brightness = kept == 0 ? jitter.brightness : 1;
        jitter.contrast = kept == 1 ? jitter.contrast : 1;
        jitter.saturation = kept == 2 ? jitter.saturation : 1;
        jitter.hue = kept == 3 ? jitter.hue : 0;
      }
    });
    expectEqual(plans, everything());
  }
}

TEST(DeviceViews, GrayAndSolarizeEqualTheCpuKernels) {
  const auto plans = drawn(everything(), [](ViewPlan& plan) {
    plan =
        ViewPlan{.crop = plan.crop, .gray = plan.gray, .solarizeThreshold = plan.solarizeThreshold};
  });
  expectEqual(plans, everything());
}

TEST(DeviceViews, BlurEqualsTheCpuKernel) {
  const auto plans = drawn(everything(), [](ViewPlan& plan) {
    plan = ViewPlan{.crop = plan.crop, .blurSigma = plan.blurSigma};
  });
  expectEqual(plans, everything());
}

TEST(DeviceViews, AWideBlurEqualsTheCpuKernel) {
  const auto plans = drawn(
      everything(), [](ViewPlan& plan) { plan = ViewPlan{.crop = plan.crop, .blurSigma = 6.5}; });
  expectEqual(plans, everything());
}

TEST(DeviceViews, WholeRecipesAreThoseOfTheCpu) {
  for (const bool flipsLast : {false, true}) {
    AugmentParams params = everything();
    params.flipLast = flipsLast;
    const auto plans = drawn(params, [](ViewPlan&) {});
    expectEqual(plans, params);
  }
}

TEST(DeviceViews, NormalizationEqualsTheCpuToTheBit) {
  const Pictures data(1);
  const std::array<double, 3> mean{0.485, 0.456, 0.406};
  const std::array<double, 3> std{0.229, 0.224, 0.225};
  const RgbImage image = *data.image(0);
  std::vector<float> expected(image.pixels.size());
  normalizeInto(image, mean, std, expected);
  torch::Tensor levels = torch::empty({1, image.height, image.width, 3});
  std::copy(image.pixels.begin(), image.pixels.end(), levels.data_ptr<float>());
  const torch::Tensor found =
      normalizedViews(levels.permute({0, 3, 1, 2}), mean, std).permute({0, 2, 3, 1}).contiguous();
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), found.const_data_ptr<float>()));
}

}  // namespace
}  // namespace barlow
