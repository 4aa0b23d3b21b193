#pragma once

#include "core/params/barlow_twins_params.h"
#include "core/torch.h"

#include <cstdint>

namespace barlow {

/// Columns of z [N, D] minus their mean, divided by sqrt(biased variance + 1e-5) (main.py:
/// BatchNorm1d(affine=False) in train mode, each view on its own). fp32, or double when z is
/// double. `Hsic` (yaohungt/Barlow-Twins-HSIC): rows are divided by their length, then columns by
/// the unbiased deviation without eps, so that C_ii ends at (N - 1) / N. The paper's ablations:
/// `Features` then brings every row to the length sqrt(D), `None` only subtracts the means. Throws
/// Exception for N < 2.
torch::Tensor standardize(const torch::Tensor& z, Standardization how = Standardization::BatchNorm);

/// C = standardize(zA)^T standardize(zB) / N, [D, D] (Eq. 2).
torch::Tensor crossCorrelation(const torch::Tensor& zA, const torch::Tensor& zB);

/// The loss with everything it was made of; all but `loss` detached.
struct BarlowTwinsTerms {
  torch::Tensor loss;         // scalar with gradient: onDiagonal + lambda * offDiagonal (Eq. 1)
  torch::Tensor onDiagonal;   // scalar: sum of (C_ii - 1)^2
  torch::Tensor offDiagonal;  // scalar: sum of C_ij^2 over i != j
  torch::Tensor squares;      // the same where offDiagonal is another criterion's
  torch::Tensor diagonal;     // [D] C_ii
  torch::Tensor
      standardA;  // [N, D]; C = standardA^T standardB / N is the very matrix the loss used
  torch::Tensor standardB;  // [N, D]
};

/// What Auto means for this size: Gram (no C at all) when D > 4 N / 3, else Direct (C in tiles of
/// columns).
LossForm chosenForm(LossForm form, std::int64_t n, std::int64_t dimensions);

/// Barlow Twins' loss of two embeddings [N, D] in fp32 (double stays double), nothing changed in
/// place, divided by the actual N. Call it outside autocast, which would turn its products into
/// half precision. The gradient can be taken once (no create_graph). Throws Exception for N < 2 or
/// D < 2, CheckFailure for shapes that differ.
///   The paper's ablations: with `stopGradient` zB is taken as it is; `terms` leaves one of the two
/// terms out of the loss; CrossEntropy (table 5) has -log sum_i exp(C_ii / t) for onDiagonal and
/// log sum_i sum_j!=i exp(max(C_ij, 0) / t) for offDiagonal. The last two make the whole matrix.
/// `predictor` is not the loss's.
BarlowTwinsTerms barlowTwinsLoss(const torch::Tensor& zA,
                                 const torch::Tensor& zB,
                                 const BarlowTwinsParams& params);
BarlowTwinsTerms barlowTwinsLoss(const torch::Tensor& zA,
                                 const torch::Tensor& zB,
                                 double lambda,
                                 LossForm form = LossForm::Auto);

/// L*: the lowest value that the loss can take for this N, D and lambda, whatever the data (rank(C)
/// <= N - 1): kappa = lambda (D / (N - 1) - 1); D kappa / (1 + kappa) where kappa > 0, else 0. N
/// >= 2.
double lossFloor(std::int64_t n, std::int64_t dimensions, double lambda);
/// The same; NaN where an ablation has no such bound.
double lossFloor(std::int64_t n, std::int64_t dimensions, const BarlowTwinsParams& params);

}  // namespace barlow
