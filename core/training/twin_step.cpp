#include "core/training/twin_step.h"

#include "core/base/check.h"
#include "core/training/compute_device.h"

#include <torch/csrc/autograd/autograd.h>

#include <utility>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

// Puts buffers (BatchNorm's running statistics) back as they were: the second pass over the same
// images shall not count them twice.
class KeepBuffers {
 public:
  explicit KeepBuffers(TwinNetwork& network) : buffers_(network->buffers()) {
    torch::NoGradGuard noGrad;
    for (const Tensor& buffer : buffers_) {
      copies_.push_back(buffer.clone());
    }
  }
  ~KeepBuffers() {
    torch::NoGradGuard noGrad;
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      buffers_[i].copy_(copies_[i]);
    }
  }
  KeepBuffers(const KeepBuffers&) = delete;
  KeepBuffers& operator=(const KeepBuffers&) = delete;

 private:
  std::vector<Tensor> buffers_;
  std::vector<Tensor> copies_;
};

}  // namespace

TwinStep::TwinStep(TwinNetwork network, const Options& options)
    : network_(std::move(network)), options_(options) {}

std::int64_t TwinStep::microBatches(const Tensor& view) const {
  const std::int64_t size = options_.microBatchSize;
  BARLOW_CHECK(size == 0 || view.size(0) % size == 0)
      << size << " does not divide " << view.size(0);
  return size == 0 ? 1 : view.size(0) / size;
}

Tensor TwinStep::embed(const Tensor& view) const {
  TwinNetwork network = network_;
  const AutocastScope autocast(view.device(), options_.precision);
  const Tf32Scope tf32(view.device(), options_.isTf32);
  if (options_.microBatchSize == 0) {
    return network->forward(view).to(torch::kFloat32);
  }
  torch::NoGradGuard noGrad;
  std::vector<Tensor> parts;
  for (const Tensor& part : view.chunk(microBatches(view))) {
    parts.push_back(network->forward(part).to(torch::kFloat32));
  }
  return torch::cat(parts);
}

TwinStep::Output TwinStep::forward(const Tensor& viewA, const Tensor& viewB) {
  zA_ = embed(viewA);
  zB_ = embed(viewB);
  leafA_ = zA_.detach().requires_grad_();
  leafB_ = zB_.detach().requires_grad_();
  if (options_.microBatchSize != 0) {
    viewA_ = viewA;
    viewB_ = viewB;
  }
  // Outside autocast: it would make the products of the loss half precision.
  BarlowTwinsTerms terms = barlowTwinsLoss(leafA_, leafB_, options_.objective);
  loss_ = terms.loss;
  terms.loss = terms.loss.detach();
  return {.zA = leafA_.detach(), .zB = leafB_.detach(), .terms = std::move(terms)};
}

void TwinStep::backward() {
  BARLOW_CHECK(loss_.defined()) << "backward without forward";
  // To the embeddings first and from there on: the products of the loss are single precision,
  // whatever the network's are.
  std::exchange(loss_, {}).backward();
  const Tensor gradientA = std::exchange(leafA_, {}).grad();
  const Tensor gradientB = std::exchange(leafB_, {}).grad();
  const Tf32Scope tf32(gradientA.device(), options_.isTf32);
  if (options_.microBatchSize == 0) {
    torch::autograd::backward({zA_, zB_}, {gradientA, gradientB});
  } else {
    const KeepBuffers keep(network_);
    backwardAgain(viewA_, gradientA);
    backwardAgain(viewB_, gradientB);
    viewA_ = viewB_ = Tensor();
  }
  zA_ = zB_ = Tensor();
}

void TwinStep::backwardAgain(const Tensor& view, const Tensor& gradient) {
  const auto parts = view.chunk(microBatches(view));
  const auto gradients = gradient.chunk(microBatches(view));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Tensor z;
    {
      const AutocastScope autocast(view.device(), options_.precision);
      z = network_->forward(parts[i]).to(torch::kFloat32);
    }
    z.backward(gradients[i]);
  }
}

}  // namespace barlow
