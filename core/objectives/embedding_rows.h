#pragma once

#include "core/torch.h"

#include <cstdint>
#include <vector>

namespace barlow {

/// Embeddings as losses compute with them: fp32, or double when they are double.
torch::Tensor inLossPrecision(const torch::Tensor& z);

/// Rows of length 1: x / max(|x|, 1e-12), so that a row of zeros stays one.
torch::Tensor unitRows(const torch::Tensor& z);

/// CheckFailure unless all are [N, D] of one shape; Exception for N < 2: nothing can be learned
/// from one image.
void checkEmbeddings(const std::vector<torch::Tensor>& views);

/// Scalar: the mean over dimensions of the unbiased standard deviation of the rows of length 1,
/// averaged over the views. About 1/sqrt(D) where embeddings point everywhere, 0 where all are
/// equal. Detached.
torch::Tensor directionSpread(const std::vector<torch::Tensor>& views);

/// The seed of one part of a run's objective.
std::uint64_t startSeed(std::int64_t runSeed, std::uint64_t part);
/// [rows, columns] of standard normal numbers from this seed alone, float32 on the CPU.
torch::Tensor normalNumbers(std::int64_t rows, std::int64_t columns, std::uint64_t seed);
/// The same, uniform from -bound to bound.
torch::Tensor uniformNumbers(std::int64_t rows,
                             std::int64_t columns,
                             double bound,
                             std::uint64_t seed);

}  // namespace barlow
