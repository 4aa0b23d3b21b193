#include "core/models/encoder.h"

#include "core/base/check.h"
#include "core/models/initialize.h"
#include "core/models/mlp_head.h"
#include "core/models/nn.h"
#include "core/models/resnet.h"
#include "core/models/tiny_convnet.h"

#include <torch/nn/init.h>

#include <functional>

namespace barlow {
namespace {

namespace nn = torch::nn;

// main.py: Linear without bias, BatchNorm, ReLU, ..., and a last Linear without bias. Other codes
// have biases, no BatchNorm, or one at the end.
MlpHead makeProjector(std::int64_t features, const ModelParams& params) {
  return MlpHead(features,
                 {.widths = params.projector,
                  .hasBias = params.projectorBias,
                  .hasLastBias = params.projectorBias,
                  .hasNorm = params.projectorNorm,
                  .hasLastNorm = params.projectorLastNorm,
                  .lastNormLearns = params.projectorLastAffine});
}

}  // namespace

struct EncoderImpl::Parts : nn::Module {
  explicit Parts(const ModelParams& params) : zeroInitResidual(params.zeroInitResidual) {
    BARLOW_CHECK(!params.projector.empty()) << "a projector has at least one layer";
    if (params.backbone == Backbone::Tiny) {
      addBackbone(TinyConvNet(params));
    } else {
      addBackbone(ResNet(params));
    }
    projector = register_module("projector", makeProjector(features, params).module());
    dimensions = params.projector.back();
  }

  template <class Backbone>
  void addBackbone(Backbone made) {
    features = made->features();
    backbone = nn::AnyModule(register_module("backbone", made));
    featureMap = [made](const torch::Tensor& images) mutable { return made->featureMap(images); };
  }

  bool zeroInitResidual;
  std::int64_t features = 0;
  std::int64_t dimensions = 0;
  nn::AnyModule backbone;
  std::function<torch::Tensor(const torch::Tensor&)> featureMap;  // of the backbone
  std::shared_ptr<nn::SequentialImpl> projector;
};

EncoderImpl::EncoderImpl(const ModelParams& params) : parts_(std::make_shared<Parts>(params)) {}
EncoderImpl::~EncoderImpl() = default;

torch::Tensor EncoderImpl::represent(const torch::Tensor& images) {
  return parts_->backbone.forward(images);
}
torch::Tensor EncoderImpl::project(const torch::Tensor& representation) {
  return parts_->projector->forward(representation);
}
torch::Tensor EncoderImpl::featureMap(const torch::Tensor& images) {
  return parts_->featureMap(images);
}
torch::Tensor EncoderImpl::forward(const torch::Tensor& images) {
  return project(represent(images));
}
std::int64_t EncoderImpl::features() const { return parts_->features; }
std::int64_t EncoderImpl::dimensions() const { return parts_->dimensions; }
bool EncoderImpl::zeroInitResidual() const { return parts_->zeroInitResidual; }

std::vector<torch::Tensor> EncoderImpl::parameters() const { return parts_->parameters(); }
std::vector<torch::Tensor> EncoderImpl::buffers() const { return parts_->buffers(); }
std::vector<std::pair<std::string, torch::Tensor>> EncoderImpl::namedParameters() const {
  return namedTensors(parts_->named_parameters());
}
std::vector<std::pair<std::string, torch::Tensor>> EncoderImpl::namedBuffers() const {
  return namedTensors(parts_->named_buffers());
}

void EncoderImpl::to(const torch::Device& device) { parts_->to(device); }
void EncoderImpl::to(torch::ScalarType type) { parts_->to(type); }
void EncoderImpl::train(bool isTraining) { parts_->train(isTraining); }
bool EncoderImpl::isTraining() const { return parts_->is_training(); }
nn::Module& EncoderImpl::module() const { return *parts_; }

void initializeWeights(const Encoder& network, std::int64_t seed) {
  torch::NoGradGuard noGrad;
  initializeModules(network->module(), seed);
  if (network->zeroInitResidual()) {
    for (const auto& module : network->module().modules()) {
      if (auto* block = dynamic_cast<ResidualBlock*>(module.get())) {
        torch::nn::init::zeros_(block->lastNorm()->weight);
      }
    }
  }
}

void setMemoryFormat(const Encoder& network, torch::MemoryFormat format) {
  torch::NoGradGuard noGrad;
  for (torch::Tensor& parameter : network->parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.contiguous(format));
    }
  }
}

std::vector<std::pair<std::string, torch::Tensor>> namedState(const Encoder& network) {
  auto state = network->namedParameters();
  const auto buffers = network->namedBuffers();
  state.insert(state.end(), buffers.begin(), buffers.end());
  for (auto& [name, tensor] : state) {
    tensor = tensor.detach();
  }
  return state;
}

}  // namespace barlow
