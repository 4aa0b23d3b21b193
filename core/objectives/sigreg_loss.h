#pragma once

#include "core/params/lejepa_params.h"
#include "core/torch.h"

#include <vector>

namespace barlow {

/// SIGReg (LeJEPA, arXiv 2511.08544): how far the embeddings [N, D] are from N(0, I), seen along
/// the columns of `directions` [D, M], which are brought to length 1. For each view and direction
/// N times the integral over t from -range to range, by the trapezoids of `knots` points on
/// [0, range], of exp(-t^2 / 2) |mean of exp(i t u) - exp(-t^2 / 2)|^2, where u are the
/// projections; the mean over views and directions. About 1.05 for samples of N(0, I), 0.402 N
/// where all are 0 (17 knots up to 3). The gradient can be taken once. Throws Exception for N < 2.
torch::Tensor sigregLoss(const std::vector<torch::Tensor>& views,
                         const torch::Tensor& directions,
                         int knots,
                         double range);

struct LejepaTerms {
  torch::Tensor loss;              // scalar with gradient
  torch::Tensor invariance;        // scalar
  torch::Tensor gaussianDistance;  // scalar: SIGReg
};

/// lambda SIGReg + (1 - lambda) invariance, which is the mean over views, rows and dimensions of
/// (z - centre)^2; the centre is the mean of the first two views, or of all (params.center).
LejepaTerms lejepaLoss(const std::vector<torch::Tensor>& views,
                       const torch::Tensor& directions,
                       const LejepaParams& params);

}  // namespace barlow
