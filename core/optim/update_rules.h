#pragma once

#include <torch/torch.h>

#include <vector>

namespace barlow {

/// One update of a list of parameters with their gradients and buffers, all in place, in fp32 (or
/// double), by lists (foreach), without reading anything back from the device. Order and shapes of
/// the lists agree; all tensors have one type and one device.

/// LARS as in main.py: g <- grad + decay p; g <- g eta |p| / |g| (1 where either norm is 0); m <-
/// momentum m + g; p <- p - rate m. Without `usesTrustRatio` neither decay nor ratio
/// (one-dimensional parameters). `isClipped`: solo-learn's (losses: solo/utils/lars.py): ratio eta
/// |p| / (|grad| + decay |p|
/// + 1e-8), at most `rate`, divided by `rate`, so that no weight moves further than SGD would move
/// it; where either norm is 0 neither decay nor ratio.
struct LarsRule {
  double rate;
  double momentum;
  double decay;
  double eta;
  bool usesTrustRatio;
  bool isClipped = false;
  void apply(torch::TensorList parameters,
             torch::TensorList gradients,
             torch::TensorList momenta) const;

 private:
  std::vector<torch::Tensor> clippedUpdates(torch::TensorList parameters,
                                            torch::TensorList gradients) const;
};

/// torch.optim.SGD: g <- grad + decay p; m <- momentum m + g (the first time m <- g); p <- p - rate
/// m.
struct SgdRule {
  double rate;
  double momentum;
  double decay;
  void apply(torch::TensorList parameters,
             torch::TensorList gradients,
             torch::TensorList momenta) const;
};

/// torch.optim.Adam (decay added to the gradient) and AdamW (decay pulls the weights), betas 0.9
/// and 0.999, eps 1e-8.
struct AdamRule {
  double rate;
  double decay;
  bool isDecoupled;
  std::int64_t step;  // of this update, from 1
  void apply(torch::TensorList parameters,
             torch::TensorList gradients,
             torch::TensorList averages,
             torch::TensorList squareAverages) const;
};

}  // namespace barlow
