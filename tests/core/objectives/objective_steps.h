#pragma once

#include "core/objectives/objective.h"
#include "tests/core/objectives/golden_views.h"

#include <ATen/CPUGeneratorImpl.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace barlow {

// Objectives of a small run, and what a network might give them.

inline constexpr std::int64_t kBatch = 8;
inline constexpr std::int64_t kDimensions = 5;
inline constexpr std::int64_t kStepsPerEpoch = 3;
inline constexpr ObjectiveSizes kSizes = {
    .batch = kBatch, .dimensions = kDimensions, .images = kBatch * kStepsPerEpoch + 1, .seed = 7};

// Small, and with all parts at work from the first steps on.
inline ObjectiveParams paramsOf(ObjectiveName name) {
  ObjectiveParams params;
  params.name = name;
  params.moco.queue = 16;
  params.byol.predictor = 6;
  params.simsiam.predictor = 6;
  params.swav = {.prototypes = 6, .queue = 16, .queueFromEpoch = 1, .freezeEpochs = 1};
  params.deepCluster = {.clusters = 4, .heads = 3, .kmeansIterations = 5};
  params.lejepa.slices = 6;
  return params;
}

inline StepPosition at(std::int64_t step) {
  return {.step = step, .stepsPerEpoch = kStepsPerEpoch, .totalSteps = 12};
}

inline torch::Tensor numbers(std::uint64_t seed) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return torch::randn({kBatch, kDimensions}, generator, torch::kFloat64);
}

// What a network might give in this step: views that are alike.
inline ObjectiveInputs inputsOf(const Objective& objective, std::int64_t step) {
  const auto seed = static_cast<std::uint64_t>(10 * step);
  const torch::Tensor base = numbers(seed);
  ObjectiveInputs inputs;
  const int views = objective.info().takesMoreViews ? 3 : 2;
  for (int view = 0; view < views; ++view) {
    inputs.online.push_back(base + 0.5 * numbers(seed + 1 + static_cast<std::uint64_t>(view)));
  }
  if (objective.info().hasMomentumEncoder) {
    inputs.target = {base + 0.5 * numbers(seed + 5), base + 0.5 * numbers(seed + 6)};
  }
  inputs.samples = torch::arange(kBatch) + kBatch * (step % kStepsPerEpoch);
  inputs.at = at(step);
  return inputs;
}

inline std::map<std::string, torch::Tensor> stateOf(const Objective& objective) {
  std::map<std::string, torch::Tensor> state;
  for (const ObjectiveParameter& parameter : objective.parameters()) {
    state[parameter.name] = parameter.tensor.detach();
  }
  for (const auto& [name, buffer] : objective.buffers()) {
    state[name] = buffer;
  }
  return state;
}

inline std::map<std::string, torch::Tensor> copyOfState(const Objective& objective) {
  auto state = stateOf(objective);
  for (auto& [name, tensor] : state) {
    tensor = tensor.clone();
  }
  return state;
}

inline bool isSame(const torch::Tensor& a, const torch::Tensor& b) {
  const auto text = [](const torch::Tensor& x) {
    return x.is_floating_point() ? x.nan_to_num(-77.5) : x;
  };
  return torch::equal(text(a), text(b));
}

/// The objective's whole state in double, for finite differences and golden numbers.
inline void toDouble(const Objective& objective) {
  for (const ObjectiveParameter& parameter : objective.parameters()) {
    parameter.tensor.set_data(parameter.tensor.to(torch::kFloat64));
  }
  for (const auto& [name, buffer] : objective.buffers()) {
    if (buffer.is_floating_point()) {
      buffer.set_data(buffer.to(torch::kFloat64));
    }
  }
}

inline std::unique_ptr<Objective> made(const ObjectiveParams& params) {
  auto objective = makeObjective(params, kSizes);
  toDouble(*objective);
  return objective;
}

inline ObjectiveInputs asLeaves(ObjectiveInputs inputs) {
  for (torch::Tensor& z : inputs.online) {
    z = z.clone().requires_grad_();
  }
  return inputs;
}

// One whole step, with plain gradient descent for the objective's own parameters.
inline double oneStep(Objective& objective, std::int64_t step) {
  if (step % kStepsPerEpoch == 0) {
    objective.beginEpoch(at(step));
  }
  for (const ObjectiveParameter& parameter : objective.parameters()) {
    parameter.tensor.mutable_grad() = torch::Tensor();
  }
  const ObjectiveInputs inputs = asLeaves(inputsOf(objective, step));
  const ObjectiveTerms terms = objective.loss(inputs);
  terms.loss.backward();
  objective.beforeUpdate(at(step));
  {
    torch::NoGradGuard noGrad;
    for (const ObjectiveParameter& parameter : objective.parameters()) {
      if (parameter.tensor.grad().defined()) {
        parameter.tensor.add_(parameter.tensor.grad(), -0.1);
      }
    }
  }
  objective.afterUpdate(inputsOf(objective, step));
  return terms.loss.item<double>();
}

inline void run(Objective& objective, std::int64_t first, std::int64_t last) {
  for (std::int64_t step = first; step < last; ++step) {
    oneStep(objective, step);
  }
}

}  // namespace barlow
