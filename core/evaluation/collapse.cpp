#include "core/evaluation/collapse.h"

#include "core/base/check.h"

namespace barlow {

CollapseNumbers collapseNumbers(const torch::Tensor& z) {
  torch::NoGradGuard noGrad;
  BARLOW_CHECK(z.dim() == 2 && z.size(0) > 1)
      << "embeddings are [N, D] with N > 1, not " << z.sizes();
  // Doubles first: the mean of equal floats is then exact, so that a fully collapsed z is seen as
  // such and not as the rounding of its mean.
  const torch::Tensor exact = z.to(torch::kCPU, torch::kFloat64);
  const torch::Tensor centered = exact - exact.mean(0, true);
  // Z^T Z (D x D) and Z Z^T (N x N) have the same eigenvalues other than zero.
  const torch::Tensor gram =
      z.size(1) > z.size(0) ? torch::mm(centered, centered.t()) : torch::mm(centered.t(), centered);
  const torch::Tensor eigenvalues = torch::linalg_eigvalsh(gram).clamp_min(0);
  const double total = eigenvalues.sum().item<double>();
  CollapseNumbers numbers;
  if (total > 0) {
    const torch::Tensor share = eigenvalues / total;
    const torch::Tensor entropy = -torch::xlogy(share, share).sum();
    numbers.effectiveRank = entropy.exp().item<double>();
  }
  const torch::Tensor deviation = centered.square().mean(0).sqrt();  // [D]
  const double median = deviation.median().item<double>();
  numbers.deadDimensions = (deviation < 1e-4 * median).sum().item<std::int64_t>();
  if (median == 0) {  // the median column itself is dead
    numbers.deadDimensions = (deviation == 0).sum().item<std::int64_t>();
  }
  const torch::Tensor unit = torch::nn::functional::normalize(exact);
  numbers.embeddingStd = unit.std(0, /*unbiased=*/true).mean().item<double>();
  return numbers;
}

}  // namespace barlow
