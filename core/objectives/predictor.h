#pragma once

#include "core/models/mlp_head.h"
#include "core/objectives/objective.h"

namespace barlow {

/// A predictor with one hidden layer of this width, which gives embeddings of the width it takes;
/// it starts from the run's seed alone. The last layer has a bias.
MlpHead makePredictor(int hidden, bool hasHiddenBias, const ObjectiveSizes& sizes);

}  // namespace barlow
