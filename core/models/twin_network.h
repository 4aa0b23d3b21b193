#pragma once

#include "core/params/model_params.h"
#include "core/torch.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace barlow {

/// Backbone and projector, shared by both views (main.py `BarlowTwins`). Names are torchvision's
/// below "backbone." and the reference Sequential's below "projector.": 0.weight, 1.weight
/// (BatchNorm), 3.weight, ...
class TwinNetworkImpl : public torch::nn::Module {
 public:
  /// CheckFailure without a projector (validate() refuses that).
  explicit TwinNetworkImpl(const ModelParams& params);
  /// images [N, 3, H, W] -> representation [N, F], what probes and exports use.
  torch::Tensor represent(const torch::Tensor& images);
  /// images [N, 3, H, W] -> embedding [N, D], what the loss uses.
  torch::Tensor forward(const torch::Tensor& images);
  std::int64_t features() const { return features_; }      // F
  std::int64_t dimensions() const { return dimensions_; }  // D
  bool zeroInitResidual() const { return zeroInitResidual_; }

 private:
  std::int64_t features_ = 0;
  std::int64_t dimensions_ = 0;
  bool zeroInitResidual_ = true;
  torch::nn::AnyModule backbone_;
  torch::nn::Sequential projector_{nullptr};
};
TORCH_MODULE(TwinNetwork);

/// Sets every parameter and buffer to its start from `seed`, with a generator of its own: what the
/// modules' constructors drew from LibTorch's global generator is overwritten, so the result does
/// not depend on it.
///   convolutions  kaiming normal, fan out, ReLU        (torchvision's ResNet)
///   linear layers U(-1, 1) / sqrt(inputs)              (torch.nn.Linear)
///   BatchNorm     weight 1, bias 0, statistics 0 and 1; weight 0 at the end of residual blocks
///   with zeroInitResidual
/// In the order of registration. Call it while the network is on the CPU and in the default memory
/// format.
void initializeWeights(TwinNetwork& network, std::int64_t seed);

/// Puts the convolutions' weights into this order, which their results follow. Before an optimiser
/// sees them.
void setMemoryFormat(TwinNetwork& network, torch::MemoryFormat format);

/// All parameters, then all buffers, by name, each in the order of registration; the tensors are
/// the network's own.
std::vector<std::pair<std::string, torch::Tensor>> namedState(const TwinNetwork& network);

}  // namespace barlow
