#include "core/optim/optimizer.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/optim/update_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace barlow {
namespace {

using Tensors = std::vector<torch::Tensor>;

// A parameter group with its tensors; `buffers` holds one list per state name.
struct Group {
  ParameterGroup info;
  Tensors parameters;
  std::vector<Tensors> buffers;
  torch::Tensor deviceRates;  // [3] AdamRule::rates(); LARS and SGD use the first
};

std::vector<std::string> stateNames(OptimizerName name) {
  const bool isAdam = name == OptimizerName::Adam || name == OptimizerName::AdamW;
  return isAdam ? std::vector<std::string>{"exp_avg", "exp_avg_sq"}
                : std::vector<std::string>{"momentum"};
}

}  // namespace

struct Optimizer::Impl {
  OptimParams params;
  std::vector<Group> groups;
  std::vector<std::string> names;  // of the state
  std::int64_t steps = 0;

  Group makeGroup(const ParameterSet& set,
                  const NamedTensors& all,
                  bool isTrusted,
                  double decay) const {
    Group group;
    group.info.hasConstantRate = set.hasConstantRate;
    group.info.mayRest = set.mayRest;
    group.info.usesTrustRatio = isTrusted;
    group.info.weightDecay = decay;
    group.buffers.resize(names.size());
    for (const auto& [name, parameter] : all) {
      group.info.parameters.push_back(name);
      group.parameters.push_back(parameter);
      for (Tensors& buffer : group.buffers) {
        buffer.push_back(torch::zeros_like(parameter, torch::MemoryFormat::Preserve).detach());
      }
    }
    return group;
  }

  // The part of a group that a step moves: all of it, but for what rests.
  static Group movedPart(const Group& group) {
    const auto rests = [](const torch::Tensor& parameter) { return !parameter.grad().defined(); };
    if (std::none_of(group.parameters.begin(), group.parameters.end(), rests)) {
      return group;
    }
    BARLOW_CHECK(group.info.mayRest) << "a parameter has no gradient";
    Group moved{.info = group.info,
                .parameters = {},
                .buffers = std::vector<Tensors>(group.buffers.size()),
                .deviceRates = group.deviceRates};
    for (std::size_t i = 0; i < group.parameters.size(); ++i) {
      if (!rests(group.parameters[i])) {
        moved.parameters.push_back(group.parameters[i]);
        for (std::size_t b = 0; b < group.buffers.size(); ++b) {
          moved.buffers[b].push_back(group.buffers[b][i]);
        }
      }
    }
    return moved;
  }

  static Tensors gradientsOf(const Group& group) {
    Tensors gradients;
    for (const torch::Tensor& parameter : group.parameters) {
      gradients.push_back(parameter.grad());
    }
    return gradients;
  }

  // What shortens the gradient of all groups together to clipNorm, as
  // torch.nn.utils.clip_grad_norm_; 1 where it is shorter. Stays on the device.
  torch::Tensor clipFactor(const std::vector<Group>& moved) const {
    Tensors all;
    for (const Group& group : moved) {
      const Tensors gradients = gradientsOf(group);
      all.insert(all.end(), gradients.begin(), gradients.end());
    }
    const torch::Tensor norm = torch::stack(at::_foreach_norm(all, 2)).norm();
    return (params.clipNorm / (norm + 1e-6)).clamp_max(1);
  }

  void update(Group& group, const torch::Tensor& factor) const {
    Tensors gradients = gradientsOf(group);
    if (factor.defined()) {  // the gradients themselves stay as the backward pass left them
      gradients = at::_foreach_mul(gradients, factor);
    }
    const double rate = group.info.learningRate;
    const bool isOnDevice = group.deviceRates.defined();
    const torch::Tensor deviceRate = isOnDevice ? group.deviceRates[0] : torch::Tensor();
    switch (params.name) {
      case OptimizerName::Lars:
        LarsRule{rate,
                 params.momentum,
                 group.info.weightDecay,
                 params.larsEta,
                 group.info.usesTrustRatio,
                 params.larsClip,
                 deviceRate}
            .apply(group.parameters, gradients, group.buffers[0]);
        break;
      case OptimizerName::Sgd:
        SgdRule{rate, params.momentum, group.info.weightDecay, deviceRate}.apply(
            group.parameters, gradients, group.buffers[0]);
        break;
      case OptimizerName::Adam:
      case OptimizerName::AdamW:
        adamRule(group).apply(group.parameters, gradients, group.buffers[0], group.buffers[1]);
        break;
    }
  }

  AdamRule adamRule(const Group& group) const {
    return {group.info.learningRate,
            group.info.weightDecay,
            params.name == OptimizerName::AdamW,
            steps,
            group.deviceRates};
  }
};

