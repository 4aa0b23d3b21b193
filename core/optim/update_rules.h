#pragma once

#include "core/torch.h"

#include <array>
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
  torch::Tensor deviceRate =
      {};  // where defined, it counts instead of `rate`: a recorded step reads it
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
  torch::Tensor deviceRate = {};
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
  std::int64_t step;               // of this update, from 1
  torch::Tensor deviceRates = {};  // [3], where defined: what rates() gives, on the device
  /// Rate, rate / (1 - beta1^step), sqrt(1 - beta2^step): all that changes from step to step.
  std::array<double, 3> rates() const;
  void apply(torch::TensorList parameters,
             torch::TensorList gradients,
             torch::TensorList averages,
             torch::TensorList squareAverages) const;
};

}  // namespace barlow
