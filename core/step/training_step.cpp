#include "core/step/training_step.h"

#include "core/base/check.h"
#include "core/device/compute_device.h"

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
  explicit KeepBuffers(Encoder& network) : buffers_(network->buffers()) {
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

TrainingStep::TrainingStep(Learner& learner, const Options& options)
    : learner_(learner), options_(options) {}

std::int64_t TrainingStep::microBatches(const Tensor& view) const {
  const std::int64_t size = options_.microBatchSize;
  BARLOW_CHECK(size == 0 || view.size(0) % size == 0)
      << size << " does not divide " << view.size(0);
  return size == 0 ? 1 : view.size(0) / size;
}

TrainingStep::Encoded TrainingStep::encode(Encoder network, const Tensor& view) const {
  const Tensor representation = network->represent(view);
  Encoded encoded;
  if (options_.keepsRepresentations) {
    encoded.representation = representation.detach().to(torch::kFloat32);
  }
  encoded.embedding = network->project(representation).to(torch::kFloat32);
  return encoded;
}

TrainingStep::Encoded TrainingStep::embed(Encoder network,
                                          const Tensor& view,
                                          bool isLearning) const {
  const AutocastScope autocast(view.device(), options_.precision);
  const Tf32Scope tf32(view.device(), options_.isTf32);
  if (options_.microBatchSize == 0 && isLearning) {
    return encode(network, view);
  }
  torch::NoGradGuard noGrad;
  std::vector<Tensor> representations;
  std::vector<Tensor> embeddings;
  for (const Tensor& part : view.chunk(microBatches(view))) {
    Encoded encoded = encode(network, part);
    representations.push_back(encoded.representation);
    embeddings.push_back(encoded.embedding);
  }
  return {options_.keepsRepresentations ? torch::cat(representations) : Tensor(),
          torch::cat(embeddings)};
}

TrainingStep::Output TrainingStep::forward(const std::vector<Tensor>& views,
                                           const Tensor& samples,
                                           const StepPosition& at) {
  embeddings_.clear();
  leaves_.clear();
  Output output;
  output.inputs.samples = samples;
  output.inputs.at = at;
  for (std::size_t i = 0; i < views.size(); ++i) {
    const Encoded encoded = embed(learner_.network, views[i], /*isLearning=*/true);
    if (options_.keepsRepresentations && i < 2) {
      output.representations.push_back(encoded.representation);
    }
    embeddings_.push_back(encoded.embedding);
    leaves_.push_back(embeddings_.back().detach().requires_grad_());
    output.inputs.online.push_back(leaves_.back().detach());
  }
  for (std::size_t i = 0; learner_.momentum && i < 2; ++i) {
    output.inputs.target.push_back(
        embed(learner_.momentum, views[i], /*isLearning=*/false).embedding);
  }
  if (options_.microBatchSize != 0) {
    views_ = views;
  }
  // Outside autocast: it would make the products of the loss half precision.
  ObjectiveTerms terms = learner_.objective->loss(
      {.online = leaves_, .target = output.inputs.target, .samples = samples, .at = at});
  output.loss = terms.loss.detach();
  output.numbers = std::move(terms.numbers);
  loss_ = std::move(terms.loss);
  return output;
}

void TrainingStep::backward() {
  BARLOW_CHECK(loss_.defined()) << "backward without forward";
  // To the embeddings first and from there on: the products of the loss are single precision,
  // whatever the network's are.
  std::exchange(loss_, {}).backward();
  std::vector<Tensor> embeddings;  // those that the loss depends on
  std::vector<Tensor> gradients;
  std::vector<Tensor> views;
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    if (leaves_[i].grad().defined()) {
      embeddings.push_back(embeddings_[i]);
      gradients.push_back(leaves_[i].grad());
      views.push_back(views_.empty() ? Tensor() : views_[i]);
    }
  }
  leaves_.clear();
  embeddings_.clear();
  views_.clear();
  const Tf32Scope tf32(gradients.front().device(), options_.isTf32);
  if (options_.microBatchSize == 0) {
    torch::autograd::backward(embeddings, gradients);
    return;
  }
  const KeepBuffers keep(learner_.network);
  for (std::size_t i = 0; i < views.size(); ++i) {
    backwardAgain(views[i], gradients[i]);
  }
}

void TrainingStep::backwardAgain(const Tensor& view, const Tensor& gradient) {
  const auto parts = view.chunk(microBatches(view));
  const auto gradients = gradient.chunk(microBatches(view));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Tensor z;
    {
      const AutocastScope autocast(view.device(), options_.precision);
      z = learner_.network->forward(parts[i]).to(torch::kFloat32);
    }
    z.backward(gradients[i]);
  }
}

}  // namespace barlow