Optimizer::Optimizer(const OptimParams& params, const std::vector<ParameterSet>& sets)
    : impl_(std::make_unique<Impl>()) {
  impl_->params = params;
  impl_->names = stateNames(params.name);
  for (const ParameterSet& set : sets) {
    if (params.name != OptimizerName::Lars) {
      impl_->groups.push_back(impl_->makeGroup(set, set.tensors, false, params.weightDecay));
      continue;
    }
    NamedTensors weights;
    NamedTensors oneDimensional;  // biases and BatchNorm (main.py `exclude_bias_and_norm`)
    for (const auto& item : set.tensors) {
      (item.second.dim() == 1 ? oneDimensional : weights).push_back(item);
    }
    impl_->groups.push_back(impl_->makeGroup(set, weights, true, params.weightDecay));
    impl_->groups.push_back(impl_->makeGroup(set, oneDimensional, false, 0.0));
  }
}

Optimizer::~Optimizer() = default;

void Optimizer::zeroGrad() {
  for (Group& group : impl_->groups) {
    for (torch::Tensor& parameter : group.parameters) {
      parameter.mutable_grad().reset();
    }
  }
}

void Optimizer::step() {
  beginUpdate();
  applyUpdate();
}

void Optimizer::keepRatesOnDevice() {
  for (Group& group : impl_->groups) {
    if (!group.parameters.empty()) {
      group.deviceRates = torch::zeros({3}, group.parameters.front().options()).detach();
    }
  }
}

void Optimizer::beginUpdate() {
  torch::NoGradGuard noGrad;
  ++impl_->steps;
  for (Group& group : impl_->groups) {
    if (group.deviceRates.defined()) {
      const auto rates = impl_->adamRule(group).rates();
      torch::Tensor host = torch::tensor({rates[0], rates[1], rates[2]}, torch::kFloat64)
                               .to(group.deviceRates.scalar_type());
      if (!group.deviceRates.is_cpu()) {
        host = host.pin_memory();  // a copy that does not wait
      }
      group.deviceRates.copy_(host, /*non_blocking=*/true);
    }
  }
}

void Optimizer::applyUpdate() {
  torch::NoGradGuard noGrad;
  std::vector<Group> moved;
  for (const Group& group : impl_->groups) {
    if (Group part = Impl::movedPart(group); !part.parameters.empty()) {
      moved.push_back(std::move(part));
    }
  }
  const torch::Tensor factor =
      impl_->params.clipNorm > 0 ? impl_->clipFactor(moved) : torch::Tensor();
  for (Group& group : moved) {
    impl_->update(group, factor);
  }
}

void Optimizer::setLearningRates(const LearningRates& rates) {
  for (std::size_t i = 0; i < impl_->groups.size(); ++i) {
    ParameterGroup& group = impl_->groups[i].info;
    const bool isOneDimensional = impl_->params.name == OptimizerName::Lars && i % 2 == 1;
    const double now = isOneDimensional ? rates.oneDimensional : rates.weights;
    const double peak = isOneDimensional ? rates.peakOneDimensional : rates.peakWeights;
    group.learningRate = group.hasConstantRate ? peak : now;
  }
}

std::vector<ParameterGroup> Optimizer::groups() const {
  std::vector<ParameterGroup> groups;
  for (const Group& group : impl_->groups) {
    groups.push_back(group.info);
  }
  return groups;
}

NamedTensors Optimizer::state() const {
  NamedTensors state;
  if (impl_->steps == 0) {
    return state;
  }
  for (const Group& group : impl_->groups) {
    for (std::size_t i = 0; i < group.parameters.size(); ++i) {
      for (std::size_t b = 0; b < impl_->names.size(); ++b) {
        state.emplace_back(group.info.parameters[i] + "." + impl_->names[b],
                           group.buffers[b][i].clone());
      }
    }
  }
  return state;
}

std::int64_t Optimizer::stepsTaken() const { return impl_->steps; }

void Optimizer::loadState(const NamedTensors& state, std::int64_t stepsTaken) {
  torch::NoGradGuard noGrad;
  const bool isFresh = stepsTaken == 0;
  std::map<std::string, torch::Tensor> given(state.begin(), state.end());
  std::vector<std::pair<torch::Tensor, torch::Tensor>> copies;  // buffer, its new content
  for (Group& group : impl_->groups) {
    for (std::size_t i = 0; i < group.parameters.size() && !isFresh; ++i) {
      for (std::size_t b = 0; b < impl_->names.size(); ++b) {
        torch::Tensor& buffer = group.buffers[b][i];
        const std::string name = group.info.parameters[i] + "." + impl_->names[b];
        const auto found = given.find(name);
        if (found == given.end() || found->second.sizes() != buffer.sizes()) {
          throw Exception(
              fmt::format("The optimiser's state {} '{}': it belongs to another configuration.",
                          found == given.end() ? "lacks" : "has another shape for",
                          name));
        }
        copies.emplace_back(buffer, found->second);
        given.erase(found);
      }
    }
  }
  if (!given.empty()) {
    throw Exception(
        fmt::format("The optimiser's state has '{}', which is unknown here: it belongs to another "
                    "configuration.",
                    given.begin()->first));
  }
  for (auto& [buffer, content] : copies) {
    buffer.copy_(content);
  }
  if (isFresh) {
    for (Group& group : impl_->groups) {
      for (Tensors& buffers : group.buffers) {
        for (torch::Tensor& buffer : buffers) {
          buffer.zero_();
        }
      }
    }
  }
  impl_->steps = stepsTaken;
}

}  // namespace barlow
