#include "core/objectives/vicreg_loss.h"

#include "core/base/check.h"
#include "core/objectives/embedding_rows.h"

#include <torch/csrc/autograd/custom_function.h>

namespace barlow {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// S = z^T z [D, D], f = sum over i != j of S_ij^2, df/dz = 4 z (S - diag S). With G = z z^T [N, N]
// the same is |G|^2 - |diag S|^2 and 4 (G z - z diag S).
class OffDiagonalSquares : public torch::autograd::Function<OffDiagonalSquares> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& z) {
    const bool isGram = z.size(1) > z.size(0);
    context->saved_data["isGram"] = isGram;
    if (isGram) {
      const Tensor gram = torch::mm(z, z.t());
      const Tensor diagonal = z.square().sum(0);
      context->save_for_backward({z, gram, diagonal});
      // In double: a difference of two sums.
      return (gram.square().sum(torch::kFloat64) - diagonal.square().sum(torch::kFloat64))
          .clamp_min(0)
          .to(z.scalar_type());
    }
    Tensor products = torch::mm(z.t(), z);
    products.diagonal().zero_();
    context->save_for_backward({z, products});
    return products.square().sum();
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    BARLOW_CHECK(!torch::GradMode::is_enabled()) << "only first derivatives";
    const auto saved = context->get_saved_variables();
    const Tensor& z = saved[0];
    const Tensor scale = 4 * gradients[0];
    if (context->saved_data["isGram"].toBool()) {
      return {(z * -saved[2]).addmm_(saved[1], z).mul_(scale)};
    }
    return {torch::mm(z, saved[1]).mul_(scale)};
  }
};

Tensor varianceTerm(const Tensor& z) {
  return torch::relu(1 - (z.var(0, /*unbiased=*/true) + 1e-4).sqrt()).mean();
}

Tensor covarianceTerm(const Tensor& z) {
  const auto scale = static_cast<double>(z.size(0) - 1);
  return OffDiagonalSquares::apply(z - z.mean(0)) /
         (scale * scale * static_cast<double>(z.size(1)));
}

}  // namespace

VicregTerms vicregLoss(const Tensor& zA, const Tensor& zB, const VicregParams& params) {
  checkEmbeddings({zA, zB});
  const Tensor a = inLossPrecision(zA);
  const Tensor b = inLossPrecision(zB);
  const Tensor invariance = (a - b).square().mean();
  const Tensor variance = (varianceTerm(a) + varianceTerm(b)) * (params.halvesVariance ? 0.5 : 1.0);
  const Tensor covariance = covarianceTerm(a) + covarianceTerm(b);
  return {.loss = params.invariance * invariance + params.variance * variance +
                  params.covariance * covariance,
          .invariance = invariance.detach(),
          .variance = variance.detach(),
          .covariance = covariance.detach()};
}

}  // namespace barlow
