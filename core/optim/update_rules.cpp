#include "core/optim/update_rules.h"

#include <cmath>

namespace barlow {
namespace {

using Tensors = std::vector<torch::Tensor>;

Tensors decayed(torch::TensorList parameters, torch::TensorList gradients, double decay) {
  return decay == 0 ? gradients.vec() : at::_foreach_add(gradients, parameters, decay);
}

// parameters <- parameters - rate momenta
void descend(torch::TensorList parameters,
             torch::TensorList momenta,
             double rate,
             const torch::Tensor& deviceRate) {
  if (deviceRate.defined()) {
    at::_foreach_sub_(parameters, at::_foreach_mul(momenta, deviceRate));
  } else {
    at::_foreach_add_(parameters, momenta, -rate);
  }
}

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;

}  // namespace

Tensors LarsRule::clippedUpdates(torch::TensorList parameters, torch::TensorList gradients) const {
  const torch::Tensor weightNorms = torch::stack(at::_foreach_norm(parameters, 2));  // [tensors]
  const torch::Tensor gradientNorms = torch::stack(at::_foreach_norm(gradients, 2));
  const torch::Tensor hasBoth = (weightNorms > 0).logical_and(gradientNorms > 0);
  // rate 0, in the first step of a warm-up: the quotient is infinite and 1 remains.
  const torch::Tensor plain = eta * weightNorms / (gradientNorms + decay * weightNorms + 1e-8);
  const torch::Tensor ratios =
      (deviceRate.defined() ? plain / deviceRate : plain / rate).clamp_max(1);
  const torch::Tensor scale = torch::where(hasBoth, ratios, torch::ones_like(ratios));
  const torch::Tensor decays = decay * scale * hasBoth;
  Tensors updates = at::_foreach_mul(gradients, scale.unbind());
  at::_foreach_add_(updates, at::_foreach_mul(parameters, decays.unbind()));
  return updates;
}

void LarsRule::apply(torch::TensorList parameters,
                     torch::TensorList gradients,
                     torch::TensorList momenta) const {
  Tensors updates = gradients.vec();
  if (usesTrustRatio && isClipped) {
    updates = clippedUpdates(parameters, gradients);
  } else if (usesTrustRatio) {
    updates = decayed(parameters, gradients, decay);
    const torch::Tensor weightNorms = torch::stack(at::_foreach_norm(parameters, 2));  // [tensors]
    const torch::Tensor updateNorms = torch::stack(at::_foreach_norm(updates, 2));
    const torch::Tensor hasBoth = (weightNorms > 0).logical_and(updateNorms > 0);
    const torch::Tensor ratios =
        torch::where(hasBoth, eta * weightNorms / updateNorms, torch::ones_like(weightNorms));
    updates = at::_foreach_mul(updates, ratios.unbind());
  }
  at::_foreach_mul_(momenta, momentum);
  at::_foreach_add_(momenta, updates);
  descend(parameters, momenta, rate, deviceRate);
}

void SgdRule::apply(torch::TensorList parameters,
                    torch::TensorList gradients,
                    torch::TensorList momenta) const {
  const Tensors updates = decayed(parameters, gradients, decay);
  // Momenta start at zero, so that the first one is the gradient, as in PyTorch.
  at::_foreach_mul_(momenta, momentum);
  at::_foreach_add_(momenta, updates);
  descend(parameters, momenta, rate, deviceRate);
}

void AdamRule::apply(torch::TensorList parameters,
                     torch::TensorList gradients,
                     torch::TensorList averages,
                     torch::TensorList squareAverages) const {
  constexpr double kEpsilon = 1e-8;
  Tensors updates = gradients.vec();
  if (isDecoupled && deviceRates.defined()) {
    at::_foreach_mul_(parameters, 1.0 - deviceRates[0] * decay);
  } else if (isDecoupled) {
    at::_foreach_mul_(parameters, 1.0 - rate * decay);
  } else {
    updates = decayed(parameters, gradients, decay);
  }
  at::_foreach_lerp_(averages, updates, 1.0 - kBeta1);
  at::_foreach_mul_(squareAverages, kBeta2);
  at::_foreach_addcmul_(squareAverages, updates, updates, 1.0 - kBeta2);
  Tensors denominators = at::_foreach_sqrt(squareAverages);
  if (deviceRates.defined()) {
    at::_foreach_div_(denominators, deviceRates[2]);
    at::_foreach_add_(denominators, kEpsilon);
    const Tensors moves = at::_foreach_div(averages, denominators);
    at::_foreach_sub_(parameters, at::_foreach_mul(moves, deviceRates[1]));
    return;
  }
  const std::array<double, 3> now = rates();
  at::_foreach_div_(denominators, now[2]);
  at::_foreach_add_(denominators, kEpsilon);
  at::_foreach_addcdiv_(parameters, averages, denominators, -now[1]);
}

std::array<double, 3> AdamRule::rates() const {
  const auto t = static_cast<double>(step);
  return {rate, rate / (1.0 - std::pow(kBeta1, t)), std::sqrt(1.0 - std::pow(kBeta2, t))};
}

}  // namespace barlow
