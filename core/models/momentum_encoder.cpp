#include "core/models/momentum_encoder.h"

#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_foreach_sub.h>

namespace barlow {

Encoder momentumCopy(const Encoder& network, const ModelParams& params) {
  const torch::NoGradGuard noGrad;
  Encoder copy(params);
  const auto from = namedState(network);
  copy->to(from.front().second.device());
  auto parameters = copy->parameters();
  const auto own = network->parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].set_data(own[i].detach().clone(torch::MemoryFormat::Preserve));
    parameters[i].set_requires_grad(false);
  }
  auto buffers = copy->buffers();
  const auto ownBuffers = network->buffers();
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    buffers[i].copy_(ownBuffers[i]);
  }
  copy->train(network->isTraining());
  return copy;
}

void follow(Encoder& momentum, const Encoder& network, double share) {
  const torch::NoGradGuard noGrad;
  const auto parameters = momentum->parameters();
  at::_foreach_lerp_(parameters, network->parameters(), 1 - share);
}

torch::Tensor momentumDistance(const Encoder& momentum, const Encoder& network) {
  const torch::NoGradGuard noGrad;
  const auto own = network->parameters();
  const auto lengthOf = [](const std::vector<torch::Tensor>& all) {
    return torch::stack(at::_foreach_norm(all)).norm();
  };
  return lengthOf(at::_foreach_sub(momentum->parameters(), own)) / lengthOf(own);
}

}  // namespace barlow
