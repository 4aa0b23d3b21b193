#pragma once

#include "core/base/rng.h"
#include "core/matrix/inspection.h"

#include <memory>

namespace barlow::ui {

/// A matrix with everything that is known of it without embeddings.
inline std::shared_ptr<Inspection> inspectionOf(const Matrix& matrix,
                                                const StatisticsOptions& options = {}) {
  auto inspection = std::make_shared<Inspection>();
  inspection->pyramid = MatrixPyramid::build(matrix);
  inspection->statistics = computeStatistics(matrix, options);
  return inspection;
}

/// C_ii = 0.95 and noise up to 0.1, but for what `change` says.
template <class Change>
Matrix nearIdentity(std::int64_t side, const MatrixOrigin& origin, Change change) {
  Rng rng = Rng::keyed(3, {static_cast<std::uint64_t>(side)});
  return Matrix::generated(
      side,
      side,
      [&](std::int64_t i, std::int64_t j) {
        const auto noise = static_cast<float>(rng.uniform(-0.1, 0.1));
        return change(i, j, i == j ? 0.95F : noise);
      },
      origin);
}
inline Matrix nearIdentity(std::int64_t side, const MatrixOrigin& origin = {}) {
  return nearIdentity(side, origin, [](auto, auto, float value) { return value; });
}

}  // namespace barlow::ui
