#include "core/training/pictures.h"

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
  const std::vector<ViewPair> pairs(
      5, ViewPair{.sample = 0, .a = RgbImage(32, 32), .b = RgbImage(32, 32)});
  EXPECT_GE(drawViewPairs(pairs).width, 4 * 2 * 64);
}

TEST(Pictures, PairsComeBackFromTheirSheet) {
  std::vector<ViewPair> pairs;
  for (int i = 0; i < 5; ++i) {  // a row of four and a short one
    ViewPair pair{.sample = -1, .a = RgbImage(20, 20), .b = RgbImage(20, 20)};
    for (std::size_t k = 0; k < pair.a.pixels.size(); ++k) {
      pair.a.pixels[k] = static_cast<std::uint8_t>(k * 7 + static_cast<std::size_t>(i));
      pair.b.pixels[k] = static_cast<std::uint8_t>(k * 3 + static_cast<std::size_t>(i));
    }
    pairs.push_back(pair);
  }
  EXPECT_EQ(viewPairsOn(drawViewPairs(pairs), 20), pairs);
  EXPECT_TRUE(viewPairsOn(drawViewPairs({}), 20).empty());
  EXPECT_TRUE(viewPairsOn(RgbImage(3, 3), 20).empty());
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
