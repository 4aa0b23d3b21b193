#include "ui/plots/matrix_scene.h"

#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace barlow::ui {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
const std::vector<double> kRatios{1, 1.5, 2};

using Pyramid = std::shared_ptr<const MatrixPyramid>;

MatrixFrame frameOf(const Pyramid& pyramid, const QSizeF& size, double ratio) {
  const MatrixRoom room{.rows = pyramid->matrix().rows(),
                        .columns = pyramid->matrix().columns(),
                        .available = {QPointF(30, 20), size},
                        .ratio = ratio};
  return {room, room.fitted()};
}

QImage drawn(const MatrixScene& scene, const Viewport& viewport) {
  MatrixRaster raster;
  raster.draw(scene, viewport);
  return raster.image().copy();
}

// What a pixel of a matrix should be, straight from its definition: the strongest of the cells
// whose centres are in the pixel, or the cell at its centre.
float strongestBehind(const Matrix& matrix, const Viewport& viewport, int x, int y) {
  const double scale = viewport.cellsPerPixel;
  float best = kNan;
  for (std::int64_t i = 0; i < matrix.rows(); ++i) {
    for (std::int64_t j = 0; j < matrix.columns(); ++j) {
      const bool isInside = scale >= 1
                                ? std::floor((static_cast<double>(j) + 0.5) / scale) == x &&
                                      std::floor((static_cast<double>(i) + 0.5) / scale) == y
                                : std::floor((x + 0.5) * scale) == static_cast<double>(j) &&
                                      std::floor((y + 0.5) * scale) == static_cast<double>(i);
      if (isInside && (std::isnan(best) || std::abs(matrix.at(i, j)) > std::abs(best))) {
        best = matrix.at(i, j);
      }
    }
  }
  return best;
}

TEST(MatrixRaster, EveryPixelIsWhatItShouldBeAtEveryDeviceRatio) {
  const ColorScale scale{ColorSettings{}};
  // Magnified, one to one, and pooled by whole and broken numbers below two (level 0).
  for (const auto& [rows, columns] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {1, 1}, {2, 2}, {9, 9}, {40, 40}, {60, 60}, {64, 64}, {9, 30}}) {
    const Pyramid pyramid = MatrixPyramid::build(randomMatrix(rows, columns, 3, 0.6));
    for (const double ratio : kRatios) {
      const MatrixFrame frame = frameOf(pyramid, {40.7, 40.3}, ratio);
      const QImage image = drawn({.first = pyramid}, frame.viewport());
      ASSERT_EQ(image.size(), frame.deviceArea().size());
      for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
          ASSERT_EQ(image.pixel(x, y),
                    scale.color(strongestBehind(pyramid->matrix(), frame.viewport(), x, y)))
              << rows << " x " << columns << " at " << ratio << ", pixel " << x << " " << y;
        }
      }
    }
  }
}

TEST(MatrixRaster, ShowsTheDiagonalAtEveryPlace) {
  Rng rng(9);
  const std::uint32_t strong = ColorScale({}).color(1);
  for (const std::int64_t side : {300, 1000, 2048}) {
    const Pyramid pyramid = MatrixPyramid::build(identityMatrix(side));
    for (int trial = 0; trial < 40; ++trial) {
      MatrixRoom room = frameOf(pyramid, {230, 230}, kRatios[rng.below(3)]).room();
      const double at = rng.uniform(0, static_cast<double>(side));
      const MatrixFrame frame(
          room,
          {.row = at,
           .column = at,
           .cellsPerPixel = static_cast<double>(side) / 230 * rng.uniform(0.05, 1)});
      const QImage image = drawn({.first = pyramid}, frame.viewport());
      int seen = 0;
      for (int x = 0; x < image.width(); ++x) {
        bool isSeen = false;
        for (int y = 0; y < image.height() && !isSeen; ++y) {
          isSeen = image.pixel(x, y) == strong;
        }
        seen += isSeen ? 1 : 0;
      }
      EXPECT_GE(seen, image.width() * 97 / 100) << side << " around " << at;
    }
  }
}

TEST(MatrixRaster, NumbersThatAreNoneHaveTheirOwnColours) {
  const std::vector<float> values{kNan, kInfinity, -kInfinity, 0.5f};
  const Pyramid pyramid = MatrixPyramid::build(Matrix::generated(
      2, 2, [&](auto i, auto j) { return values[static_cast<std::size_t>(2 * i + j)]; }));
  const MatrixScene scene{.first = pyramid};
  const QImage image = drawn(scene, frameOf(pyramid, {20, 20}, 1).viewport());
  EXPECT_EQ(image.pixel(5, 5), scene.settings.color.nan);
  EXPECT_EQ(image.pixel(15, 5), scene.settings.color.over);
  EXPECT_EQ(image.pixel(5, 15), scene.settings.color.under);
  EXPECT_EQ(image.pixel(15, 15), ColorScale({}).color(0.5f));
}

class ComparedMatrices : public testing::Test {
 protected:
  Pyramid first = MatrixPyramid::build(randomMatrix(50, 50, 1));
  Pyramid second = MatrixPyramid::build(randomMatrix(50, 50, 2));
  Viewport viewport = frameOf(first, {100, 100}, 1).viewport();
};

