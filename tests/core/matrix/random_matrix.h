#pragma once

#include "core/base/rng.h"
#include "core/matrix/matrix.h"

#include <cstdint>

namespace barlow {

/// Values in [-size, size), on the diagonal 1 more.
inline Matrix randomMatrix(std::int64_t rows,
                           std::int64_t columns,
                           std::uint64_t seed,
                           double size = 0.3,
                           MatrixOrigin origin = {}) {
  Rng rng(seed);
  return Matrix::generated(
      rows,
      columns,
      [&](std::int64_t i, std::int64_t j) {
        return static_cast<float>(rng.uniform(-size, size) + (i == j ? 1 : 0));
      },
      std::move(origin));
}

inline Matrix identityMatrix(std::int64_t side) {
  return Matrix::generated(
      side, side, [](std::int64_t i, std::int64_t j) { return i == j ? 1.0f : 0.0f; });
}

}  // namespace barlow
