#include "core/matrix/pyramid.h"

#include "core/base/error.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Reduced {
  float peak = 0;
  double mean = 0;
  double rms = 0;
};

// The definition: all source cells of a cell, one after the other.
Reduced reference(const Matrix& matrix, int level, std::int64_t row, std::int64_t column) {
  Reduced result;
  double sum = 0;
  double squares = 0;
  std::int64_t count = 0;
  for (std::int64_t i = row << level; i < std::min((row + 1) << level, matrix.rows()); ++i) {
    for (std::int64_t j = column << level; j < std::min((column + 1) << level, matrix.columns());
         ++j) {
      const float value = matrix.at(i, j);
      if (std::abs(value) > std::abs(result.peak)) {
        result.peak = value;
      }
      sum += value;
      squares += static_cast<double>(value) * value;
      ++count;
    }
  }
  result.mean = sum / static_cast<double>(count);
  result.rms = std::sqrt(squares / static_cast<double>(count));
  return result;
}

class PyramidOfShape : public testing::TestWithParam<std::pair<std::int64_t, std::int64_t>> {};

TEST_P(PyramidOfShape, ReducesWhatEachCellCovers) {
  const auto [rows, columns] = GetParam();
  const Matrix matrix = randomMatrix(rows, columns, 5);
  const auto pyramid = MatrixPyramid::build(matrix);
  ASSERT_NE(pyramid, nullptr);
  EXPECT_EQ(pyramid->rows(pyramid->levels() - 1), 1);
  EXPECT_EQ(pyramid->columns(pyramid->levels() - 1), 1);
  for (int level = 0; level < pyramid->levels(); ++level) {
    for (std::int64_t i = 0; i < pyramid->rows(level); ++i) {
      for (std::int64_t j = 0; j < pyramid->columns(level); ++j) {
        const Reduced expected = reference(matrix, level, i, j);
        ASSERT_EQ(pyramid->value(Reduction::Peak, level, i, j), expected.peak)
            << level << ": " << i << ", " << j;
        ASSERT_NEAR(pyramid->value(Reduction::Mean, level, i, j), expected.mean, 2e-6);
        ASSERT_NEAR(pyramid->value(Reduction::Rms, level, i, j), expected.rms, 2e-6);
        const CellIndex source = pyramid->locatePeak(level, i, j);
        ASSERT_EQ(matrix.at(source.row, source.column), expected.peak);
        ASSERT_EQ(source.row >> level, i);
        ASSERT_EQ(source.column >> level, j);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes,
                         PyramidOfShape,
                         testing::Values(std::pair{1, 1},
                                         std::pair{2, 2},
                                         std::pair{3, 3},
                                         std::pair{1, 9},
                                         std::pair{7, 2},
                                         std::pair{64, 64},
                                         std::pair{65, 65},
                                         std::pair{100, 37},
                                         std::pair{131, 197},
                                         std::pair{257, 257}));

TEST(MatrixPyramid, KnowsItsDiagonalCellsApart) {
  for (const std::int64_t side : {1, 2, 5, 37, 130}) {
    const Matrix matrix = randomMatrix(side, side, 11);
    const auto pyramid = MatrixPyramid::build(matrix);
    for (int level = 0; level < pyramid->levels(); ++level) {
      for (std::int64_t k = 0; k < pyramid->rows(level); ++k) {
        const DiagonalCell& cell = pyramid->diagonalCells(level)[static_cast<std::size_t>(k)];
        const std::int64_t first = k << level;
        const std::int64_t end = std::min((k + 1) << level, side);
        float peak = 0;
        double sum = 0;
        double squares = 0;
        double terms = 0;
        double largest = 0;
        for (std::int64_t i = first; i < end; ++i) {
          const double term = std::pow(1.0 - matrix.at(i, i), 2);
          terms += term;
          largest = std::max(largest, term);
          for (std::int64_t j = first; j < end; ++j) {
            if (i != j) {
              const float value = matrix.at(i, j);
              peak = std::abs(value) > std::abs(peak) ? value : peak;
              sum += value;
              squares += static_cast<double>(value) * value;
            }
          }
        }
        const auto others = static_cast<double>(cell.otherCount);
        ASSERT_EQ(cell.otherCount, (end - first) * (end - first - 1));
        ASSERT_EQ(cell.diagonalCount, end - first);
        ASSERT_NEAR(cell.largestTerm, largest, 1e-6);
        ASSERT_NEAR(cell.meanTerm, terms / static_cast<double>(end - first), 1e-6);
        const CellIndex source = pyramid->locatePeak(level, k, k, false);
        if (cell.otherCount == 0) {
          ASSERT_EQ(source.row, -1);
          continue;
        }
        ASSERT_EQ(cell.otherPeak, peak);
        ASSERT_NEAR(cell.otherMean, sum / others, 2e-6);
        ASSERT_NEAR(cell.otherMeanSquare, squares / others, 2e-6);
        ASSERT_EQ(matrix.at(source.row, source.column), peak);
        ASSERT_NE(source.row, source.column);
      }
    }
  }
}

TEST(MatrixPyramid, NeverHidesNanAndFindsIt) {
  const Matrix matrix = Matrix::generated(
      150, 150, [](std::int64_t i, std::int64_t j) { return i == 77 && j == 103 ? kNan : 0.5f; });
  const auto pyramid = MatrixPyramid::build(matrix);
  for (int level = 0; level < pyramid->levels(); ++level) {
    for (const Reduction reduction : {Reduction::Peak, Reduction::Mean, Reduction::Rms}) {
      EXPECT_TRUE(std::isnan(pyramid->value(reduction, level, 77 >> level, 103 >> level)));
    }
    EXPECT_EQ(pyramid->locatePeak(level, 77 >> level, 103 >> level), (CellIndex{77, 103}));
  }
  EXPECT_EQ(pyramid->value(Reduction::Peak, 3, 0, 0), 0.5f);
}

TEST(MatrixPyramid, CarriesInfinities) {
  const Matrix matrix = Matrix::generated(4, 4, [](std::int64_t i, std::int64_t j) {
    return i == 1 && j == 2 ? -std::numeric_limits<float>::infinity() : 1.0f;
  });
  const auto pyramid = MatrixPyramid::build(matrix);
  EXPECT_EQ(pyramid->value(Reduction::Peak, 2, 0, 0), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(pyramid->value(Reduction::Mean, 2, 0, 0), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(pyramid->value(Reduction::Rms, 2, 0, 0), std::numeric_limits<float>::infinity());
  EXPECT_EQ(pyramid->locatePeak(2, 0, 0), (CellIndex{1, 2}));
}

TEST(MatrixPyramid, IsTheSameForOneAndTwoThreads) {
  const Matrix matrix = randomMatrix(333, 555, 3);
  const auto one = MatrixPyramid::build(matrix, {.threads = 1});
  const auto two = MatrixPyramid::build(matrix, {.threads = 2});
  for (int level = 0; level < one->levels(); ++level) {
    for (std::int64_t i = 0; i < one->rows(level); ++i) {
      for (std::int64_t j = 0; j < one->columns(level); ++j) {
        ASSERT_EQ(one->value(Reduction::Mean, level, i, j),
                  two->value(Reduction::Mean, level, i, j));
        ASSERT_EQ(one->value(Reduction::Rms, level, i, j), two->value(Reduction::Rms, level, i, j));
      }
    }
  }
}

TEST(MatrixPyramid, TakesAsMuchMemoryAgainAsTheMatrix) {
  const auto pyramid = MatrixPyramid::build(randomMatrix(1024, 1024, 1));
  EXPECT_LT(static_cast<double>(pyramid->bytes()), 2.1 * 1024 * 1024 * 4);
}

TEST(MatrixPyramid, StopsReportsAndRefuses) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(MatrixPyramid::build(identityMatrix(64), {.stop = stop.get_token()}), nullptr);
  double progress = 0;
  EXPECT_NE(MatrixPyramid::build(identityMatrix(64),
                                 {.progress = [&](double share) { progress = share; }}),
            nullptr);
  EXPECT_EQ(progress, 1.0);
  EXPECT_THROW(MatrixPyramid::build(Matrix()), Exception);
  EXPECT_THROW(MatrixPyramid::build(Matrix::generated(
                   kMaxMatrixSide + 1, 1, [](std::int64_t, std::int64_t) { return 0.0f; })),
               Exception);
}

}  // namespace
}  // namespace barlow
