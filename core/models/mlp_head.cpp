#include "core/models/mlp_head.h"

#include "core/base/check.h"
#include "core/models/initialize.h"
#include "core/models/nn.h"

#include <torch/nn/modules/activation.h>

namespace barlow {

namespace nn = torch::nn;

MlpHead::MlpHead(std::int64_t inputs, const Options& options)
    : layers_(std::make_shared<nn::SequentialImpl>()) {
  BARLOW_CHECK(!options.widths.empty()) << "a head has at least one layer";
  for (std::size_t layer = 0; layer < options.widths.size(); ++layer) {
    const std::int64_t outputs = options.widths[layer];
    const bool isLast = layer + 1 == options.widths.size();
    const bool hasBias = isLast ? options.hasLastBias : options.hasBias;
    layers_->push_back(nn::Linear(nn::LinearOptions(inputs, outputs).bias(hasBias)));
    if (isLast ? options.hasLastNorm : options.hasNorm) {
      const bool learns = !isLast || options.lastNormLearns;
      layers_->push_back(nn::BatchNorm1d(nn::BatchNorm1dOptions(outputs).affine(learns)));
    }
    if (!isLast) {
      layers_->push_back(nn::ReLU(nn::ReLUOptions().inplace(true)));
    }
    inputs = outputs;
  }
}

torch::Tensor MlpHead::forward(const torch::Tensor& x) const { return layers_->forward(x); }

void MlpHead::initialize(std::int64_t seed) const { initializeModules(*layers_, seed); }

std::vector<std::pair<std::string, torch::Tensor>> MlpHead::namedParameters() const {
  return namedTensors(layers_->named_parameters());
}
std::vector<std::pair<std::string, torch::Tensor>> MlpHead::namedBuffers() const {
  return namedTensors(layers_->named_buffers());
}

void MlpHead::to(torch::ScalarType type) const { layers_->to(type); }
void MlpHead::train(bool isTraining) const { layers_->train(isTraining); }

}  // namespace barlow
