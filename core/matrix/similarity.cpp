#include "core/matrix/similarity.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace barlow {

std::shared_ptr<float[]> similarity(const Matrix& c,
                                    const JobControl& control,
                                    ProgressShare share) {
  if (!c.isSquare() || c.rows() > kMaxMatrixSide) {
    throw Exception(fmt::format(
        "'{}' is {} x {}: only a square matrix of at most {} dimensions can be ordered by "
        "similarity.",
        c.origin().name,
        c.rows(),
        c.columns(),
        kMaxMatrixSide));
  }
  constexpr std::int64_t kTile = 32;
  const std::int64_t side = c.rows();
  const auto out = uninitializedFloats(side * side);
  const bool isDone = forEachBand(
      side,
      kTile,
      control,
      [&](std::int64_t first, std::int64_t last, int) {
        for (std::int64_t tile = 0; tile < side; tile += kTile) {
          for (std::int64_t i = first; i < last; ++i) {
            for (std::int64_t j = tile; j < std::min(side, tile + kTile); ++j) {
              const float value = 0.5f * std::abs(c.at(i, j) + c.at(j, i));
              out[i * side + j] = i != j && std::isfinite(value) ? value : 0.0f;
            }
          }
        }
      },
      share);
  return isDone ? out : nullptr;
}

}  // namespace barlow
