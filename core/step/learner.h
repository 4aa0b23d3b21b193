#pragma once

#include "core/models/encoder.h"
#include "core/models/weight_file.h"
#include "core/objectives/objective.h"
#include "core/optim/optimizer.h"
#include "core/params/run_config.h"
#include "core/step/online_classifier.h"
#include "core/torch.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace barlow {

/// Everything that learns, and all that a run must keep of it: the network, its slowly moving copy
/// where the objective has one, what the objective keeps to itself, and the optimiser's state.
struct Learner {
  /// A start that depends on the configuration and its seed alone, on `device`.
  Learner(const RunConfig& config,
          const ObjectiveSizes& sizes,
          const torch::Device& device,
          torch::MemoryFormat format);

  Encoder network;
  std::unique_ptr<Objective> objective;
  Encoder momentum{nullptr};  // null where the objective has none
  std::unique_ptr<Optimizer> optimizer;
  std::optional<OnlineClassifier> online;  // beside what learns: nothing above knows of it

  /// Begins with the weights of a file (copyWeights()), as does the momentum network. Before the
  /// first step.
  StartingPoint startFrom(const std::filesystem::path& path,
                          const WeightFile& weights,
                          const ModelParams& model);

  /// Parameters and buffers of the objective by name, without a prefix; the tensors themselves.
  NamedTensors objectiveState() const;
  /// Of the momentum network; empty without one.
  NamedTensors momentumState() const;
  /// All parameters and buffers: the network's, then "objective.", then "momentum.".
  NamedTensors state() const;
  /// Those that a gradient reaches: the network's, then "objective.".
  NamedTensors parameters() const;
};

}  // namespace barlow
