#include "core/recording/pictures.h"

#include "core/matrix/color_map.h"
#include "core/matrix/color_scale.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace barlow {
namespace {

using Pixel = std::array<std::uint8_t, 3>;

Pixel pixelOf(const RgbImage& image, int x, int y) {
  const std::uint8_t* pixel = image.row(y) + 3 * x;
  return {pixel[0], pixel[1], pixel[2]};
}

Pixel colorOf(float value) {
  const std::uint32_t color = ColorScale(ColorSettings{}).color(value);
  return {static_cast<std::uint8_t>(color >> 16),
          static_cast<std::uint8_t>(color >> 8),
          static_cast<std::uint8_t>(color)};
}

TEST(Pictures, UseTheFixedScale) {
  EXPECT_EQ(divergingColor(-5), divergingMap().front());
  EXPECT_EQ(divergingColor(1), divergingMap().back());
  EXPECT_EQ(divergingColor(std::numeric_limits<float>::quiet_NaN()), (Pixel{255, 0, 255}));
  const Pixel zero = divergingColor(0);
  EXPECT_NEAR(zero[0], zero[2], 4);
  constexpr std::array<float, 4> kCells = {1, -1, 0, 1};
  const auto matrix = MatrixPyramid::build(Matrix::generated(
      2, 2, [&](auto i, auto j) { return kCells[static_cast<std::size_t>(2 * i + j)]; }));
  const RgbImage image = drawMatrix(*matrix, 100);
  EXPECT_EQ(pixelOf(image, 16 + 25, 16 + 25), colorOf(1));
  EXPECT_EQ(pixelOf(image, 16 + 75, 16 + 25), colorOf(-1));
  EXPECT_EQ(pixelOf(image, 16 + 25, 16 + 75), colorOf(0));
  const SampleViews::View view{.image = RgbImage(32, 32), .plan = {}};
  const std::vector<SampleViews> samples(5, {.sample = 0, .views = {view, view}});
  EXPECT_GE(drawSampleViews(samples).width, 4 * 2 * 64);
}

TEST(Pictures, ViewsComeBackFromTheirSheet) {
  for (const int crops : {0, 1, 6, 9}) {
    for (const int cropSide : {12, 30}) {
      std::vector<SampleViews> samples;
      for (int i = 0; i < 5; ++i) {  // a row of four and a short one
        SampleViews sample{.sample = -1, .views = {}};
        for (int view = 0; view < 2 + crops; ++view) {
          const int side = view < 2 ? 20 : cropSide;
          RgbImage image(side, side);
          for (std::size_t k = 0; k < image.pixels.size(); ++k) {
            image.pixels[k] = static_cast<std::uint8_t>(k * 7 + static_cast<std::size_t>(i + view));
          }
          sample.views.push_back({.image = image, .plan = {}});
        }
        samples.push_back(sample);
      }
      EXPECT_EQ(sampleViewsOn(drawSampleViews(samples), 20, crops, cropSide), samples)
          << crops << " of " << cropSide;
    }
  }
  EXPECT_TRUE(sampleViewsOn(drawSampleViews({}), 20, 0, 16).empty());
  EXPECT_TRUE(sampleViewsOn(RgbImage(3, 3), 20, 6, 16).empty());
}

TEST(Pictures, ShowTheDiagonalOfALargeMatrix) {
  const auto matrix = MatrixPyramid::build(
      Matrix::generated(1030, 1030, [](auto i, auto j) { return i == j ? 1.0f : 0.0f; }));
  const RgbImage image = drawMatrix(*matrix, 300);
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(pixelOf(image, 16 + i, 16 + i), colorOf(1)) << "at " << i;
  }
}

}  // namespace
}  // namespace barlow
