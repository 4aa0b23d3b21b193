#include "core/training/matrix_summary.h"

#include "core/objectives/barlow_twins_loss.h"
#include "core/matrix/color_map.h"
#include "core/training/pictures.h"

#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

torch::Tensor formula(std::int64_t n, std::int64_t d, double speed) {
  return standardize(torch::arange(n * d, torch::kFloat32).mul(speed).sin().view({n, d}));
}

class Pooling : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(Pooling, EqualsBlockByBlock) {
  const auto [dimensions, maxSide] = GetParam();
  const torch::Tensor a = formula(12, dimensions, 0.37);
  const torch::Tensor b = formula(12, dimensions, 0.53);
  const MatrixPicture picture = summarizeMatrix(a, b, maxSide);
  const torch::Tensor c = torch::mm(a.t(), b) / 12;
  ASSERT_EQ(picture.side, std::min(dimensions, maxSide));
  for (std::int64_t i = 0; i < picture.side; ++i) {
    for (std::int64_t j = 0; j < picture.side; ++j) {
      const torch::Tensor block = c.slice(0, picture.blockStart(i), picture.blockStart(i + 1))
                                      .slice(1, picture.blockStart(j), picture.blockStart(j + 1));
      const auto at = static_cast<std::size_t>(i * picture.side + j);
      ASSERT_NEAR(picture.mean[at], block.mean().item<float>(), 1e-5);
      ASSERT_NEAR(picture.rms[at], block.square().mean().sqrt().item<float>(), 1e-5);
      ASSERT_NEAR(std::abs(picture.peak[at]), block.abs().max().item<float>(), 1e-5);
      ASSERT_NEAR((block - picture.peak[at]).abs().min().item<float>(), 0.0, 1e-5)
          << "the sign is wrong";
    }
  }
  for (std::int64_t i = 0; i < dimensions; ++i) {
    ASSERT_NEAR(picture.diagonal[static_cast<std::size_t>(i)], c[i][i].item<float>(), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sizes,
    Pooling,
    testing::Values(std::pair{5, 512}, std::pair{48, 16}, std::pair{50, 16}, std::pair{33, 32}));

TEST(MatrixSummary, ShowsTheDiagonalAtAnySize) {
  const torch::Tensor z = formula(256, 1030, 0.37);
  const MatrixPicture picture = summarizeMatrix(z, z);
  EXPECT_EQ(picture.side, 512);
  for (std::int64_t i = 0; i < picture.side; ++i) {
    ASSERT_NEAR(picture.peak[static_cast<std::size_t>(i * 513)], 1.0f, 2e-3f)
        << "a mean or a sample would lose it";
  }
}

TEST(Pictures, UseTheFixedScale) {
  EXPECT_EQ(divergingColor(-5), divergingMap().front());
  EXPECT_EQ(divergingColor(1), divergingMap().back());
  EXPECT_EQ(divergingColor(std::nanf("")), (Rgb{255, 0, 255}));
  const Rgb zero = divergingColor(0);
  EXPECT_NEAR(zero[0], zero[2], 4);
  MatrixPicture picture{
      .dimensions = 2, .side = 2, .peak = {1, -1, 0, 1}, .mean = {}, .rms = {}, .diagonal = {}};
  const RgbImage image = drawMatrix(picture, MatrixLayer::Peak, 100);
  const auto at = [&](int x, int y) {
    return Rgb{image.row(y)[3 * x], image.row(y)[3 * x + 1], image.row(y)[3 * x + 2]};
  };
  EXPECT_EQ(at(16 + 25, 16 + 25), divergingColor(1));
  EXPECT_EQ(at(16 + 75, 16 + 25), divergingColor(-1));
  EXPECT_EQ(at(16 + 25, 16 + 75), divergingColor(0));
  const std::vector<ViewPair> pairs(
      5, ViewPair{.sample = 0, .a = RgbImage(32, 32), .b = RgbImage(32, 32)});
  EXPECT_GE(drawViewPairs(pairs).width, 4 * 2 * 64);
}

}  // namespace
}  // namespace barlow
