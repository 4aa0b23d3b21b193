#include "core/matrix/viewport.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace barlow {
namespace {

using Pixels = std::vector<std::uint32_t>;

Pixels rendered(const MatrixPyramid& pyramid,
                const Viewport& viewport,
                const RenderSettings& settings = {},
                int threads = 1) {
  Pixels pixels(static_cast<std::size_t>(viewport.width) *
                static_cast<std::size_t>(viewport.height));
  renderViewport(pyramid, viewport, settings, pixels.data(), viewport.width, threads);
  return pixels;
}

// Share of the pixel columns over the matrix that show the diagonal of an identity.
double diagonalShare(const MatrixPyramid& pyramid, const Viewport& viewport) {
  const Pixels pixels = rendered(pyramid, viewport);
  const std::uint32_t strong = ColorScale({}).color(1);
  const auto side = static_cast<double>(pyramid.matrix().rows());
  int due = 0;
  int shown = 0;
  for (int x = 0; x < viewport.width; ++x) {
    const double from = viewport.column + x * viewport.cellsPerPixel;
    const double to = from + viewport.cellsPerPixel;
    // Columns whose diagonal entries are all inside the picture.
    if (from < std::max(0.0, viewport.row) || to > side ||
        to > viewport.row + viewport.height * viewport.cellsPerPixel) {
      continue;
    }
    ++due;
    for (int y = 0; y < viewport.height; ++y) {
      if (pixels[static_cast<std::size_t>(y * viewport.width + x)] == strong) {
        ++shown;
        break;
      }
    }
  }
  return due == 0 ? 1.0 : static_cast<double>(shown) / due;
}

TEST(RenderViewport, ShowsTheDiagonalAtEveryZoomAndOffset) {
  Rng rng(42);
  for (const std::int64_t side : {1, 2, 3, 513, 1000, 2048}) {
    const auto pyramid = MatrixPyramid::build(identityMatrix(side));
    for (int round = 0; round < 60; ++round) {
      const double zoom =
          std::pow(2.0, rng.uniform(-4, std::log2(2.0 * static_cast<double>(side))));
      const double center = rng.uniform(0, static_cast<double>(side));
      const Viewport viewport{.row = center - 150 * zoom + rng.uniform(-20, 20) * zoom,
                              .column = center - 150 * zoom,
                              .cellsPerPixel = zoom,
                              .width = 300,
                              .height = 300};
      EXPECT_GE(diagonalShare(*pyramid, viewport), 0.97)
          << side << " at " << viewport.row << ", " << viewport.column << " zoom " << zoom;
    }
  }
}

TEST(RenderViewport, ShowsTheDiagonalOf8192At1000Pixels) {
  const auto pyramid = MatrixPyramid::build(identityMatrix(8192));
  Rng rng(7);
  EXPECT_EQ(diagonalShare(*pyramid, fittedViewport(8192, 8192, 1000, 1000)), 1.0);
  for (int round = 0; round < 25; ++round) {
    Viewport viewport = fittedViewport(8192, 8192, 1000, 1000);
    viewport.row += round < 10 ? round : rng.uniform(-100, 100);
    viewport.column += round < 10 ? round : rng.uniform(-100, 100);
    EXPECT_GE(diagonalShare(*pyramid, viewport), 0.97) << viewport.row << ", " << viewport.column;
  }
}

TEST(RenderViewport, DrawsEveryCellOfAMagnifiedMatrixSharp) {
  const Matrix matrix = randomMatrix(7, 9, 3);
  const auto pyramid = MatrixPyramid::build(matrix);
  const Viewport viewport{
      .row = -1.0, .column = 0.5, .cellsPerPixel = 0.1, .width = 100, .height = 90};
  const Pixels pixels = rendered(*pyramid, viewport);
  const ColorScale scale({});
  for (int y = 0; y < 90; ++y) {
    for (int x = 0; x < 100; ++x) {
      const double row = viewport.row + (y + 0.5) * 0.1;
      const double column = viewport.column + (x + 0.5) * 0.1;
      const bool isInside = row >= 0 && row < 7 && column < 9;
      const std::uint32_t expected = isInside
                                         ? scale.color(matrix.at(static_cast<std::int64_t>(row),
                                                                 static_cast<std::int64_t>(column)))
                                         : scale.settings().outside;
      ASSERT_EQ(pixels[static_cast<std::size_t>(y * 100 + x)], expected) << x << ", " << y;
    }
  }
}

TEST(RenderViewport, OneCellPerPixelIsTheMatrixItself) {
  const Matrix matrix = randomMatrix(64, 50, 4);
  const auto pyramid = MatrixPyramid::build(matrix);
  const ColorScale scale({});
  for (const Reduction reduction : {Reduction::Peak, Reduction::Mean, Reduction::Rms}) {
    const Pixels pixels =
        rendered(*pyramid,
                 {.row = 3, .column = 2, .cellsPerPixel = 1, .width = 40, .height = 30},
                 {.reduction = reduction});
    for (int y = 0; y < 30; ++y) {
      for (int x = 0; x < 40; ++x) {
        const float value = matrix.at(y + 3, x + 2);
        ASSERT_EQ(pixels[static_cast<std::size_t>(y * 40 + x)],
                  scale.color(reduction == Reduction::Rms ? std::abs(value) : value));
      }
    }
  }
}

// What a pixel must show, from all source cells of the cells that readPixel names, one by one.
std::uint32_t expectedColor(const Matrix& matrix,
                            const PixelReading& reading,
                            const RenderSettings& settings) {
  const ColorScale scale(settings.color);
  double sum = 0;
  double squares = 0;
  double loss = 0;
  double largestLoss = 0;
  float peak = 0;
  std::int64_t count = 0;
  bool hasDiagonal = false;
  for (std::int64_t i = reading.firstRow; i <= reading.lastRow; ++i) {
    for (std::int64_t j = reading.firstColumn; j <= reading.lastColumn; ++j) {
      const bool isDiagonal = matrix.isSquare() && i == j;
      hasDiagonal = hasDiagonal || isDiagonal;
      if (isDiagonal && settings.diagonal == DiagonalStyle::Hidden) {
        continue;
      }
      const double value = matrix.at(i, j);
      const double term =
          isDiagonal ? (1 - value) * (1 - value) : matrix.origin().lambda * value * value;
      peak = std::abs(value) > std::abs(peak) ? static_cast<float>(value) : peak;
      sum += value;
      squares += value * value;
      loss += term;
      largestLoss = std::max(largestLoss, term);
      ++count;
    }
  }
  const auto size = static_cast<double>(count);
  const bool isPeak = settings.reduction == Reduction::Peak;
  const bool isRms = settings.reduction == Reduction::Rms;
  const double value = isPeak ? peak : isRms ? std::sqrt(squares / size) : sum / size;
  double shown = value;
  switch (settings.transform) {
    case ValueTransform::Value:
      break;
    case ValueTransform::Absolute:
      shown = std::abs(value);
      break;
    case ValueTransform::Square:
      shown = value * value;
      break;
    case ValueTransform::LossContribution:
      shown = isPeak ? largestLoss : loss / size;
      break;
  }
  return scale.color(static_cast<float>(shown));
}

int largestChannelDifference(std::uint32_t a, std::uint32_t b) {
  int largest = 0;
  for (int shift = 0; shift < 24; shift += 8) {
    largest = std::max(
        largest,
        std::abs(static_cast<int>(a >> shift & 0xff) - static_cast<int>(b >> shift & 0xff)));
  }
  return largest;
}

TEST(RenderViewport, EveryPixelIsTheReductionOfItsSourceCells) {
  Rng rng(9);
  for (const auto& [rows, columns] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{61, 61}, {67, 40}, {200, 200}, {5, 5}}) {
    const Matrix matrix = randomMatrix(rows, columns, 21, 0.3, {.lambda = 0.4});
    const auto pyramid = MatrixPyramid::build(matrix);
    for (int round = 0; round < 60; ++round) {
      RenderSettings settings;
      settings.reduction = static_cast<Reduction>(rng.below(3));
      settings.transform = static_cast<ValueTransform>(rng.below(4));
      settings.diagonal = rng.chance(0.5) ? DiagonalStyle::Hidden : DiagonalStyle::Shown;
      settings.coarsestLevel = rng.chance(0.3) ? static_cast<int>(rng.below(5)) : 0;
      settings.color = {.low = -1.4f, .high = 1.4f, .outside = 0xff010203};
      const Viewport viewport{.row = rng.uniform(-20, 20),
                              .column = rng.uniform(-20, 20),
                              .cellsPerPixel = std::pow(2.0, rng.uniform(-1, 5)),
                              .width = 60,
                              .height = 50};
      const Pixels pixels = rendered(*pyramid, viewport, settings);
      for (int y = 0; y < viewport.height; ++y) {
        for (int x = 0; x < viewport.width; ++x) {
          const std::uint32_t pixel = pixels[static_cast<std::size_t>(y * 60 + x)];
          const auto reading = readPixel(*pyramid, viewport, settings, x, y);
          if (!reading) {
            ASSERT_EQ(pixel, settings.color.outside) << x << ", " << y;
            continue;
          }
          ASSERT_LE(largestChannelDifference(pixel, expectedColor(matrix, *reading, settings)), 3)
              << x << ", " << y << " round " << round << " zoom " << viewport.cellsPerPixel;
        }
      }
    }
  }
}

