#pragma once

#include "core/device/device_batch.h"
#include "core/params/run_config.h"
#include "core/step/training_step.h"

#include <filesystem>
#include <functional>
#include <string>

namespace barlow {

/// Everything that one training step saw and did, as files that NumPy and safetensors read, so that
/// the step can be replayed elsewhere (tests/data/replay_step.py does). Create it before the
/// forward pass, write it after the update. One thread.
///   views, sample indices and drawn parameters, and what the objective drew (drawn_NAME.npy);
///   weights, statistics, the objective's and the optimiser's state before; embeddings, those of
///   the momentum network where there is one, loss and its terms, gradients (before weight decay
///   and clipping); everything after.
class StepDump {
 public:
  /// Copies the state before the step.
  explicit StepDump(const Learner& learner);

  struct Result {
    std::int64_t step = 0;  // as in metrics.jsonl: the first is 1
    const DeviceBatch& batch;
    std::function<std::string(std::int64_t index)> imageName;
    const TrainingStep::Output& output;
    std::string precision;  // "fp32"
    const RunConfig& config;
  };
  /// Writes `folder` whole or not at all (an old one of that name is replaced). Throws Exception
  /// naming the path.
  void write(const std::filesystem::path& folder,
             const Learner& learner,
             const Result& result) const;

 private:
  NamedTensors before_;
  NamedTensors optimizerBefore_;
};

}  // namespace barlow
