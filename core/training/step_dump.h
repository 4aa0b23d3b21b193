#pragma once

#include "core/device/twin_batch.h"
#include "core/models/twin_network.h"
#include "core/objectives/barlow_twins_loss.h"
#include "core/optim/optimizer.h"

#include <filesystem>
#include <functional>
#include <string>

namespace barlow {

/// Everything that one training step saw and did, as files that NumPy and safetensors read, so that
/// the step can be replayed elsewhere (tests/data/replay_step.py does). Create it before the
/// forward pass, write it after the update. One thread.
///   views, sample indices and drawn parameters; weights, statistics and optimiser state before;
///   embeddings, loss terms, gradients (before weight decay and clipping); everything after.
class StepDump {
 public:
  /// Copies the state before the step.
  StepDump(const TwinNetwork& network, const Optimizer& optimizer);

  struct Result {
    std::int64_t step = 0;  // as in metrics.jsonl: the first is 1
    const TwinBatch& batch;
    std::function<std::string(std::int64_t index)> imageName;
    torch::Tensor zA;  // [N, D]
    torch::Tensor zB;
    const BarlowTwinsTerms& terms;
    double lambda = 0;
    std::string precision;  // "fp32"
    const OptimParams& optim;
  };
  /// Writes `folder` whole or not at all (an old one of that name is replaced). Throws Exception
  /// naming the path.
  void write(const std::filesystem::path& folder,
             const TwinNetwork& network,
             const Optimizer& optimizer,
             const Result& result) const;

 private:
  NamedTensors before_;
  NamedTensors optimizerBefore_;
};

}  // namespace barlow
