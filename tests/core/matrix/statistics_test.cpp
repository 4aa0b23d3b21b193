#include "core/matrix/statistics.h"

#include "core/base/check.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<RankedCell> offDiagonalCells(const Matrix& matrix) {
  std::vector<RankedCell> cells;
  for (std::int64_t i = 0; i < matrix.rows(); ++i) {
    for (std::int64_t j = 0; j < matrix.columns(); ++j) {
      if ((!matrix.isSquare() || i != j) && !std::isnan(matrix.at(i, j))) {
        cells.push_back({{i, j}, matrix.at(i, j)});
      }
    }
  }
  return cells;
}

// The first `count` in the order of `key`, largest first, equal ones in row-major order.
template <class Key>
std::vector<RankedCell> sortedBy(std::vector<RankedCell> cells, std::size_t count, Key key) {
  std::stable_sort(cells.begin(), cells.end(), [&](const RankedCell& a, const RankedCell& b) {
    return key(a.value) > key(b.value);
  });
  cells.resize(std::min(cells.size(), count));
  return cells;
}

TEST(LowestLoss, IsThatOfTheTableOfKnownRuns) {
  // N, D, lambda, floor, mean diagonal: descent on free embeddings and published runs.
  EXPECT_NEAR(lowestLoss(9, 48, 0.05).loss, 9.6, 1e-9);
  EXPECT_NEAR(lowestLoss(9, 48, 0.05).meanDiagonal, 0.8, 1e-9);
  EXPECT_NEAR(lowestLoss(17, 64, 0.0051).loss, 0.96444, 1e-5);
  EXPECT_NEAR(lowestLoss(2048, 8192, 0.0051).loss, 123.5, 0.05);
  EXPECT_NEAR(lowestLoss(256, 8192, 0.005).loss, 1103, 0.5);
  EXPECT_EQ(lowestLoss(512, 256, 0.005).loss, 0);
  EXPECT_EQ(lowestLoss(512, 256, 0.005).meanDiagonal, 1);
}

class StatisticsOfShape : public testing::TestWithParam<std::pair<std::int64_t, std::int64_t>> {};

TEST_P(StatisticsOfShape, AreThoseOfTheDefinitions) {
  const auto [rows, columns] = GetParam();
  const Matrix matrix = randomMatrix(rows, columns, 77, 0.4, {.n = 64, .lambda = 0.0051});
  const auto statistics = computeStatistics(matrix, {.topCount = 50});
  ASSERT_NE(statistics, nullptr);
  const auto cells = offDiagonalCells(matrix);
  double squares = 0;
  double on = 0;
  double sum = 0;
  float largest = 0;
  for (const RankedCell& cell : cells) {
    squares += static_cast<double>(cell.value) * cell.value;
    largest = std::max(largest, std::abs(cell.value));
  }
  if (rows == columns) {
    for (std::int64_t i = 0; i < rows; ++i) {
      on += std::pow(matrix.at(i, i) - 1.0, 2);
      sum += matrix.at(i, i);
      EXPECT_EQ(statistics->diagonal[static_cast<std::size_t>(i)], matrix.at(i, i));
    }
    ASSERT_TRUE(statistics->loss.has_value());
    EXPECT_NEAR(statistics->loss->onDiagonal, on, 1e-9);
    EXPECT_NEAR(statistics->loss->offDiagonal, squares, 1e-9 * squares);
    EXPECT_NEAR(statistics->loss->loss, on + 0.0051 * squares, 1e-9 * (1 + squares));
    EXPECT_EQ(statistics->loss->floor->loss, lowestLoss(64, rows, 0.0051).loss);
    EXPECT_NEAR(statistics->meanDiagonal, sum / static_cast<double>(rows), 1e-12);
    EXPECT_EQ(static_cast<float>(statistics->minDiagonal),
              *std::min_element(statistics->diagonal.begin(), statistics->diagonal.end()));
    EXPECT_EQ(statistics->diagonal[static_cast<std::size_t>(statistics->minDiagonalIndex)],
              static_cast<float>(statistics->minDiagonal));
  } else {
    EXPECT_FALSE(statistics->loss.has_value());
    EXPECT_TRUE(statistics->diagonal.empty());
  }
  EXPECT_EQ(statistics->maxOffDiagonal, largest);
  EXPECT_NEAR(statistics->rmsOffDiagonal,
              cells.empty() ? 0 : std::sqrt(squares / static_cast<double>(cells.size())),
              1e-9);
  EXPECT_EQ(*statistics->noiseLevel, 0.125);
  EXPECT_EQ(statistics->offDiagonalHistogram.total(), cells.size());
  EXPECT_EQ(statistics->diagonalHistogram.total(), statistics->diagonal.size());
  for (std::int64_t i = 0; i < rows; ++i) {
    double row = 0;
    std::int64_t count = 0;
    for (const RankedCell& cell : cells) {
      if (cell.cell.row == i) {
        row += static_cast<double>(cell.value) * cell.value;
        ++count;
      }
    }
    EXPECT_NEAR(statistics->rowRms[static_cast<std::size_t>(i)],
                count > 0 ? std::sqrt(row / static_cast<double>(count)) : 0,
                1e-6);
  }
  EXPECT_EQ(statistics->largest, sortedBy(cells, 50, [](float v) { return v; }));
  EXPECT_EQ(statistics->smallest, sortedBy(cells, 50, [](float v) { return -v; }));
  EXPECT_EQ(statistics->strongest(50), sortedBy(cells, 50, [](float v) { return std::abs(v); }));
  EXPECT_EQ(statistics->strongest(3), sortedBy(cells, 3, [](float v) { return std::abs(v); }));
}

