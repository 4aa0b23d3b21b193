#pragma once

#include "core/optim/schedule.h"
#include "core/params/optim_params.h"
#include "core/torch.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace barlow {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Parameters as whoever owns them hands them over.
struct ParameterSet {
  NamedTensors tensors;
  bool hasConstantRate = false;  // the peak's, from the first step to the last
  bool mayRest = false;          // left alone, with its state, in steps without a gradient
};

/// Parameters that share a learning rate.
struct ParameterGroup {
  double learningRate = 0;
  double weightDecay = 0;
  bool usesTrustRatio = false;  // LARS
  bool hasConstantRate = false;
  bool mayRest = false;
  std::vector<std::string> parameters;
};

/// LARS, SGD, Adam or AdamW over named parameters, whose state travels by name, so that a file can
/// be read by others: "PARAMETER.momentum" (LARS, SGD), "PARAMETER.exp_avg" and ".exp_avg_sq"
/// (Adam, AdamW). Every set is a group; LARS makes two of each: weights, and one-dimensional
/// parameters (biases, BatchNorm) without decay and trust ratio.
class Optimizer {
 public:
  /// Keeps references to the tensors (name, parameter): move them to their device and memory format
  /// before. Buffers are allocated here.
  Optimizer(const OptimParams& params, const std::vector<ParameterSet>& sets);
  Optimizer(const OptimParams& params, NamedTensors parameters)
      : Optimizer(params, std::vector<ParameterSet>{{.tensors = std::move(parameters)}}) {}
  ~Optimizer();
  void zeroGrad();
  /// One update at the rates set last. Adam's bias correction uses the number of steps taken so
  /// far. CheckFailure when a parameter that may not rest has no gradient.
  void step();
  /// The two halves of step(), for a step that is recorded once and replayed: beginUpdate() counts
  /// it and, after keepRatesOnDevice(), writes what changes from step to step to the device;
  /// applyUpdate() only queues work that reads it there.
  void beginUpdate();
  void applyUpdate();
  void keepRatesOnDevice();
  /// For the next step.
  void setLearningRates(const LearningRates& rates);
  std::vector<ParameterGroup> groups() const;
  /// Copies; empty before the first step.
  NamedTensors state() const;
  std::int64_t stepsTaken() const;
  /// Throws Exception for a name that is missing, unknown or of another shape, and then has changed
  /// nothing.
  void loadState(const NamedTensors& state, std::int64_t stepsTaken);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow
