#pragma once

#include "core/params/model_params.h"
#include "core/torch.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace torch::nn {
class Module;
}

namespace barlow {

/// Backbone and projector, shared by both views (main.py `BarlowTwins`). Names are torchvision's
/// below "backbone." and the reference Sequential's below "projector.": 0.weight, 1.weight
/// (BatchNorm), 3.weight, ...
class EncoderImpl {
 public:
  /// CheckFailure without a projector (validate() refuses that).
  explicit EncoderImpl(const ModelParams& params);
  ~EncoderImpl();
  EncoderImpl(const EncoderImpl&) = delete;
  EncoderImpl& operator=(const EncoderImpl&) = delete;

  /// images [N, 3, H, W] -> representation [N, F], what probes and exports use.
  torch::Tensor represent(const torch::Tensor& images);
  /// images [N, 3, H, W] -> what represent() averages over places, [N, F, h, w].
  torch::Tensor featureMap(const torch::Tensor& images);
  /// representation [N, F] -> embedding [N, D], what the loss uses.
  torch::Tensor project(const torch::Tensor& representation);
  /// images [N, 3, H, W] -> embedding [N, D].
  torch::Tensor forward(const torch::Tensor& images);
  std::int64_t features() const;    // F
  std::int64_t dimensions() const;  // D
  bool zeroInitResidual() const;

  /// The network's own tensors, in the order of registration.
  std::vector<torch::Tensor> parameters() const;
  std::vector<std::pair<std::string, torch::Tensor>> namedParameters() const;
  std::vector<torch::Tensor> buffers() const;
  std::vector<std::pair<std::string, torch::Tensor>> namedBuffers() const;

  void to(const torch::Device& device);
  void to(torch::ScalarType type);
  /// BatchNorm takes the batch's statistics and moves its running ones; otherwise it uses those.
  void train(bool isTraining = true);
  bool isTraining() const;

  /// Both as one module with the children "backbone" and "projector".
  torch::nn::Module& module() const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

/// A handle: copies share the network.
class Encoder {
 public:
  explicit Encoder(std::nullptr_t) {}
  explicit Encoder(const ModelParams& params) : network_(std::make_shared<EncoderImpl>(params)) {}
  EncoderImpl* operator->() const { return network_.get(); }
  explicit operator bool() const { return network_ != nullptr; }

 private:
  std::shared_ptr<EncoderImpl> network_;
};

/// initializeModules() on the whole network; with zeroInitResidual the BatchNorm at the end of
/// every residual block starts at weight 0. Call it while the network is on the CPU and in the
/// default memory format.
void initializeWeights(const Encoder& network, std::int64_t seed);

/// Puts the convolutions' weights into this order, which their results follow. Before an optimiser
/// sees them.
void setMemoryFormat(const Encoder& network, torch::MemoryFormat format);

/// All parameters, then all buffers, by name, each in the order of registration; the tensors are
/// the network's own.
std::vector<std::pair<std::string, torch::Tensor>> namedState(const Encoder& network);

}  // namespace barlow
