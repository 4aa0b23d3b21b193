#pragma once

#include "core/torch.h"

#include <vector>

namespace barlow {

/// DeepCluster v2 (arXiv 2006.09882, appendix): the mean over heads of the cross-entropy of
/// cosines / temperature with the head's centroids [K, D] of length 1, over the rows of all views
/// [N, D] together; `targets` [heads, N] are the images' clusters. Rows with the target -1 count
/// neither in the sum nor in the number; a head without any other row contributes 0, with a
/// gradient of 0. Throws Exception for N < 2.
torch::Tensor deepClusterLoss(const std::vector<torch::Tensor>& views,
                              const std::vector<torch::Tensor>& centroids,
                              const torch::Tensor& targets,
                              double temperature);

}  // namespace barlow