INSTANTIATE_TEST_SUITE_P(Shapes,
                         StatisticsOfShape,
                         testing::Values(std::pair{1, 1},
                                         std::pair{2, 2},
                                         std::pair{5, 5},
                                         std::pair{3, 7},
                                         std::pair{40, 1},
                                         std::pair{120, 120}));

TEST(Statistics, RanksEqualValuesInRowMajorOrder) {
  // Few different values, many pairs: whatever the threads do, the first ones count.
  const Matrix matrix = Matrix::generated(300, 300, [](std::int64_t i, std::int64_t j) {
    return static_cast<float>((i * 7 + j * 3) % 11 - 5) / 10;
  });
  const auto cells = offDiagonalCells(matrix);
  for (const int threads : {1, 2}) {
    const auto statistics = computeStatistics(matrix, {.topCount = 999}, {.threads = threads});
    EXPECT_EQ(statistics->largest, sortedBy(cells, 999, [](float v) { return v; }));
    EXPECT_EQ(statistics->strongest(999),
              sortedBy(cells, 999, [](float v) { return std::abs(v); }));
  }
}

TEST(Statistics, CountAnythingAndLeaveNanOut) {
  const Matrix matrix = Matrix::generated(40, 40, [](std::int64_t i, std::int64_t j) {
    return i == 3 && j == 4   ? std::nanf("")
           : i == 5 && j == 6 ? kInf
           : i == 7 && j == 1 ? -kInf
           : i == 9 && j == 9 ? std::nanf("")
           : i == 2 && j == 0 ? 1.5f
                              : 0.25f;
  });
  const auto statistics = computeStatistics(matrix, {.topCount = 5});
  EXPECT_EQ(statistics->nanCells, 2u);
  EXPECT_EQ(statistics->offDiagonalHistogram.nan, 1u);
  EXPECT_EQ(statistics->offDiagonalHistogram.above, 2u);
  EXPECT_EQ(statistics->offDiagonalHistogram.below, 1u);
  EXPECT_EQ(statistics->magnitudes.total(), 40u * 39 - 1);
  EXPECT_EQ(statistics->largest[0], (RankedCell{{5, 6}, kInf}));
  EXPECT_EQ(statistics->largest[1], (RankedCell{{2, 0}, 1.5f}));
  EXPECT_EQ(statistics->smallest[0], (RankedCell{{7, 1}, -kInf}));
  EXPECT_TRUE(std::isnan(statistics->loss->loss));
  EXPECT_TRUE(std::isnan(statistics->rowRms[3]));
  EXPECT_EQ(statistics->minDiagonal, 0.25);
  EXPECT_EQ(limitsBy(*statistics, LimitsRule::MinMax), (ColorLimits{-1, 1}));
}

TEST(Statistics, PercentilesAreThoseOfTheSortedMagnitudes) {
  const Matrix matrix = randomMatrix(200, 200, 5, 0.3);
  const auto statistics = computeStatistics(matrix);
  std::vector<float> sorted;
  for (const RankedCell& cell : offDiagonalCells(matrix)) {
    sorted.push_back(std::abs(cell.value));
  }
  std::sort(sorted.begin(), sorted.end());
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const float exact =
        sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size()))];
    EXPECT_NEAR(statistics->magnitudes.quantile(share), exact, 0.004 * exact + 1e-4) << share;
    EXPECT_NEAR(statistics->magnitudes.shareBelow(-exact), share, 0.002);
  }
  EXPECT_EQ(statistics->magnitudes.shareBelow(0), 0);
  EXPECT_EQ(statistics->magnitudes.shareBelow(kInf), 1);
  EXPECT_TRUE(std::isnan(statistics->magnitudes.shareBelow(std::nanf(""))));
  EXPECT_EQ(MagnitudeHistogram().quantile(0.5), 0);
}

