#pragma once

#include "core/report/metric_point.h"

#include <torch/torch.h>

namespace barlow {

/// Effective rank, dead dimensions and embedding spread of finite embeddings z [N, D], N > 1,
/// computed in double on the CPU from any type and device. Uses the N x N Gram matrix where D > N:
/// the non-zero eigenvalues are the same. Equal rows have an effective rank of 0. Throws
/// CheckFailure for another shape.
CollapseNumbers collapseNumbers(const torch::Tensor& z);

}  // namespace barlow
