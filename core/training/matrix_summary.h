#pragma once

#include "core/report/snapshot.h"

#include <torch/torch.h>

namespace barlow {

/// Pools C = a^T b / N to at most `maxSide` x `maxSide` blocks without ever holding all of C: mean
/// by block sums of the columns, RMS and Peak in one tiled pass. a, b: standardised embeddings [N,
/// D], any device. Result on the CPU.
MatrixPicture summarizeMatrix(const torch::Tensor& a,
                              const torch::Tensor& b,
                              std::int64_t maxSide = 512);

}  // namespace barlow
