#include "core/augment/augment.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <string>

namespace barlow {
namespace {

ViewPlan drawn(const AugmentParams& params,
               std::int64_t sample,
               View view = View::A,
               int width = 100,
               int height = 80) {
  return drawViewPlan(
      params, {.seed = 1, .epoch = 2, .sample = sample, .view = view}, width, height);
}

TEST(DrawViewPlan, DependsOnItsKeyAndOnNothingElse) {
  const AugmentParams params;
  EXPECT_EQ(drawn(params, 3), drawn(params, 3));
  EXPECT_NE(drawn(params, 3), drawn(params, 4));
  EXPECT_NE(drawn(params, 3, View::A).crop, drawn(params, 3, View::B).crop);
  EXPECT_NE(drawViewPlan(params, {.seed = 2, .epoch = 2, .sample = 3}, 100, 80), drawn(params, 3));
  EXPECT_NE(drawViewPlan(params, {.seed = 1, .epoch = 3, .sample = 3}, 100, 80), drawn(params, 3));
}

TEST(DrawViewPlan, EditingOneProbabilityLeavesTheOtherDraws) {
  AugmentParams edited;
  edited.a.jitterProbability = 0.0;
  for (std::int64_t sample = 0; sample < 50; ++sample) {
    ViewPlan before = drawn(AugmentParams{}, sample);
    const ViewPlan after = drawn(edited, sample);
    EXPECT_FALSE(after.jitter);
    before.jitter.reset();
    EXPECT_EQ(before, after);
  }
}

// Expectations of torchvision's RandomResizedCrop(scale=(.08, 1)): area uniform, ratio log-uniform,
// placed uniformly; a try is rejected when it does not fit, which is more likely for large areas.
TEST(DrawViewPlan, CropsLieInsideWithTheRightAreasAndRatios) {
  AugmentParams params;
  params.a.cropScaleMax = 0.5;  // then every try fits into a square
  double area = 0;
  double logRatio = 0;
  double left = 0;
  constexpr int kDraws = 20'000;
  for (std::int64_t sample = 0; sample < kDraws; ++sample) {
    const auto crop = drawn(params, sample, View::A, 400, 400).crop;
    ASSERT_GE(crop.x, 0);
    ASSERT_GE(crop.y, 0);
    ASSERT_LE(crop.x + crop.width, 400);
    ASSERT_LE(crop.y + crop.height, 400);
    const double share = crop.width * crop.height / 160'000.0;
    ASSERT_GT(share, 0.078);
    ASSERT_LT(share, 0.503);
    area += share;
    logRatio += std::log(static_cast<double>(crop.width) / crop.height);
    left += crop.width == 400 ? 0.5 : static_cast<double>(crop.x) / (400 - crop.width);
  }
  EXPECT_NEAR(area / kDraws, 0.29, 0.004);
  EXPECT_NEAR(logRatio / kDraws, 0.0, 0.006);
  EXPECT_NEAR(left / kDraws, 0.5, 0.01);
}

TEST(DrawViewPlan, FallsBackToTheLargestCentredCrop) {
  AugmentParams params;
  params.a.cropScaleMin = params.a.cropScaleMax = 1.0;  // no ratio near 1 fits into a long picture
  const auto wide = drawn(params, 0, View::A, 400, 100).crop;
  EXPECT_EQ(wide, (ViewPlan::Crop{133, 0, 133, 100}));
  const auto high = drawn(params, 0, View::A, 90, 400).crop;
  EXPECT_EQ(high, (ViewPlan::Crop{0, 140, 90, 120}));
}

TEST(DrawViewPlan, KeepsItsProbabilitiesAndRanges) {
  const AugmentParams params = withRecipe(AugmentParams{}, Recipe::Imagenet);
  std::map<std::string, int> count;
  std::map<std::array<ColorOp, 4>, int> orders;
  constexpr int kDraws = 20'000;
  for (std::int64_t sample = 0; sample < kDraws; ++sample) {
    const ViewPlan a = drawn(params, sample);
    const ViewPlan b = drawn(params, sample, View::B);
    count["flip"] += a.flip ? 1 : 0;
    count["jitter"] += a.jitter ? 1 : 0;
    count["gray"] += a.gray ? 1 : 0;
    count["blur a"] += a.blurSigma > 0 ? 1 : 0;
    count["blur b"] += b.blurSigma > 0 ? 1 : 0;
    count["solarize a"] += a.solarizeThreshold ? 1 : 0;
    count["solarize b"] += b.solarizeThreshold ? 1 : 0;
    if (a.jitter) {
      ++orders[a.jitter->order];
      ASSERT_GE(a.jitter->brightness, 0.6);
      ASSERT_LE(a.jitter->brightness, 1.4);
      ASSERT_GE(a.jitter->saturation, 0.8);
      ASSERT_LE(a.jitter->saturation, 1.2);
      ASSERT_LE(std::abs(a.jitter->hue), 0.1);
    }
    ASSERT_LE(a.blurSigma, 2.0);
  }
  const auto near = [&](const char* name, double expected) {
    EXPECT_NEAR(static_cast<double>(count[name]) / kDraws, expected, 0.015)
        << name;  // more than four standard deviations
  };
  near("flip", 0.5);
  near("jitter", 0.8);
  near("gray", 0.2);
  near("blur a", 1.0);
  near("blur b", 0.1);
  near("solarize a", 0.0);
  near("solarize b", 0.2);
  EXPECT_EQ(orders.size(), 24u);
  for (const auto& [order, times] : orders) {
    EXPECT_NEAR(times, 0.8 * kDraws / 24, 130);  // five standard deviations
  }
}

TEST(Recipes, HaveTheirPublishedValues) {
  const auto recipe = [](Recipe name) { return withRecipe(AugmentParams{}, name); };
  EXPECT_EQ(recipe(Recipe::Imagenet).a.blurProbability, 1.0);
  EXPECT_EQ(recipe(Recipe::Imagenet).b.solarizeProbability, 0.2);
  EXPECT_TRUE(recipe(Recipe::CifarSolo).flipLast);
  EXPECT_EQ(recipe(Recipe::CifarSolo).a.blurProbability, 0.0);
  EXPECT_EQ(recipe(Recipe::CifarHsic).a.saturation, 0.4);
  EXPECT_EQ(recipe(Recipe::CifarHsic).b.solarizeProbability, 0.0);
  EXPECT_EQ(recipe(Recipe::CifarLightly).interpolation, Interpolation::Bilinear);
  const ViewPlan none = drawn(recipe(Recipe::None), 1, View::A, 64, 64);
  EXPECT_EQ(none, (ViewPlan{.crop = {0, 0, 64, 64}}));
}

}  // namespace
}  // namespace barlow
