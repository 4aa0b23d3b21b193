#include "core/objectives/predictor.h"

#include "core/objectives/embedding_rows.h"

namespace barlow {

MlpHead makePredictor(int hidden, bool hasHiddenBias, const ObjectiveSizes& sizes) {
  const MlpHead predictor(sizes.dimensions,
                          {.widths = {hidden, static_cast<int>(sizes.dimensions)},
                           .hasBias = hasHiddenBias,
                           .hasLastBias = true});
  predictor.initialize(static_cast<std::int64_t>(startSeed(sizes.seed, 0)));
  return predictor;
}

}  // namespace barlow
