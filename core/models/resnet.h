#pragma once

#include "core/models/nn.h"
#include "core/params/model_params.h"

#include <array>
#include <cstdint>

namespace barlow {

/// torchvision's ResNet-18, -34 or -50 without `fc`, of any width, with the ImageNet stem or the
/// CIFAR one (3x3, stride 1, no pooling; called conv1 and bn1 as well). Names and order of
/// parameters are torchvision's. [N, 3, H, W] -> [N, F]; F = 8 width (18, 34) or 32 width (50).
class ResNetImpl : public torch::nn::Module {
 public:
  explicit ResNetImpl(const ModelParams& params);
  torch::Tensor forward(const torch::Tensor& x);
  /// Before the average over the picture: [N, F, H / 32, W / 32], with the CIFAR stem a quarter as
  /// coarse.
  torch::Tensor featureMap(torch::Tensor x);
  std::int64_t features() const { return features_; }

 private:
  torch::nn::Sequential makeStage(std::int64_t planes,
                                  int blocks,
                                  std::int64_t stride,
                                  bool isBottleneck);

  std::int64_t inPlanes_;
  std::int64_t features_ = 0;
  bool hasPooling_;
  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::BatchNorm2d bn1_{nullptr};
  std::array<torch::nn::Sequential, 4> layers_{nullptr, nullptr, nullptr, nullptr};
};
TORCH_MODULE(ResNet);

/// What every residual block says of its last BatchNorm, which zeroInitResidual sets to zero.
class ResidualBlock {
 public:
  virtual ~ResidualBlock() = default;
  virtual torch::nn::BatchNorm2d lastNorm() = 0;
};

}  // namespace barlow
