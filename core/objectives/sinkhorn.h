#pragma once

#include "core/params/swav_params.h"
#include "core/torch.h"

#include <cstdint>
#include <vector>

namespace barlow {

/// Soft assignments of the first `rows` of scores [B, K] (cosines), which give every prototype the
/// same share of all B (SwAV, arXiv 2006.09882, section 3.1): exp(scores / epsilon), and
/// `iterations` times each column divided by its sum, then each row. Each row sums to 1. No
/// gradient. `scores` are overwritten.
torch::Tensor sinkhornAssignments(torch::Tensor scores,
                                  std::int64_t rows,
                                  double epsilon,
                                  int iterations);

struct SwavTerms {
  torch::Tensor loss;   // scalar with gradient
  torch::Tensor share;  // scalar: different nearest prototypes of a view's N embeddings, divided
                        // by min(N, K)
  torch::Tensor perplexity;  // scalar: exp of the entropy of which prototypes are nearest
};

/// SwAV's swapped prediction (Eq. 2): mean over all pairs of one of the first two views and another
/// view of the cross-entropy between the first's assignments and the softmax of the other's cosines
/// with the prototypes / temperature. `views` are [N, D] of any length, `prototypes` [K, D] of
/// length 1; `queues` are none, or earlier embeddings of length 1 for each of the first two views,
/// which take part in the assignment. Throws Exception for N < 2.
SwavTerms swavLoss(const std::vector<torch::Tensor>& views,
                   const torch::Tensor& prototypes,
                   const std::vector<torch::Tensor>& queues,
                   const SwavParams& params);

}  // namespace barlow
