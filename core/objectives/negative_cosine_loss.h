#pragma once

#include "core/torch.h"

#include <vector>

namespace barlow {

/// Scalar with gradient for p: the mean over rows of the cosine of p [N, D] and z [N, D], which is
/// taken as it is. Lengths below 1e-8 count as 1e-8. Throws Exception for N < 2.
torch::Tensor meanCosine(const torch::Tensor& p, const torch::Tensor& z);

/// BYOL (arXiv 2006.07733, Eq. 2), as solo-learn and DeepMind: the sum over all pairs of a target v
/// and another view u of 2 - 2 meanCosine(p_u, z_v). With two views 0 to 8.
torch::Tensor byolLoss(const std::vector<torch::Tensor>& predictions,
                       const std::vector<torch::Tensor>& targets);

/// SimSiam (arXiv 2011.10566, Eq. 2): -1 to 1.
torch::Tensor simsiamLoss(const torch::Tensor& pA,
                          const torch::Tensor& pB,
                          const torch::Tensor& zA,
                          const torch::Tensor& zB);

}  // namespace barlow
