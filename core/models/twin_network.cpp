#include "core/models/twin_network.h"

#include "core/base/check.h"
#include "core/models/resnet.h"
#include "core/models/tiny_convnet.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/activation.h>

#include <cmath>

namespace barlow {
namespace {

namespace nn = torch::nn;

// main.py: Linear without bias, BatchNorm, ReLU, ..., and a last Linear without bias. Indices are
// the reference's. Other codes have biases, or a BatchNorm at the end.
nn::Sequential makeProjector(std::int64_t in, const ModelParams& params) {
  const std::vector<int>& widths = params.projector;
  nn::Sequential projector;
  for (std::size_t layer = 0; layer < widths.size(); ++layer) {
    const std::int64_t out = widths[layer];
    const bool isLast = layer + 1 == widths.size();
    projector->push_back(nn::Linear(nn::LinearOptions(in, out).bias(params.projectorBias)));
    if (!isLast || params.projectorLastNorm) {
      projector->push_back(nn::BatchNorm1d(out));
    }
    if (!isLast) {
      projector->push_back(nn::ReLU(nn::ReLUOptions().inplace(true)));
    }
    in = out;
  }
  return projector;
}

std::vector<std::pair<std::string, torch::Tensor>> pairsOf(
    const torch::OrderedDict<std::string, torch::Tensor>& tensors) {
  std::vector<std::pair<std::string, torch::Tensor>> pairs;
  for (const auto& item : tensors) {
    pairs.emplace_back(item.key(), item.value());
  }
  return pairs;
}

}  // namespace

struct TwinNetworkImpl::Parts : nn::Module {
  explicit Parts(const ModelParams& params) : zeroInitResidual(params.zeroInitResidual) {
    BARLOW_CHECK(!params.projector.empty()) << "a projector has at least one layer";
    if (params.backbone == Backbone::Tiny) {
      addBackbone(TinyConvNet(params));
    } else {
      addBackbone(ResNet(params));
    }
    projector = register_module("projector", makeProjector(features, params));
    dimensions = params.projector.back();
  }

  template <class Backbone>
  void addBackbone(Backbone made) {
    features = made->features();
    backbone = nn::AnyModule(register_module("backbone", made));
  }

  bool zeroInitResidual;
  std::int64_t features = 0;
  std::int64_t dimensions = 0;
  nn::AnyModule backbone;
  nn::Sequential projector{nullptr};
};

TwinNetworkImpl::TwinNetworkImpl(const ModelParams& params)
    : parts_(std::make_shared<Parts>(params)) {}
TwinNetworkImpl::~TwinNetworkImpl() = default;

torch::Tensor TwinNetworkImpl::represent(const torch::Tensor& images) {
  return parts_->backbone.forward(images);
}
torch::Tensor TwinNetworkImpl::forward(const torch::Tensor& images) {
  return parts_->projector->forward(represent(images));
}
std::int64_t TwinNetworkImpl::features() const { return parts_->features; }
std::int64_t TwinNetworkImpl::dimensions() const { return parts_->dimensions; }
bool TwinNetworkImpl::zeroInitResidual() const { return parts_->zeroInitResidual; }

std::vector<torch::Tensor> TwinNetworkImpl::parameters() const { return parts_->parameters(); }
std::vector<torch::Tensor> TwinNetworkImpl::buffers() const { return parts_->buffers(); }
std::vector<std::pair<std::string, torch::Tensor>> TwinNetworkImpl::namedParameters() const {
  return pairsOf(parts_->named_parameters());
}
std::vector<std::pair<std::string, torch::Tensor>> TwinNetworkImpl::namedBuffers() const {
  return pairsOf(parts_->named_buffers());
}

void TwinNetworkImpl::to(const torch::Device& device) { parts_->to(device); }
void TwinNetworkImpl::to(torch::ScalarType type) { parts_->to(type); }
void TwinNetworkImpl::train(bool isTraining) { parts_->train(isTraining); }
bool TwinNetworkImpl::isTraining() const { return parts_->is_training(); }
nn::Module& TwinNetworkImpl::module() const { return *parts_; }

void initializeWeights(const TwinNetwork& network, std::int64_t seed) {
  torch::NoGradGuard noGrad;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(static_cast<std::uint64_t>(seed));
  for (const auto& module : network->module().modules()) {
    if (auto* convolution = module->as<nn::Conv2d>()) {
      // kaiming_normal_(mode="fan_out", nonlinearity="relu")
      torch::Tensor& weight = convolution->weight;
      const auto fanOut = static_cast<double>(weight.size(0) * weight.size(2) * weight.size(3));
      weight.normal_(0.0, std::sqrt(2.0 / fanOut), generator);
    } else if (auto* linear = module->as<nn::Linear>()) {
      // kaiming_uniform_(a=sqrt(5)): +- 1 / sqrt(inputs)
      const double bound = 1.0 / std::sqrt(static_cast<double>(linear->weight.size(1)));
      linear->weight.uniform_(-bound, bound, generator);
      if (linear->bias.defined()) {
        linear->bias.uniform_(-bound, bound, generator);
      }
    } else if (auto* norm = module->as<nn::BatchNorm2d>()) {
      norm->reset_parameters();
    } else if (auto* projectorNorm = module->as<nn::BatchNorm1d>()) {
      projectorNorm->reset_parameters();
    }
  }
  if (network->zeroInitResidual()) {
    for (const auto& module : network->module().modules()) {
      if (auto* block = dynamic_cast<ResidualBlock*>(module.get())) {
        torch::nn::init::zeros_(block->lastNorm()->weight);
      }
    }
  }
}

void setMemoryFormat(const TwinNetwork& network, torch::MemoryFormat format) {
  torch::NoGradGuard noGrad;
  for (torch::Tensor& parameter : network->parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.contiguous(format));
    }
  }
}

std::vector<std::pair<std::string, torch::Tensor>> namedState(const TwinNetwork& network) {
  auto state = network->namedParameters();
  const auto buffers = network->namedBuffers();
  state.insert(state.end(), buffers.begin(), buffers.end());
  for (auto& [name, tensor] : state) {
    tensor = tensor.detach();
  }
  return state;
}

}  // namespace barlow
