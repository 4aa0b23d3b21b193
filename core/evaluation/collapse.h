#pragma once

#include "core/report/metric_point.h"
#include "core/torch.h"

namespace barlow {

/// Effective rank, dead dimensions and embedding spread of finite embeddings z [N, D], N > 1,
/// computed in double on the CPU from any type and device. Uses the N x N Gram matrix where D > N:
/// the non-zero eigenvalues are the same. Equal rows have an effective rank of 0. Throws
/// CheckFailure for another shape.
CollapseNumbers collapseNumbers(const torch::Tensor& z);
/// The same where the spectrum is known.
CollapseNumbers collapseNumbers(const torch::Tensor& z, const torch::Tensor& spectrum);

/// Adds the mean diagonal and the off-diagonal RMS of C = A^T B / N, with A and B the finite
/// embeddings [N, D] of the two views, standardised over the batch as Barlow Twins does. In double
/// on the CPU; without C itself where D > N.
void addCorrelation(CollapseNumbers& numbers, const torch::Tensor& zA, const torch::Tensor& zB);

/// Eigenvalues of the centred covariance of z over their sum, largest first, double, [min(N, D)];
/// zeros where all rows are equal.
torch::Tensor normalizedSpectrum(const torch::Tensor& z);

}  // namespace barlow
