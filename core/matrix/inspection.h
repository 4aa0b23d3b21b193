#pragma once

#include "core/matrix/embedding_batch.h"
#include "core/matrix/matrix.h"
#include "core/matrix/pyramid.h"
#include "core/matrix/statistics.h"

#include <cstdint>
#include <memory>
#include <vector>

/// What the correlation inspector looks at: frozen values, made by the doors of core/studio.
namespace barlow {

/// How healthy the embeddings of one view are.
struct ViewHealth {
  double effectiveRank = 0;        // exp of the entropy of `spectrum`
  double embeddingStd = 0;         // mean standard deviation of L2-normalised embeddings
  std::vector<float> spectrum;     // eigenvalues of the centred covariance over their sum, largest
                                   // first; at most min(N - 1, D) are not zero
  std::vector<float> variances;    // [D]
  std::vector<std::int32_t> dead;  // dimensions whose standard deviation is below 1e-4 of the
                                   // median one
  std::vector<RankedCell> duplicates;  // pairs i < j of one view with |correlation| >= 0.99,
                                       // strongest first, at most 1000
  std::int64_t duplicateCount = 0;     // all such pairs
};
inline constexpr float kDuplicateCorrelation = 0.99f;

struct EmbeddingHealth {
  ViewHealth a;
  ViewHealth b;
};

/// One matrix with everything that is shown of it; first a picture, then what was worked out of it.
/// Made on a worker, then frozen: what comes later is another Inspection that shares these parts.
/// Any thread may read.
struct Inspection {
  std::shared_ptr<const MatrixPyramid> pyramid;        // never null
  std::shared_ptr<const EmbeddingBatch> embeddings;    // null for a matrix alone
  std::shared_ptr<const EmbeddingBatch> standard;      // the same standardised: what C was made of
  std::shared_ptr<const MatrixStatistics> statistics;  // null: not worked out yet
  std::shared_ptr<const EmbeddingHealth> health;       // null as well where there are no embeddings

  const Matrix& matrix() const { return pyramid->matrix(); }
  const MatrixOrigin& origin() const { return pyramid->matrix().origin(); }
  bool isComplete() const { return statistics && (health || !embeddings); }
};

}  // namespace barlow
