#include "core/matrix/derive.h"

#include "core/base/check.h"
#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace barlow {
namespace {

constexpr std::int64_t kTile = 32;  // columns read across are used up while they are in the cache

MatrixOrigin named(const Matrix& matrix, std::string name) {
  MatrixOrigin origin = matrix.origin();
  origin.name = std::move(name);
  return origin;
}

void requireSameShape(const Matrix& a, const Matrix& b) {
  if (a.rows() != b.rows() || a.columns() != b.columns()) {
    throw Exception(
        fmt::format("'{}' is {} x {} and '{}' is {} x {}: only matrices of the same shape can be "
                    "compared.",
                    a.origin().name,
                    a.rows(),
                    a.columns(),
                    b.origin().name,
                    b.rows(),
                    b.columns()));
  }
}

// value(a_ij, b_ij) for every cell.
template <class Value>
std::optional<Matrix> combined(
    const Matrix& a, const Matrix& b, std::string name, const JobControl& control, Value value) {
  requireSameShape(a, b);
  const auto out = uninitializedFloats(a.rows() * a.columns());
  const bool isDone =
      forEachBand(a.rows(), 64, control, [&](std::int64_t first, std::int64_t last, int) {
        const float* left = a.row(first);
        const float* right = b.row(first);
        float* target = out.get() + first * a.columns();
        for (std::int64_t k = 0; k < (last - first) * a.columns(); ++k) {
          target[k] = value(left[k], right[k]);
        }
      });
  if (!isDone) {
    return std::nullopt;
  }
  return Matrix(a.rows(), a.columns(), out, named(a, std::move(name)));
}

// Cell (i, j) of the result, which has the transpose's shape, is value(i, j, c_ji).
template <class Value>
std::optional<Matrix> acrossDiagonal(const Matrix& c,
                                     std::string name,
                                     const JobControl& control,
                                     Value value) {
  const std::int64_t rows = c.columns();
  const std::int64_t columns = c.rows();
  const auto out = uninitializedFloats(rows * columns);
  const bool isDone =
      forEachBand(rows, kTile, control, [&](std::int64_t first, std::int64_t last, int) {
        for (std::int64_t tile = 0; tile < columns; tile += kTile) {
          const std::int64_t end = std::min(columns, tile + kTile);
          for (std::int64_t i = first; i < last; ++i) {
            for (std::int64_t j = tile; j < end; ++j) {
              out[i * columns + j] = value(i, j, c.at(j, i));
            }
          }
        }
      });
  if (!isDone) {
    return std::nullopt;
  }
  return Matrix(rows, columns, out, named(c, std::move(name)));
}

}  // namespace

std::optional<Matrix> difference(const Matrix& a, const Matrix& b, const JobControl& control) {
  return combined(a,
                  b,
                  fmt::format("{} - {}", a.origin().name, b.origin().name),
                  control,
                  [](float x, float y) { return x - y; });
}

std::optional<Matrix> magnitudeDifference(const Matrix& a,
                                          const Matrix& b,
                                          const JobControl& control) {
  return combined(a,
                  b,
                  fmt::format("|{}| - |{}|", a.origin().name, b.origin().name),
                  control,
                  [](float x, float y) { return std::abs(x) - std::abs(y); });
}

std::optional<Matrix> antisymmetricPart(const Matrix& c, const JobControl& control) {
  if (!c.isSquare()) {
    throw Exception(
        fmt::format("'{}' is {} x {}: only a square matrix can be compared with its transpose.",
                    c.origin().name,
                    c.rows(),
                    c.columns()));
  }
  return acrossDiagonal(
      c,
      fmt::format("({0} - {0}^T) / 2", c.origin().name),
      control,
      [&](std::int64_t i, std::int64_t j, float other) { return 0.5f * (c.at(i, j) - other); });
}

std::optional<Matrix> transposed(const Matrix& c, const JobControl& control) {
  return acrossDiagonal(c,
                        fmt::format("{}^T", c.origin().name),
                        control,
                        [](std::int64_t, std::int64_t, float other) { return other; });
}

std::optional<Matrix> arranged(const Matrix& c,
                               const std::vector<std::int32_t>& rows,
                               const std::vector<std::int32_t>& columns,
                               const JobControl& control) {
  const auto isInside = [](const std::vector<std::int32_t>& indices, std::int64_t size) {
    return std::all_of(
        indices.begin(), indices.end(), [&](std::int32_t i) { return i >= 0 && i < size; });
  };
  BARLOW_CHECK(isInside(rows, c.rows()) && isInside(columns, c.columns()))
      << "an index outside " << c.rows() << " x " << c.columns();
  const auto height = static_cast<std::int64_t>(rows.size());
  const auto width = static_cast<std::int64_t>(columns.size());
  const auto out = uninitializedFloats(height * width);
  const bool isDone =
      forEachBand(height, 16, control, [&](std::int64_t first, std::int64_t last, int) {
        for (std::int64_t i = first; i < last; ++i) {
          const float* source = c.row(rows[static_cast<std::size_t>(i)]);
          float* target = out.get() + i * width;
          for (std::int64_t j = 0; j < width; ++j) {
            target[j] = source[columns[static_cast<std::size_t>(j)]];
          }
        }
      });
  if (!isDone) {
    return std::nullopt;
  }
  return Matrix(height, width, out, c.origin());
}

}  // namespace barlow
