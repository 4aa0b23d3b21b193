#include "core/matrix/pyramid.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/matrix/pyramid_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace barlow {
namespace {

// Levels up to this one are made band by band while the band is in the cache; a band is one row of
// it.
constexpr int kBandLevels = 6;

// What is summed to make a cell out of smaller ones of different extent.
struct Gathered {
  std::int64_t count = 0;
  float peak = 0;
  double sum = 0;
  double squares = 0;

  void add(std::int64_t cells, float strongest, float mean, float meanSquare) {
    if (cells == 0) {
      return;
    }
    peak = count == 0 ? strongest : strongerOf(peak, strongest);
    count += cells;
    sum += static_cast<double>(cells) * mean;
    squares += static_cast<double>(cells) * meanSquare;
  }
  float mean() const { return static_cast<float>(sum / static_cast<double>(count)); }
  float meanSquare() const { return static_cast<float>(squares / static_cast<double>(count)); }
};

}  // namespace

MatrixPyramid::MatrixPyramid(Matrix matrix) : matrix_(std::move(matrix)) {
  std::int64_t rows = matrix_.rows();
  std::int64_t columns = matrix_.columns();
  levels_.push_back({.rows = rows, .columns = columns});
  while (rows > 1 || columns > 1) {
    rows = (rows + 1) / 2;
    columns = (columns + 1) / 2;
    levels_.push_back(
        {.rows = rows, .columns = columns, .cells = uninitializedFloats(3 * rows * columns)});
  }
}

std::shared_ptr<const MatrixPyramid> MatrixPyramid::build(Matrix matrix,
                                                          const JobControl& control) {
  if (matrix.isEmpty() || matrix.rows() > kMaxMatrixSide || matrix.columns() > kMaxMatrixSide) {
    throw Exception(
        fmt::format("A matrix of {} x {} cannot be shown: give one with 1 to {} rows and columns.",
                    matrix.rows(),
                    matrix.columns(),
                    kMaxMatrixSide));
  }
  const std::shared_ptr<MatrixPyramid> pyramid(new MatrixPyramid(std::move(matrix)));
  const int bandLevel = std::min(kBandLevels, pyramid->levels() - 1);
  const bool isDone =
      forEachBand(pyramid->rows(bandLevel), 1, control, [&](std::int64_t band, std::int64_t, int) {
        // Depth first: a row is reduced as soon as the two rows below it are there.
        const std::int64_t end =
            std::min(pyramid->rows(0), (band + 1) << bandLevel);  // of the source rows
        for (std::int64_t row = band << bandLevel; row < end; row += 2) {
          std::int64_t made = row;
          for (int level = 1; level <= bandLevel; ++level) {
            made /= 2;
            pyramid->buildRow(level, made);
            const bool isPairComplete = made % 2 == 1 || made + 1 == pyramid->rows(level);
            if (!isPairComplete) {
              break;
            }
          }
        }
      });
  if (!isDone) {
    return nullptr;
  }
  for (int level = bandLevel + 1; level < pyramid->levels(); ++level) {
    for (std::int64_t row = 0; row < pyramid->rows(level); ++row) {
      pyramid->buildRow(level, row);
    }
  }
  if (pyramid->matrix_.isSquare()) {
    for (int level = 0; level < pyramid->levels(); ++level) {
      pyramid->buildDiagonal(level);
    }
  }
  return pyramid;
}

std::int64_t MatrixPyramid::rowExtent(int level, std::int64_t row) const {
  return std::min((row + 1) << level, matrix_.rows()) - (row << level);
}

std::int64_t MatrixPyramid::columnExtent(int level, std::int64_t column) const {
  return std::min((column + 1) << level, matrix_.columns()) - (column << level);
}

const float* MatrixPyramid::peakRow(int level, std::int64_t row) const {
  return level == 0 ? matrix_.row(row) : at(level).cells.get() + row * at(level).columns;
}

const float* MatrixPyramid::meanRow(int level, std::int64_t row) const {
  return level == 0 ? matrix_.row(row)
                    : at(level).cells.get() + (at(level).rows + row) * at(level).columns;
}

const float* MatrixPyramid::meanSquareRow(int level, std::int64_t row) const {
  return level == 0 ? nullptr
                    : at(level).cells.get() + (2 * at(level).rows + row) * at(level).columns;
}

void MatrixPyramid::buildRow(int level, std::int64_t row) {
  const Level& below = at(level - 1);
  std::int64_t whole = 0;  // cells of four children of full extent
  if (2 * row + 1 < below.rows && rowExtent(level, row) == std::int64_t{1} << level) {
    whole = matrix_.columns() >> level;
    const std::int64_t upper = 2 * row;
    const Level& own = at(level);
    float* cells = own.cells.get();
    reduceRowPair(
        {peakRow(level - 1, upper), meanRow(level - 1, upper), meanSquareRow(level - 1, upper)},
        {peakRow(level - 1, upper + 1),
         meanRow(level - 1, upper + 1),
         meanSquareRow(level - 1, upper + 1)},
        whole,
        {cells + row * own.columns,
         cells + (own.rows + row) * own.columns,
         cells + (2 * own.rows + row) * own.columns});
  }
  for (std::int64_t column = whole; column < columns(level); ++column) {
    buildCell(level, row, column);
  }
}