TEST(RenderViewport, DimsTheDiagonalAndNothingElse) {
  const Matrix matrix = randomMatrix(100, 100, 2, 0.2);
  const auto pyramid = MatrixPyramid::build(matrix);
  const Viewport viewport = fittedViewport(100, 100, 70, 70);
  const Pixels shown = rendered(*pyramid, viewport);
  const Pixels dimmed = rendered(*pyramid, viewport, {.diagonal = DiagonalStyle::Dimmed});
  for (int y = 0; y < 70; ++y) {
    for (int x = 0; x < 70; ++x) {
      const auto at = static_cast<std::size_t>(y * 70 + x);
      EXPECT_EQ(shown[at] == dimmed[at], x != y) << x << ", " << y;
    }
  }
}

TEST(RenderViewport, ANanIsSeenAtEveryZoom) {
  const auto pyramid =
      MatrixPyramid::build(Matrix::generated(700, 700, [](std::int64_t i, std::int64_t j) {
        return i == 123 && j == 456 ? std::nanf("") : 0.1f;
      }));
  for (const double zoom : {0.5, 1.0, 1.7, 3.1, 7.3, 100.0}) {
    const Viewport viewport{.row = -0.3 * zoom,
                            .column = -0.7 * zoom,
                            .cellsPerPixel = zoom,
                            .width = static_cast<int>(800 / zoom) + 2,
                            .height = static_cast<int>(800 / zoom) + 2};
    const Pixels pixels = rendered(*pyramid, viewport);
    EXPECT_NE(std::count(pixels.begin(), pixels.end(), 0xffff00ffu), 0) << zoom;
  }
}

