#pragma once

#include "core/objectives/softmax_products.h"
#include "core/torch.h"

namespace barlow {

/// MoCo's InfoNCE (arXiv 1911.05722, Eq. 1) in one direction: the mean over rows of the
/// cross-entropy of [q . k, q . queue] / temperature with the first as the answer. q and k are
/// [N, D] of any length, `queue` [Q, D] of rows of length 1; only q has a gradient. Throws
/// Exception for N < 2.
ContrastTerms infoNceLoss(const torch::Tensor& q,
                          const torch::Tensor& k,
                          const torch::Tensor& queue,
                          double temperature);

}  // namespace barlow