TEST_F(ComparedMatrices, ASplitShowsEachOnItsSide) {
  const QImage one = drawn({.first = first}, viewport);
  const QImage two = drawn({.first = second}, viewport);
  for (const auto compare : {MatrixCompare::SplitVertical, MatrixCompare::SplitHorizontal}) {
    for (const double split : {0.0, 0.3, 1.0}) {
      const MatrixScene scene{.first = first, .second = second, .compare = compare, .split = split};
      const QImage image = drawn(scene, viewport);
      const int line = static_cast<int>(100 * split);
      for (int y = 0; y < 100; ++y) {
        for (int x = 0; x < 100; ++x) {
          const bool isFirst = (compare == MatrixCompare::SplitVertical ? x : y) < line;
          ASSERT_EQ(image.pixel(x, y), (isFirst ? one : two).pixel(x, y)) << x << " " << y;
          ASSERT_EQ(&scene.at({x, y}, viewport), isFirst ? first.get() : second.get());
        }
      }
    }
  }
}

TEST_F(ComparedMatrices, FlickerShowsOneAtATime) {
  MatrixScene scene{.first = first, .second = second, .compare = MatrixCompare::Flicker};
  EXPECT_EQ(drawn(scene, viewport), drawn({.first = first}, viewport));
  scene.showsSecond = true;
  EXPECT_EQ(drawn(scene, viewport), drawn({.first = second}, viewport));
  scene.second = nullptr;
  EXPECT_EQ(drawn(scene, viewport), drawn({.first = first}, viewport)) << "nothing to compare";
}

TEST_F(ComparedMatrices, RedAndBlueSayWhichIsStronger) {
  const auto cells = [](std::vector<float> values) {
    return MatrixPyramid::build(Matrix::generated(
        2, 3, [&](auto i, auto j) { return values[static_cast<std::size_t>(3 * i + j)]; }));
  };
  const MatrixScene scene{.first = cells({1, 0, -1, 0, 0.5f, kNan}),
                          .second = cells({0, -1, 1, 0, 0.5f, 0}),
                          .compare = MatrixCompare::RedBlue};
  const QImage image = drawn(scene, frameOf(scene.first, {30, 30}, 1).viewport());
  EXPECT_EQ(image.pixel(5, 5), kOnlyFirst);
  EXPECT_EQ(image.pixel(15, 5), kOnlySecond);
  EXPECT_EQ(image.pixel(25, 5), 0xffffffff) << "both, whatever their signs";
  EXPECT_EQ(image.pixel(5, 15), 0xff000000);
  const QColor half(image.pixel(15, 15));
  EXPECT_EQ(half.red(), half.blue());
  EXPECT_NEAR(half.red(), 128, 2);
  EXPECT_EQ(image.pixel(25, 15), scene.settings.color.nan);
}

// Pixels that stamping one mark changes.
QRegion changedBy(const MatrixScene& scene, const Viewport& viewport, CellIndex mark) {
  MatrixRaster raster;
  raster.draw(scene, viewport);
  const QImage before = raster.image().copy();
  raster.stampMarks({mark}, viewport, 1);
  QRegion changed;
  for (int y = 0; y < before.height(); ++y) {
    for (int x = 0; x < before.width(); ++x) {
      if (raster.image().pixel(x, y) != before.pixel(x, y)) {
        changed += QRect(x, y, 1, 1);
      }
    }
  }
  return changed;
}

TEST(MatrixMarks, AreSeenWhereACellIsFarSmallerThanAPixel) {
  const Pyramid pyramid = MatrixPyramid::build(randomMatrix(2000, 2000, 4, 0.9));
  MatrixScene scene{.first = pyramid};
  const Viewport viewport = frameOf(pyramid, {100, 100}, 1).viewport();
  for (const float high : {1.0f, 1e-6f, 1e6f}) {  // many colours, strong ones, all pale
    scene.settings.color.low = -high;
    scene.settings.color.high = high;
    const QRegion changed = changedBy(scene, viewport, {500, 1200});
    EXPECT_TRUE(QRect(55, 20, 11, 11).contains(changed.boundingRect()))
        << "around its place at 60, 25";
    int pixels = 0;
    for (const QRect& rect : changed) {
      pixels += rect.width() * rect.height();
    }
    EXPECT_GE(pixels, 20);
    EXPECT_FALSE(changed.contains(QPoint(60, 25))) << "what is marked stays in sight";
  }
}

TEST(MatrixMarks, FrameAMagnifiedCell) {
  const Pyramid pyramid = MatrixPyramid::build(randomMatrix(4, 4, 4));
  const Viewport viewport = frameOf(pyramid, {80, 80}, 1).viewport();
  const QRegion changed = changedBy({.first = pyramid}, viewport, {1, 2});
  EXPECT_EQ(changed.boundingRect(), QRect(40, 20, 20, 20));
  EXPECT_FALSE(changed.intersects(QRect(43, 23, 14, 14)));
}

TEST(MatrixMarks, AtAndBeyondTheEdgesAreCut) {
  const Pyramid pyramid = MatrixPyramid::build(randomMatrix(300, 300, 4));
  Viewport viewport = frameOf(pyramid, {60, 60}, 1).viewport();
  EXPECT_FALSE(changedBy({.first = pyramid}, viewport, {0, 0}).isEmpty());
  EXPECT_FALSE(changedBy({.first = pyramid}, viewport, {299, 299}).isEmpty());
  viewport.row = 200;
  EXPECT_TRUE(changedBy({.first = pyramid}, viewport, {100, 10}).isEmpty());
}

}  // namespace
}  // namespace barlow::ui
