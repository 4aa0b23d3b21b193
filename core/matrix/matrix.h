#pragma once

#include "core/params/matrix_kind.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

/// The correlation matrix as an instrument, without a window. Everything is a frozen value that may
/// be read from any number of threads, or a free function that makes one.
///
///   Matrix ──MatrixPyramid::build──► MatrixPyramid ──renderViewport(Viewport, RenderSettings)──►
///   pixels
///     │                                   └─readPixel / locatePeak──► what stands under the cursor
///     ├─computeStatistics──► MatrixStatistics: numbers, histograms, percentiles, strongest pairs
///     ├─derive.h: difference, transpose, order ... ──► another Matrix, with a pyramid of its own
///     └─order.h, dendrogram.h, spectral.h ──► a permutation of rows and columns
///
/// What only re-colours the viewport, at the price of one frame: reduction, colour map, limits,
/// scale, colours of NaN and clipped values, |C|, C^2, contribution to the loss, the diagonal
/// shown, dimmed or hidden (a pyramid keeps what its diagonal cells are without the diagonal, for
/// every reduction). What needs another Matrix and pyramid, made on a worker: difference of two
/// matrices, |A| - |B|, (C - C^T) / 2, transpose, another order.
namespace barlow {

inline constexpr std::int64_t kMaxMatrixSide = 16384;

/// Where a matrix comes from.
struct MatrixOrigin {
  std::int64_t n = 0;      // samples that it was computed from; 0: unknown
  double lambda = 0;       // weight of the off-diagonal terms of the loss; 0: no loss has them
  std::string name;        // what to call it: a run, a file
  std::int64_t step = -1;  // of the run; -1: none
  MatrixKind kind = MatrixKind::CrossCorrelation;
  bool operator==(const MatrixOrigin&) const = default;
};

struct CellIndex {
  std::int64_t row = 0;
  std::int64_t column = 0;
  auto operator<=>(const CellIndex&) const = default;
};

/// Rows x columns of float32, row-major, shared and never changed; any values, NaN and infinities
/// included. Row i, column j of a cross-correlation is C_ij: dimension i of view A against j of
/// view B; what else there is says MatrixKind. Also carries embeddings [N, D].
class Matrix {
 public:
  /// 0 x 0.
  Matrix() = default;
  /// `values` must hold rows x columns floats and stay unchanged. Throws CheckFailure for negative
  /// sizes, or for no values where some are due.
  Matrix(std::int64_t rows,
         std::int64_t columns,
         std::shared_ptr<const float[]> values,
         MatrixOrigin origin = {});
  /// value(i, j) for every cell.
  static Matrix generated(std::int64_t rows,
                          std::int64_t columns,
                          const std::function<float(std::int64_t, std::int64_t)>& value,
                          MatrixOrigin origin = {});

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  bool isEmpty() const { return rows_ == 0 || columns_ == 0; }
  /// Rows and columns stand for the same things, one by one. Only such matrices have a diagonal; in
  /// others every cell counts as off-diagonal, also where there are as many images as prototypes.
  bool isSquare() const { return rows_ == columns_ && origin_.kind != MatrixKind::Assignments; }
  const float* values() const { return values_.get(); }
  const float* row(std::int64_t i) const { return values_.get() + i * columns_; }
  float at(std::int64_t i, std::int64_t j) const { return row(i)[j]; }
  /// Throws CheckFailure outside the matrix.
  float checkedAt(CellIndex cell) const;
  const MatrixOrigin& origin() const { return origin_; }
  Matrix withOrigin(MatrixOrigin origin) const;
  std::uint64_t bytes() const {
    return static_cast<std::uint64_t>(rows_ * columns_) * sizeof(float);
  }

 private:
  std::int64_t rows_ = 0;
  std::int64_t columns_ = 0;
  std::shared_ptr<const float[]> values_;
  MatrixOrigin origin_;
};

/// Memory for `count` floats that nobody has written yet.
std::shared_ptr<float[]> uninitializedFloats(std::int64_t count);

}  // namespace barlow