void MatrixPyramid::buildCell(int level, std::int64_t row, std::int64_t column) {
  Gathered cell;
  for (std::int64_t i = 2 * row; i < std::min(2 * row + 2, rows(level - 1)); ++i) {
    for (std::int64_t j = 2 * column; j < std::min(2 * column + 2, columns(level - 1)); ++j) {
      const float mean = meanRow(level - 1, i)[j];
      cell.add(rowExtent(level - 1, i) * columnExtent(level - 1, j),
               peakRow(level - 1, i)[j],
               mean,
               level == 1 ? mean * mean : meanSquareRow(level - 1, i)[j]);
    }
  }
  const Level& own = at(level);
  const std::int64_t index = row * own.columns + column;
  const std::int64_t layer = own.rows * own.columns;
  own.cells[index] = cell.peak;
  own.cells[layer + index] = cell.mean();
  own.cells[2 * layer + index] = cell.meanSquare();
}

void MatrixPyramid::buildDiagonal(int level) {
  std::vector<DiagonalCell>& cells = levels_[static_cast<std::size_t>(level)].diagonal;
  cells.resize(static_cast<std::size_t>(rows(level)));
  for (std::int64_t k = 0; k < rows(level); ++k) {
    DiagonalCell& cell = cells[static_cast<std::size_t>(k)];
    if (level == 0) {
      const float value = matrix_.at(k, k);
      const float term = (1 - value) * (1 - value);
      cell = {.diagonalCount = 1, .diagonalPeak = value, .largestTerm = term, .meanTerm = term};
      continue;
    }
    Gathered others;
    Gathered terms;
    const std::int64_t end = std::min(2 * k + 2, rows(level - 1));
    for (std::int64_t i = 2 * k; i < end; ++i) {
      for (std::int64_t j = 2 * k; j < end; ++j) {
        if (i != j) {
          const float mean = meanRow(level - 1, i)[j];
          others.add(rowExtent(level - 1, i) * columnExtent(level - 1, j),
                     peakRow(level - 1, i)[j],
                     mean,
                     level == 1 ? mean * mean : meanSquareRow(level - 1, i)[j]);
          continue;
        }
        const DiagonalCell& child = at(level - 1).diagonal[static_cast<std::size_t>(i)];
        others.add(child.otherCount, child.otherPeak, child.otherMean, child.otherMeanSquare);
        cell.diagonalPeak = terms.count == 0 ? child.diagonalPeak
                                             : strongerOf(cell.diagonalPeak, child.diagonalPeak);
        terms.add(child.diagonalCount, child.largestTerm, child.meanTerm, 0);
      }
    }
    cell.otherCount = others.count;
    if (others.count > 0) {
      cell.otherPeak = others.peak;
      cell.otherMean = others.mean();
      cell.otherMeanSquare = others.meanSquare();
    }
    cell.diagonalCount = terms.count;
    cell.largestTerm = terms.peak;
    cell.meanTerm = terms.mean();
  }
}

float MatrixPyramid::value(Reduction reduction,
                           int level,
                           std::int64_t row,
                           std::int64_t column) const {
  switch (reduction) {
    case Reduction::Peak:
      return peakRow(level, row)[column];
    case Reduction::Mean:
      return meanRow(level, row)[column];
    case Reduction::Rms:
      break;
  }
  return level == 0 ? std::abs(matrix_.at(row, column))
                    : std::sqrt(meanSquareRow(level, row)[column]);
}

float MatrixPyramid::peakOf(int level,
                            std::int64_t row,
                            std::int64_t column,
                            bool withDiagonal) const {
  return withDiagonal || row != column
             ? peakRow(level, row)[column]
             : at(level).diagonal[static_cast<std::size_t>(row)].otherPeak;
}

CellIndex MatrixPyramid::locatePeak(int level,
                                    std::int64_t row,
                                    std::int64_t column,
                                    bool withDiagonal) const {
  BARLOW_CHECK(level >= 0 && level < levels() && row >= 0 && row < rows(level) && column >= 0 &&
               column < columns(level))
      << "cell " << row << ", " << column << " of level " << level;
  const bool skips = !withDiagonal && matrix_.isSquare();
  const auto isNothing = [&](int k, std::int64_t i, std::int64_t j) {
    return skips && i == j && at(k).diagonal[static_cast<std::size_t>(i)].otherCount == 0;
  };
  if (isNothing(level, row, column)) {
    return {-1, -1};
  }
  const float peak = peakOf(level, row, column, !skips);
  for (int k = level; k > 0; --k) {
    bool isFound = false;
    for (std::int64_t i = 2 * row; i < std::min(2 * row + 2, rows(k - 1)) && !isFound; ++i) {
      for (std::int64_t j = 2 * column; j < std::min(2 * column + 2, columns(k - 1)); ++j) {
        if (isNothing(k - 1, i, j)) {
          continue;
        }
        const float child = peakOf(k - 1, i, j, !skips);
        if (child == peak || (std::isnan(child) && std::isnan(peak))) {
          row = i;
          column = j;
          isFound = true;
          break;
        }
      }
    }
    BARLOW_CHECK(isFound) << "no child of level " << k << " has its Peak";
  }
  return {row, column};
}

std::uint64_t MatrixPyramid::bytes() const {
  std::uint64_t total = matrix_.bytes();
  for (const Level& level : levels_) {
    total += level.diagonal.size() * sizeof(DiagonalCell);
    total += level.cells ? static_cast<std::uint64_t>(3 * level.rows * level.columns) * 4 : 0;
  }
  return total;
}

}  // namespace barlow
