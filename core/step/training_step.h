#pragma once

#include "core/step/learner.h"

#include <vector>

namespace barlow {

/// The forward and backward pass of one step: the views through the network one after the other (as
/// main.py does: BatchNorm's statistics are those of one view), A and B through the momentum
/// network where there is one, then the objective in fp32. One thread.
///
/// With micro-batches the objective still sees the whole batch: first all of them go through
/// without a graph, for the embeddings; then the objective gives the gradient with respect to
/// these; then each goes through again and backward. Memory is that of one micro-batch, time about
/// 4/3. It equals the big batch but for BatchNorm, whose statistics are a micro-batch's.
class TrainingStep {
 public:
  struct Options {
    torch::ScalarType precision = torch::kFloat32;  // of the network; bf16 by autocast
    bool isTf32 = false;                            // of the network's products, where float32
    std::int64_t microBatchSize = 0;                // 0: the whole batch
    bool keepsRepresentations = false;              // Output::representations
  };
  /// `learner` outlives this.
  TrainingStep(Learner& learner, const Options& options);

  /// What the objective saw and gave, all detached.
  struct Output {
    ObjectiveInputs inputs;
    torch::Tensor loss;                          // scalar
    torch::Tensor numbers;                       // [k] ObjectiveTerms::numbers
    std::vector<torch::Tensor> representations;  // [N, F] float32, of A and B; empty unless kept
    bool isUpdated = true;                       // the weights have moved (core/step/step_runner.h)
  };
  /// Views [N, 3, H, W] and samples [N] on the network's device. Running statistics move as with
  /// the reference.
  Output forward(const std::vector<torch::Tensor>& views,
                 const torch::Tensor& samples,
                 const StepPosition& at);
  /// Adds the gradients of the last forward() to the parameters'. Once for each forward().
  void backward();

 private:
  struct Encoded {
    torch::Tensor representation;  // detached; undefined unless kept
    torch::Tensor embedding;
  };
  Encoded encode(Encoder network, const torch::Tensor& view) const;
  Encoded embed(Encoder network, const torch::Tensor& view, bool isLearning) const;
  void backwardAgain(const torch::Tensor& view, const torch::Tensor& gradient);
  std::int64_t microBatches(const torch::Tensor& view) const;

  Learner& learner_;
  Options options_;
  std::vector<torch::Tensor> views_;       // kept for the second pass over micro-batches
  std::vector<torch::Tensor> embeddings_;  // [N, D] the network's, with their graph but for
                                           // micro-batches
  std::vector<torch::Tensor> leaves_;      // [N, D] the same, which the loss is differentiated by
  torch::Tensor loss_;
};

}  // namespace barlow