TEST(RenderViewport, IsTheSameForOneAndTwoThreadsAndRespectsTheStride) {
  const auto pyramid = MatrixPyramid::build(randomMatrix(300, 300, 8));
  const Viewport viewport{
      .row = -10, .column = 4.25, .cellsPerPixel = 1.37, .width = 211, .height = 190};
  const Pixels one = rendered(*pyramid, viewport);
  EXPECT_EQ(one, rendered(*pyramid, viewport, {}, 2));
  Pixels wide(220 * 190, 7u);
  renderViewport(*pyramid, viewport, {}, wide.data(), 220, 2);
  for (std::size_t y = 0; y < 190; ++y) {
    for (std::size_t x = 0; x < 220; ++x) {
      ASSERT_EQ(wide[y * 220 + x], x < 211 ? one[y * 211 + x] : 7u);
    }
  }
}

TEST(RenderViewport, RefusesWhatCannotBeDrawn) {
  const auto pyramid = MatrixPyramid::build(identityMatrix(4));
  EXPECT_THROW(rendered(*pyramid, {.cellsPerPixel = 0, .width = 1, .height = 1}), CheckFailure);
  EXPECT_THROW(rendered(*pyramid, {.row = std::nan(""), .width = 1, .height = 1}), CheckFailure);
  EXPECT_THROW(rendered(*pyramid, {.width = 1, .height = 1}, {.color = {.low = 2, .high = 1}}),
               Exception);
  EXPECT_TRUE(rendered(*pyramid, {.width = 0, .height = 0}).empty());
  const Pixels outside = rendered(*pyramid, {.row = 1e9, .column = -1e12, .width = 2, .height = 1});
  EXPECT_EQ(outside, (Pixels{0xff808080, 0xff808080}));
}

TEST(ReadPixel, NamesTheSourceCellBehindAPooledOne) {
  const Matrix matrix = randomMatrix(256, 256, 17, 0.5);
  const auto pyramid = MatrixPyramid::build(matrix);
  const Viewport viewport = fittedViewport(256, 256, 37, 37);
  for (const DiagonalStyle diagonal : {DiagonalStyle::Shown, DiagonalStyle::Hidden}) {
    for (int y = 0; y < 37; ++y) {
      for (int x = 0; x < 37; ++x) {
        const auto reading = readPixel(*pyramid, viewport, {.diagonal = diagonal}, x, y);
        ASSERT_TRUE(reading.has_value());
        EXPECT_TRUE(reading->isPooled());
        EXPECT_EQ(reading->level, 2);
        float strongest = 0;
        for (std::int64_t i = reading->firstRow; i <= reading->lastRow; ++i) {
          for (std::int64_t j = reading->firstColumn; j <= reading->lastColumn; ++j) {
            if (diagonal == DiagonalStyle::Shown || i != j) {
              strongest = std::max(strongest, std::abs(matrix.at(i, j)));
            }
          }
        }
        ASSERT_EQ(std::abs(reading->strongestValue), strongest);
        ASSERT_EQ(reading->value, reading->strongestValue);
        ASSERT_EQ(matrix.at(reading->strongest.row, reading->strongest.column),
                  reading->strongestValue);
      }
    }
  }
  EXPECT_FALSE(readPixel(*pyramid, viewport, {}, 37, 0).has_value());
  EXPECT_FALSE(readPixel(*pyramid, viewport, {}, 0, -1).has_value());
}

TEST(Viewport, FitsAndZoomsAtAPoint) {
  const Viewport fit = fittedViewport(100, 300, 600, 600);
  EXPECT_DOUBLE_EQ(fit.cellsPerPixel, 0.5);
  EXPECT_DOUBLE_EQ(fit.column, 0);
  EXPECT_DOUBLE_EQ(fit.row, -100);
  const Viewport near = zoomed(fit, 4, 200, 300);
  EXPECT_DOUBLE_EQ(near.cellsPerPixel, 0.125);
  EXPECT_DOUBLE_EQ(near.column + 200 * near.cellsPerPixel, fit.column + 200 * fit.cellsPerPixel);
  EXPECT_DOUBLE_EQ(near.row + 300 * near.cellsPerPixel, fit.row + 300 * fit.cellsPerPixel);
}

}  // namespace
}  // namespace barlow
