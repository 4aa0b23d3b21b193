#pragma once

#include "core/report/metric_point.h"

#include <torch/torch.h>

namespace barlow {

/// Effective rank, dead dimensions and embedding spread of embeddings z [N, D]. Uses the N x N Gram
/// matrix where D > N: the non-zero eigenvalues are the same.
CollapseNumbers collapseNumbers(const torch::Tensor& z);

}  // namespace barlow
