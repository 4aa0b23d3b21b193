#pragma once

#include "core/models/twin_network.h"
#include "core/objectives/barlow_twins_loss.h"
#include "core/params/objective_params.h"
#include "core/torch.h"

namespace barlow {

/// The forward and backward pass of one step: both views through the network one after the other
/// (as main.py does: BatchNorm's statistics are those of one view), then the loss in fp32. One
/// thread.
///
/// With micro-batches the loss still sees the whole batch: first all of them go through without a
/// graph, for the embeddings; then the loss gives the gradient with respect to these; then each
/// goes through again and backward. Memory is that of one micro-batch, time about 4/3. It equals
/// the big batch but for BatchNorm, whose statistics are a micro-batch's.
class TwinStep {
 public:
  struct Options {
    BarlowTwinsParams objective;
    torch::ScalarType precision = torch::kFloat32;  // of the network; bf16 by autocast
    bool isTf32 = false;                            // of the network's products, where float32
    std::int64_t microBatchSize = 0;                // 0: the whole batch
  };
  TwinStep(TwinNetwork network, const Options& options);

  /// What the loss saw and gave. The embeddings are detached.
  struct Output {
    torch::Tensor zA;  // [N, D]
    torch::Tensor zB;
    BarlowTwinsTerms terms;
  };
  /// Views [N, 3, H, W] on the network's device. Running statistics move as with the reference.
  Output forward(const torch::Tensor& viewA, const torch::Tensor& viewB);
  /// Adds the gradients of the last forward() to the parameters'. Once for each forward().
  void backward();

 private:
  torch::Tensor embed(const torch::Tensor& view) const;  // [N, D]
  void backwardAgain(const torch::Tensor& view, const torch::Tensor& gradient);
  std::int64_t microBatches(const torch::Tensor& view) const;

  TwinNetwork network_;
  Options options_;
  torch::Tensor viewA_;  // kept for the second pass over micro-batches
  torch::Tensor viewB_;
  torch::Tensor zA_;  // [N, D], the network's, with its graph but for micro-batches
  torch::Tensor zB_;
  torch::Tensor leafA_;  // embeddings [N, D] that the loss differentiates by
  torch::Tensor leafB_;
  torch::Tensor loss_;
};

}  // namespace barlow
