#include "core/step/learner.h"

#include "core/models/momentum_encoder.h"

namespace barlow {
namespace {

void append(NamedTensors& all, const std::string& prefix, const NamedTensors& more) {
  for (const auto& [name, tensor] : more) {
    all.emplace_back(prefix + name, tensor);
  }
}

ParameterSet setOf(const Objective& objective, ParameterRole role) {
  ParameterSet set{.tensors = {},
                   .hasConstantRate = role == ParameterRole::ConstantRate,
                   .mayRest = role == ParameterRole::Resting};
  for (const ObjectiveParameter& parameter : objective.parameters()) {
    if (parameter.role == role) {
      set.tensors.emplace_back("objective." + parameter.name, parameter.tensor);
    }
  }
  return set;
}

}  // namespace

Learner::Learner(const RunConfig& config,
                 const ObjectiveSizes& sizes,
                 const torch::Device& device,
                 torch::MemoryFormat format)
    : network(config.model), objective(makeObjective(config.objective, sizes)) {
  initializeWeights(network, config.run.seed);
  network->to(device);
  setMemoryFormat(network, format);
  network->train();
  objective->to(device);
  objective->train(true);
  if (objective->info().hasMomentumEncoder) {
    momentum = momentumCopy(network, config.model);
  }
  std::vector<ParameterSet> sets = {{.tensors = network->namedParameters()}};
  for (const ParameterRole role :
       {ParameterRole::Weight, ParameterRole::ConstantRate, ParameterRole::Resting}) {
    if (ParameterSet set = setOf(*objective, role); !set.tensors.empty()) {
      sets.push_back(std::move(set));
    }
  }
  optimizer = std::make_unique<Optimizer>(config.optim, sets);
}

StartingPoint Learner::startFrom(const std::filesystem::path& path,
                                 const WeightFile& weights,
                                 const ModelParams& model) {
  const torch::NoGradGuard noGrad;
  StartingPoint start = copyWeights(path, weights, network, model);
  if (momentum) {
    const NamedTensors own = namedState(network);
    NamedTensors copies = namedState(momentum);
    for (std::size_t i = 0; i < copies.size(); ++i) {
      copies[i].second.copy_(own[i].second);
    }
  }
  return start;
}

NamedTensors Learner::objectiveState() const {
  NamedTensors state;
  for (const ObjectiveParameter& parameter : objective->parameters()) {
    state.emplace_back(parameter.name, parameter.tensor.detach());
  }
  append(state, "", objective->buffers());
  return state;
}

NamedTensors Learner::momentumState() const {
  return momentum ? namedState(momentum) : NamedTensors{};
}

NamedTensors Learner::state() const {
  NamedTensors all = namedState(network);
  append(all, "objective.", objectiveState());
  append(all, "momentum.", momentumState());
  return all;
}

NamedTensors Learner::parameters() const {
  NamedTensors all = network->namedParameters();
  for (const ObjectiveParameter& parameter : objective->parameters()) {
    all.emplace_back("objective." + parameter.name, parameter.tensor);
  }
  return all;
}

}  // namespace barlow
