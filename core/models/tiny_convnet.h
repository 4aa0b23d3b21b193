#pragma once

#include "core/models/nn.h"
#include "core/params/model_params.h"

namespace barlow {

/// A small network for a first look on an old processor: four 3x3 convolutions of stride 2 with
/// width, 2, 4 and 8 times width channels, each with BatchNorm and ReLU, then the average over the
/// picture. [N, 3, H, W] -> [N, 8 width]. Parameters: conv1.weight, bn1.weight, bn1.bias, ...,
/// conv4, bn4.
class TinyConvNetImpl : public torch::nn::Module {
 public:
  explicit TinyConvNetImpl(const ModelParams& params);
  torch::Tensor forward(const torch::Tensor& x);
  /// Before the average over the picture: [N, F, H / 16, W / 16].
  torch::Tensor featureMap(torch::Tensor x);
  std::int64_t features() const { return features_; }

 private:
  std::int64_t features_ = 0;
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::BatchNorm2d> norms_;
};
TORCH_MODULE(TinyConvNet);

}  // namespace barlow
