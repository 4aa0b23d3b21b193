#pragma once

#include "core/params/vicreg_params.h"
#include "core/torch.h"

namespace barlow {

struct VicregTerms {
  torch::Tensor loss;        // scalar with gradient
  torch::Tensor invariance;  // scalar: mean over N D of (zA - zB)^2
  torch::Tensor variance;    // scalar: V(zA) + V(zB); half of it with halvesVariance
  torch::Tensor covariance;  // scalar: C(zA) + C(zB)
};

/// VICReg (arXiv 2105.04906, Eq. 1 to 6) of two embeddings [N, D], in fp32 or double:
///   V(z) = mean over dimensions of max(0, 1 - sqrt(var + 1e-4)), C(z) = sum over i != j of
///   cov_ij^2 / D, both with N - 1.
/// Where D is larger than N the covariances' squares come from the N x N matrix of products. The
/// gradient can be taken once. Throws Exception for N < 2.
VicregTerms vicregLoss(const torch::Tensor& zA,
                       const torch::Tensor& zB,
                       const VicregParams& params);

}  // namespace barlow
