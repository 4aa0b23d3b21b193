#pragma once

#include "core/torch.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace torch::nn {
class SequentialImpl;
}  // namespace torch::nn

namespace barlow {

/// Linear layers with BatchNorm and ReLU between them: projectors and predictors. Names are those
/// of an nn.Sequential: 0.weight, 1.weight (BatchNorm), 3.weight, ...
class MlpHead {
 public:
  struct Options {
    std::vector<int> widths;  // of the layers' outputs, at least one
    bool hasBias = false;
    bool hasLastBias = false;  // of the last layer; hasBias does not count for it
    bool hasNorm = true;       // between the layers
    bool hasLastNorm = false;
    bool lastNormLearns = true;
  };
  /// CheckFailure without a layer.
  MlpHead(std::int64_t inputs, const Options& options);

  /// [N, inputs] -> [N, widths.back()].
  torch::Tensor forward(const torch::Tensor& x) const;
  /// Sets the start from `seed` alone, as initializeWeights() does.
  void initialize(std::int64_t seed) const;
  std::vector<std::pair<std::string, torch::Tensor>> namedParameters() const;
  std::vector<std::pair<std::string, torch::Tensor>> namedBuffers() const;
  void to(torch::ScalarType type) const;
  void train(bool isTraining) const;
  std::shared_ptr<torch::nn::SequentialImpl> module() const { return layers_; }

 private:
  std::shared_ptr<torch::nn::SequentialImpl> layers_;  // copies of the head share them
};

}  // namespace barlow