TEST(CellsOfBin, AreTheOnesThatWereCounted) {
  const Matrix matrix = randomMatrix(90, 90, 6, 0.45);
  const auto statistics = computeStatistics(matrix, {.bins = 64, .histogramLimit = 0.4f});
  for (const CellPart part : {CellPart::Diagonal, CellPart::OffDiagonal}) {
    const Histogram& histogram = part == CellPart::Diagonal ? statistics->diagonalHistogram
                                                            : statistics->offDiagonalHistogram;
    std::uint64_t total = 0;
    for (std::int64_t bin = -1; bin <= 64; ++bin) {
      const auto selection = cellsOfBin(matrix, histogram, bin, part);
      const std::uint64_t counted = bin < 0     ? histogram.below
                                    : bin == 64 ? histogram.above
                                                : histogram.counts[static_cast<std::size_t>(bin)];
      EXPECT_EQ(selection->total, counted) << bin;
      EXPECT_EQ(selection->cells.size(), counted);
      EXPECT_TRUE(std::is_sorted(selection->cells.begin(), selection->cells.end()));
      for (const CellIndex& cell : selection->cells) {
        EXPECT_EQ(histogram.binOf(matrix.checkedAt(cell)), bin);
        EXPECT_EQ(cell.row == cell.column, part == CellPart::Diagonal);
      }
      total += selection->total;
    }
    EXPECT_EQ(total, part == CellPart::Diagonal ? 90u : 90u * 89);
  }
  const auto few =
      cellsOfBin(matrix, statistics->offDiagonalHistogram, 30, CellPart::OffDiagonal, 3);
  EXPECT_EQ(few->cells.size(), 3u);
  EXPECT_GT(few->total, 3u);
}

TEST(Histogram, GroupsItsBins) {
  Histogram histogram{.low = 0, .high = 1, .counts = std::vector<std::uint64_t>(4, 0)};
  for (const float value : {0.0f, 0.3f, 0.6f, 0.8f, 1.0f, 1.5f, -0.1f}) {
    histogram.add(value);
  }
  EXPECT_EQ(histogram.counts, (std::vector<std::uint64_t>{1, 1, 1, 2}));
  EXPECT_EQ(histogram.grouped(2).counts, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(histogram.grouped(4).total(), 7u);
  EXPECT_FLOAT_EQ(histogram.binLow(3), 0.75f);
  EXPECT_THROW(histogram.grouped(3), CheckFailure);
}

TEST(LimitsBy, GivesARangeForEveryRule) {
  const Matrix matrix = randomMatrix(100, 100, 8, 0.2);
  const auto statistics = computeStatistics(matrix);
  EXPECT_EQ(limitsBy(*statistics, LimitsRule::Fixed), (ColorLimits{-1, 1}));
  const ColorLimits all = limitsBy(*statistics, LimitsRule::MinMax);
  EXPECT_NEAR(all.low, -0.2, 0.001);
  EXPECT_NEAR(all.high, 1.2, 0.01);
  EXPECT_EQ(limitsBy(*statistics, LimitsRule::MinMaxSymmetric).low, -all.high);
  EXPECT_NEAR(limitsBy(*statistics, LimitsRule::OffDiagonalShare, 0.5).high, 0.1, 0.003);
  EXPECT_NEAR(limitsBy(*statistics, LimitsRule::ThreeSigma).high, 3 * 0.2 / std::sqrt(3), 0.01);
  const auto zeros =
      computeStatistics(Matrix::generated(3, 3, [](std::int64_t, std::int64_t) { return 0.0f; }));
  for (const LimitsRule rule : {LimitsRule::MinMax,
                                LimitsRule::MinMaxSymmetric,
                                LimitsRule::OffDiagonalShare,
                                LimitsRule::ThreeSigma}) {
    EXPECT_EQ(limitsBy(*zeros, rule), (ColorLimits{-1, 1}));
  }
}

TEST(Statistics, StopAndRefuse) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(computeStatistics(identityMatrix(64), {}, {.stop = stop.get_token()}), nullptr);
  EXPECT_FALSE(cellsOfBin(identityMatrix(64),
                          {.counts = {0, 0}},
                          0,
                          CellPart::OffDiagonal,
                          10,
                          {.stop = stop.get_token()})
                   .has_value());
  EXPECT_THROW(computeStatistics(identityMatrix(2), {.topCount = 0}), CheckFailure);
  EXPECT_THROW(computeStatistics(identityMatrix(2), {.histogramLimit = kInf}), CheckFailure);
}

}  // namespace
}  // namespace barlow
