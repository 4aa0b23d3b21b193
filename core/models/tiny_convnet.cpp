#include "core/models/tiny_convnet.h"

#include "core/models/norm_relu.h"

namespace barlow {

TinyConvNetImpl::TinyConvNetImpl(const ModelParams& params) {
  std::int64_t in = 3;
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t out = static_cast<std::int64_t>(params.width) << stage;
    const std::string number = std::to_string(stage + 1);
    convolutions_.push_back(register_module(
        "conv" + number,
        torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 3).stride(2).padding(1).bias(false))));
    norms_.push_back(register_module("bn" + number, torch::nn::BatchNorm2d(out)));
    in = out;
  }
  features_ = in;
}

torch::Tensor TinyConvNetImpl::featureMap(torch::Tensor x) {
  for (std::size_t stage = 0; stage < convolutions_.size(); ++stage) {
    x = normRelu(norms_[stage], convolutions_[stage]->forward(x));
  }
  return x;
}

torch::Tensor TinyConvNetImpl::forward(const torch::Tensor& x) {
  return torch::adaptive_avg_pool2d(featureMap(x), {1, 1}).flatten(1);
}

}  // namespace barlow
