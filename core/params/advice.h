#pragma once

#include "core/params/run_config.h"

#include <cstdint>
#include <optional>

namespace barlow {

/// The base learning rate (per 256 images) that the authors found best for a batch with LARS in the
/// official form: their grid over 300 epochs (facebookresearch/barlowtwins issue 7), log-linear
/// between its rows, the nearest row beyond them. Two significant digits.
double authorsLearningRate(std::int64_t batchSize);

/// That rate where it would be news: the objective is theirs, the optimiser is LARS without clip,
/// and optim.base_learning_rate is more than a tenth away. A suggestion; nothing follows it by
/// itself.
std::optional<double> suggestedLearningRate(const RunConfig& config);

/// Warm-up epochs where those of the configuration take more than half of the run, so that it
/// hardly trains at its full rate: a tenth of the epochs. A suggestion as well.
std::optional<int> suggestedWarmupEpochs(const RunConfig& config);

}  // namespace barlow
