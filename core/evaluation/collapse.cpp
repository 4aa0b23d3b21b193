#include "core/evaluation/collapse.h"

#include "core/base/check.h"
#include "core/matrix/correlate.h"
#include "core/objectives/barlow_twins_loss.h"

#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <cmath>

namespace barlow {

namespace {

torch::Tensor exactOf(const torch::Tensor& z) {
  BARLOW_CHECK(z.dim() == 2 && z.size(0) > 1)
      << "embeddings are [N, D] with N > 1, not " << z.sizes();
  // Doubles first: the mean of equal floats is then exact, so that a fully collapsed z is seen as
  // such and not as the rounding of its mean.
  return z.to(torch::kCPU, torch::kFloat64);
}

}  // namespace

torch::Tensor normalizedSpectrum(const torch::Tensor& z) {
  torch::NoGradGuard noGrad;
  const torch::Tensor exact = exactOf(z);
  const torch::Tensor centered = exact - exact.mean(0, true);
  // Z^T Z (D x D) and Z Z^T (N x N) have the same eigenvalues other than zero.
  const torch::Tensor gram =
      z.size(1) > z.size(0) ? torch::mm(centered, centered.t()) : torch::mm(centered.t(), centered);
  const torch::Tensor eigenvalues = torch::linalg_eigvalsh(gram).clamp_min(0).flip(0);
  const double total = eigenvalues.sum().item<double>();
  return total > 0 ? eigenvalues / total : torch::zeros_like(eigenvalues);
}

CollapseNumbers collapseNumbers(const torch::Tensor& z, const torch::Tensor& spectrum) {
  torch::NoGradGuard noGrad;
  const torch::Tensor exact = exactOf(z);
  CollapseNumbers numbers;
  if (spectrum.sum().item<double>() > 0) {
    numbers.effectiveRank = (-torch::xlogy(spectrum, spectrum).sum()).exp().item<double>();
  }
  const torch::Tensor variance = exact.var(0, /*unbiased=*/false).contiguous();  // [D]
  numbers.deadDimensions =
      static_cast<std::int64_t>(deadDimensions({variance.const_data_ptr<double>(),
                                                static_cast<std::size_t>(variance.numel())})
                                    .size());
  const torch::Tensor unit = torch::nn::functional::normalize(exact);
  numbers.embeddingStd = unit.std(0, /*unbiased=*/true).mean().item<double>();
  return numbers;
}

CollapseNumbers collapseNumbers(const torch::Tensor& z) {
  return collapseNumbers(z, normalizedSpectrum(z));
}

void addCorrelation(CollapseNumbers& numbers, const torch::Tensor& zA, const torch::Tensor& zB) {
  torch::NoGradGuard noGrad;
  const torch::Tensor a = standardize(exactOf(zA));
  const torch::Tensor b = standardize(exactOf(zB));
  BARLOW_CHECK(a.sizes() == b.sizes()) << zA.sizes() << " and " << zB.sizes();
  const auto n = static_cast<double>(a.size(0));
  const auto d = static_cast<double>(a.size(1));
  const torch::Tensor diagonal = (a * b).mean(0);  // [D]
  // |A^T B|^2 = <A A^T, B B^T>: the smaller products of the two.
  const double squares = (a.size(1) > a.size(0) ? (torch::mm(a, a.t()) * torch::mm(b, b.t())).sum()
                                                : torch::mm(a.t(), b).square().sum())
                             .item<double>() /
                         (n * n);
  const double rest = squares - diagonal.square().sum().item<double>();
  numbers.meanDiagonal = diagonal.mean().item<double>();
  numbers.rmsOffDiagonal = d > 1 ? std::sqrt(std::max(0.0, rest) / (d * (d - 1))) : 0.0;
}

}  // namespace barlow
