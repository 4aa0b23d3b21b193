#pragma once

#include "core/dataset/dataset.h"
#include "core/device/device_batch.h"
#include "core/planning/step_tuning.h"
#include "core/recording/run_recorder.h"
#include "core/step/step_runner.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace barlow {

/// The classifier beside the encoder, with its columns, where the configuration asks for one. Where
/// the images have no classes it is warned of instead.
void addOnlineClassifier(const RunConfig& config,
                         const Dataset& images,
                         Learner& learner,
                         MetricSchema& metrics,
                         RunRecorder& recorder);

/// The steps of a run, one after the other, and the dumps of those that are asked for. One thread.
class RunSteps {
 public:
  struct Run {
    const RunConfig& config;
    const RunPlan& plan;
    const Dataset& images;
    Learner& learner;
    RunRecorder& recorder;
  };
  /// Everything in `run` outlives this. `dumped`: steps, the first is 1. `forget`: as StepRunner's.
  RunSteps(const Run& run,
           const StepChoice& choice,
           std::vector<std::int64_t> dumped,
           std::function<void()> forget);

  /// The step after `done` completed ones, on a batch that lies on the run's device. Where there is
  /// an online classifier, its two numbers follow the objective's.
  TrainingStep::Output make(std::int64_t done,
                            const DeviceBatch& batch,
                            const LearningRates& rates);

 private:
  TrainingStep::Output runStep(const DeviceBatch& batch, const StepPosition& at);
  void learnOnline(const DeviceBatch& batch, double share, TrainingStep::Output& output);

  Run run_;
  torch::Device device_;
  std::vector<std::int64_t> dumped_;
  StepRunner runner_;
};

}  // namespace barlow
