#pragma once

#include "core/base/job_control.h"
#include "core/matrix/matrix.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace barlow {

/// How several cells become one value: the signed value of largest magnitude, the mean, the root of
/// the mean square.
enum class Reduction { Peak, Mean, Rms };

/// What the pooled cell on the diagonal of a level is made of, apart: the block's diagonal entries
/// and the rest.
struct DiagonalCell {
  std::int64_t otherCount = 0;  // off-diagonal entries of the block; 0: the next three say nothing
  float otherPeak = 0;
  float otherMean = 0;
  float otherMeanSquare = 0;
  std::int64_t diagonalCount = 0;
  float diagonalPeak = 0;
  float largestTerm = 0;  // max of (1 - C_ii)^2
  float meanTerm = 0;     // mean of (1 - C_ii)^2
};

/// A matrix at resolutions of 1, 2, 4, ... source cells per cell, each with Peak, Mean and mean
/// square: level k has ceil(rows / 2^k) x ceil(columns / 2^k) cells, the last level is one cell.
/// Cell (I, J) of level k covers the source rows [I 2^k, (I + 1) 2^k) and columns alike, cut at the
/// matrix' end; a cell at the end is the reduction of what it really covers. Level 0 is the matrix
/// itself, so that all three pyramids together take as much memory again as the matrix. NaN: every
/// pooled cell that covers one is NaN. Infinities follow IEEE (the mean of both kinds is NaN).
/// Frozen; any thread may read.
class MatrixPyramid {
 public:
  /// Null after a stop. Throws Exception for an empty matrix and for more than kMaxMatrixSide rows
  /// or columns. The same values for any number of threads.
  static std::shared_ptr<const MatrixPyramid> build(Matrix matrix, const JobControl& control = {});

  const Matrix& matrix() const { return matrix_; }
  int levels() const { return static_cast<int>(levels_.size()); }
  std::int64_t rows(int level) const { return at(level).rows; }
  std::int64_t columns(int level) const { return at(level).columns; }
  /// One row of cells of a level; meanSquare is null for level 0.
  const float* peakRow(int level, std::int64_t row) const;
  const float* meanRow(int level, std::int64_t row) const;
  const float* meanSquareRow(int level, std::int64_t row) const;
  /// The reduced value of one cell. Rms is not negative.
  float value(Reduction reduction, int level, std::int64_t row, std::int64_t column) const;
  /// The diagonal cells of a level, as many as it has rows; empty where the matrix is not square.
  const std::vector<DiagonalCell>& diagonalCells(int level) const { return at(level).diagonal; }
  /// The source cell that gave the Peak of a cell: the first of equal ones in the order in which
  /// blocks were halved. With `withDiagonal` false the strongest off-diagonal one; then the row is
  /// -1 where the cell has none.
  CellIndex locatePeak(int level,
                       std::int64_t row,
                       std::int64_t column,
                       bool withDiagonal = true) const;
  /// Matrix and pyramids.
  std::uint64_t bytes() const;

 private:
  struct Level {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::shared_ptr<float[]> cells;  // peak, mean, mean square, each [rows, columns]; level 0: none
    std::vector<DiagonalCell> diagonal;
  };
  explicit MatrixPyramid(Matrix matrix);
  const Level& at(int level) const { return levels_[static_cast<std::size_t>(level)]; }
  void buildRow(int level, std::int64_t row);
  void buildCell(int level, std::int64_t row, std::int64_t column);
  void buildDiagonal(int level);
  std::int64_t rowExtent(int level, std::int64_t row) const;
  std::int64_t columnExtent(int level, std::int64_t column) const;
  float peakOf(int level, std::int64_t row, std::int64_t column, bool withDiagonal) const;

  Matrix matrix_;
  std::vector<Level> levels_;
};

}  // namespace barlow
