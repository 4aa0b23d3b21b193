#pragma once

#include "core/params/optim_params.h"

#include <cstdint>

namespace barlow {

struct LearningRates {
  double weights = 0;
  double oneDimensional = 0;  // for LARS; else equal to `weights`
  // The peaks of both, whatever the step.
  double peakWeights = 0;
  double peakOneDimensional = 0;
};

/// Rates for the step after `step` completed ones: a pure function of the position (main.py
/// `adjust_learning_rate`): peak = batch / 256; linear warm-up from 0 (or none); then constant, or
/// a cosine down to finalFactor of the peak at `totalSteps`, which stays after that; times the base
/// rates. A warm-up longer than the run is cut to the run's length.
LearningRates learningRates(const OptimParams& params,
                            std::int64_t batchSize,
                            std::int64_t stepsPerEpoch,
                            std::int64_t totalSteps,
                            std::int64_t step);

}  // namespace barlow
