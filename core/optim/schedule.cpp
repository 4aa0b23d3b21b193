#include "core/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace barlow {

LearningRates learningRates(const OptimParams& params,
                            std::int64_t batchSize,
                            std::int64_t stepsPerEpoch,
                            std::int64_t totalSteps,
                            std::int64_t step) {
  const double peak = static_cast<double>(batchSize) / 256.0;
  // A warm-up longer than the run would leave no step for the rest; it then takes the whole run.
  const std::int64_t warmup = std::min(params.warmupEpochs * stepsPerEpoch, totalSteps);
  double factor = peak;
  if (step < warmup) {
    factor = peak * static_cast<double>(step) / static_cast<double>(warmup);
  } else if (params.schedule == Schedule::Cosine && totalSteps > warmup) {
    const double progress = std::min(
        1.0, static_cast<double>(step - warmup) / static_cast<double>(totalSteps - warmup));
    const double q = 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
    factor = peak * q + params.finalFactor * peak * (1.0 - q);
  }
  const double oneDimensional =
      params.name == OptimizerName::Lars ? params.biasLearningRate : params.baseLearningRate;
  return {.weights = factor * params.baseLearningRate,
          .oneDimensional = factor * oneDimensional,
          .peakWeights = peak * params.baseLearningRate,
          .peakOneDimensional = peak * oneDimensional};
}

}  // namespace barlow
