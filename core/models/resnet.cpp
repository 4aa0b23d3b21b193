#include "core/models/resnet.h"

#include "core/base/check.h"
#include "core/models/norm_relu.h"

namespace barlow {
namespace {

using torch::Tensor;
namespace nn = torch::nn;

nn::Conv2d convolution(std::int64_t in,
                       std::int64_t out,
                       std::int64_t kernel,
                       std::int64_t stride) {
  return nn::Conv2d(
      nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

nn::Sequential shortcut(std::int64_t in, std::int64_t out, std::int64_t stride) {
  return nn::Sequential(convolution(in, out, 1, stride), nn::BatchNorm2d(out));
}

// x, or its projection where the block changes the shape.
Tensor shortcutOf(nn::Sequential& downsample, const Tensor& x) {
  if (downsample.is_empty()) {
    return x;
  }
  nn::BatchNorm2d norm(std::dynamic_pointer_cast<nn::BatchNorm2dImpl>(downsample->ptr(1)));
  return normalize(norm, downsample->ptr<nn::Conv2dImpl>(0)->forward(x), false);
}

// torchvision BasicBlock: two 3x3 convolutions.
class BasicBlockImpl final : public nn::Module, public ResidualBlock {
 public:
  BasicBlockImpl(std::int64_t in, std::int64_t planes, std::int64_t stride)
      : conv1_(register_module("conv1", convolution(in, planes, 3, stride))),
        bn1_(register_module("bn1", nn::BatchNorm2d(planes))),
        conv2_(register_module("conv2", convolution(planes, planes, 3, 1))),
        bn2_(register_module("bn2", nn::BatchNorm2d(planes))) {
    if (stride != 1 || in != planes) {
      downsample_ = register_module("downsample", shortcut(in, planes, stride));
    }
  }
  Tensor forward(const Tensor& x) {
    Tensor y = normRelu(bn1_, conv1_->forward(x));
    return normalize(bn2_, conv2_->forward(y), true, shortcutOf(downsample_, x));
  }
  nn::BatchNorm2d lastNorm() override { return bn2_; }

 private:
  nn::Conv2d conv1_;
  nn::BatchNorm2d bn1_;
  nn::Conv2d conv2_;
  nn::BatchNorm2d bn2_;
  nn::Sequential downsample_{nullptr};
};
TORCH_MODULE(BasicBlock);

// torchvision Bottleneck (v1.5: the stride sits in the 3x3 convolution).
class BottleneckImpl final : public nn::Module, public ResidualBlock {
 public:
  static constexpr std::int64_t kExpansion = 4;

  BottleneckImpl(std::int64_t in, std::int64_t planes, std::int64_t stride)
      : conv1_(register_module("conv1", convolution(in, planes, 1, 1))),
        bn1_(register_module("bn1", nn::BatchNorm2d(planes))),
        conv2_(register_module("conv2", convolution(planes, planes, 3, stride))),
        bn2_(register_module("bn2", nn::BatchNorm2d(planes))),
        conv3_(register_module("conv3", convolution(planes, planes * kExpansion, 1, 1))),
        bn3_(register_module("bn3", nn::BatchNorm2d(planes * kExpansion))) {
    if (stride != 1 || in != planes * kExpansion) {
      downsample_ = register_module("downsample", shortcut(in, planes * kExpansion, stride));
    }
  }
  Tensor forward(const Tensor& x) {
    Tensor y = normRelu(bn1_, conv1_->forward(x));
    y = normRelu(bn2_, conv2_->forward(y));
    return normalize(bn3_, conv3_->forward(y), true, shortcutOf(downsample_, x));
  }
  nn::BatchNorm2d lastNorm() override { return bn3_; }

 private:
  nn::Conv2d conv1_;
  nn::BatchNorm2d bn1_;
  nn::Conv2d conv2_;
  nn::BatchNorm2d bn2_;
  nn::Conv2d conv3_;
  nn::BatchNorm2d bn3_;
  nn::Sequential downsample_{nullptr};
};
TORCH_MODULE(Bottleneck);

std::array<int, 4> blocksOf(Backbone backbone) {
  return backbone == Backbone::ResNet18 ? std::array<int, 4>{2, 2, 2, 2}
                                        : std::array<int, 4>{3, 4, 6, 3};
}

}  // namespace

ResNetImpl::ResNetImpl(const ModelParams& params)
    : inPlanes_(params.width), hasPooling_(params.stem == Stem::Imagenet) {
  BARLOW_CHECK(params.backbone != Backbone::Tiny) << "not a ResNet";
  const bool isBottleneck = params.backbone == Backbone::ResNet50;
  conv1_ = register_module(
      "conv1", hasPooling_ ? convolution(3, inPlanes_, 7, 2) : convolution(3, inPlanes_, 3, 1));
  bn1_ = register_module("bn1", nn::BatchNorm2d(inPlanes_));
  const std::array<int, 4> blocks = blocksOf(params.backbone);
  for (std::size_t stage = 0; stage < 4; ++stage) {
    const std::int64_t planes = static_cast<std::int64_t>(params.width) << stage;
    layers_[stage] =
        register_module("layer" + std::to_string(stage + 1),
                        makeStage(planes, blocks[stage], stage == 0 ? 1 : 2, isBottleneck));
  }
  features_ = inPlanes_;
}

nn::Sequential ResNetImpl::makeStage(std::int64_t planes,
                                     int blocks,
                                     std::int64_t stride,
                                     bool isBottleneck) {
  nn::Sequential stage;
  for (int block = 0; block < blocks; ++block) {
    const std::int64_t blockStride = block == 0 ? stride : 1;
    if (isBottleneck) {
      stage->push_back(Bottleneck(inPlanes_, planes, blockStride));
      inPlanes_ = planes * BottleneckImpl::kExpansion;
    } else {
      stage->push_back(BasicBlock(inPlanes_, planes, blockStride));
      inPlanes_ = planes;
    }
  }
  return stage;
}

Tensor ResNetImpl::featureMap(Tensor x) {
  x = normRelu(bn1_, conv1_->forward(x));
  if (hasPooling_) {
    x = torch::max_pool2d(x, 3, 2, 1);
  }
  for (nn::Sequential& layer : layers_) {
    x = layer->forward(x);
  }
  return x;
}

Tensor ResNetImpl::forward(const Tensor& x) {
  return torch::adaptive_avg_pool2d(featureMap(x), {1, 1}).flatten(1);
}

}  // namespace barlow
