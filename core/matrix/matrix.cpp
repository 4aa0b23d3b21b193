#include "core/matrix/matrix.h"

#include "core/base/check.h"
#include "core/base/large_memory.h"

#include <utility>

namespace barlow {

Matrix::Matrix(std::int64_t rows,
               std::int64_t columns,
               std::shared_ptr<const float[]> values,
               MatrixOrigin origin)
    : rows_(rows), columns_(columns), values_(std::move(values)), origin_(std::move(origin)) {
  BARLOW_CHECK(rows >= 0 && columns >= 0) << rows << " x " << columns;
  BARLOW_CHECK(isEmpty() || values_ != nullptr) << rows << " x " << columns << " without values";
}

Matrix Matrix::generated(std::int64_t rows,
                         std::int64_t columns,
                         const std::function<float(std::int64_t, std::int64_t)>& value,
                         MatrixOrigin origin) {
  const auto values = uninitializedFloats(rows * columns);
  float* out = values.get();
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      *out++ = value(i, j);
    }
  }
  return Matrix(rows, columns, values, std::move(origin));
}

float Matrix::checkedAt(CellIndex cell) const {
  BARLOW_CHECK(cell.row >= 0 && cell.row < rows_ && cell.column >= 0 && cell.column < columns_)
      << "cell " << cell.row << ", " << cell.column << " of " << rows_ << " x " << columns_;
  return at(cell.row, cell.column);
}

Matrix Matrix::withOrigin(MatrixOrigin origin) const {
  Matrix other = *this;
  other.origin_ = std::move(origin);
  return other;
}

std::shared_ptr<float[]> uninitializedFloats(std::int64_t count) {
  BARLOW_CHECK(count >= 0) << count << " floats";
  const auto memory = largeMemory(static_cast<std::size_t>(count) * sizeof(float));
  return {memory, static_cast<float*>(memory.get())};
}

}  // namespace barlow
