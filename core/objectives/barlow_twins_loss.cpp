#include "core/objectives/barlow_twins_loss.h"

#include "core/base/check.h"
#include "core/base/error.h"

#include <fmt/format.h>

namespace barlow {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kEpsilon = 1e-5;  // BatchNorm1d's default, as main.py uses it

// The exact loss from two N x N Gram matrices, without the D x D matrix:
//   ||C||_F^2 = <A A^T, B B^T> / N^2,  C_ii = sum_n A_ni B_ni / N,
//   dA = (2 lambda / N^2) (B B^T) A + B diag(g),  g_i = (2 (C_ii - 1) - 2 lambda C_ii) / N,  dB
//   likewise.
// A, B: standardised embeddings [N, D]. Returns {loss, onDiagonal, offDiagonal, diagonal [D]}; only
// the loss has a gradient.
class GramLoss : public torch::autograd::Function<GramLoss> {
 public:
  static variable_list forward(AutogradContext* context,
                               const Tensor& a,
                               const Tensor& b,
                               double lambda) {
    const auto n = static_cast<double>(a.size(0));
    const Tensor gramA = torch::mm(a, a.t());  // [N, N]
    const Tensor gramB = torch::mm(b, b.t());
    const Tensor diagonal = (a * b).sum(0) / n;  // [D]
    const Tensor onDiagonal = (diagonal - 1).square().sum();
    // In double: a difference of two sums, which may be close when D is near N.
    const Tensor squares = (gramA * gramB).sum(torch::kFloat64) / (n * n);
    const Tensor offDiagonal =
        (squares - diagonal.to(torch::kFloat64).square().sum()).clamp_min(0).to(a.scalar_type());
    context->save_for_backward(
        {a, b, gramA, gramB, (2 * (diagonal - 1) - 2 * lambda * diagonal) / n});
    context->saved_data["scale"] = 2 * lambda / (n * n);
    context->mark_non_differentiable({onDiagonal, offDiagonal, diagonal});
    return {onDiagonal + lambda * offDiagonal, onDiagonal, offDiagonal, diagonal};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    // The saved Gram matrices are constants to autograd: a second derivative would be wrong without
    // a word.
    BARLOW_CHECK(!torch::GradMode::is_enabled()) << "only first derivatives";
    const auto saved = context->get_saved_variables();
    const Tensor& a = saved[0];
    const Tensor& b = saved[1];
    const double scale = context->saved_data["scale"].toDouble();
    const Tensor& upstream = gradients[0];
    const Tensor dA = torch::addmm(b * saved[4], saved[3], a, 1, scale) * upstream;
    const Tensor dB = torch::addmm(a * saved[4], saved[2], b, 1, scale) * upstream;
    return {dA, dB, Tensor()};
  }
};

BarlowTwinsTerms directLoss(const Tensor& a, const Tensor& b, double lambda) {
  const Tensor c = torch::mm(a.t(), b) / a.size(0);  // [D, D]
  const Tensor diagonal = torch::diagonal(c);
  const Tensor onDiagonal = (diagonal - 1).square().sum();
  // Without the reference's in-place edits: C still holds the correlation afterwards.
  const Tensor offDiagonal = (c - torch::diag_embed(diagonal)).square().sum();
  return {.loss = onDiagonal + lambda * offDiagonal,
          .onDiagonal = onDiagonal.detach(),
          .offDiagonal = offDiagonal.detach(),
          .diagonal = diagonal.detach(),
          .standardA = a.detach(),
          .standardB = b.detach()};
}

BarlowTwinsTerms gramLoss(const Tensor& a, const Tensor& b, double lambda) {
  const variable_list terms = GramLoss::apply(a, b, lambda);
  return {.loss = terms[0],
          .onDiagonal = terms[1].detach(),
          .offDiagonal = terms[2].detach(),
          .diagonal = terms[3].detach(),
          .standardA = a.detach(),
          .standardB = b.detach()};
}

}  // namespace

Tensor standardize(const Tensor& z) {
  BARLOW_CHECK(z.dim() == 2) << "embeddings are [N, D], not " << z.sizes();
  if (z.size(0) < 2) {
    throw Exception(fmt::format(
        "A batch of {} has no correlation: use a batch of at least 2 images.", z.size(0)));
  }
  const Tensor x = z.scalar_type() == torch::kFloat64 ? z : z.to(torch::kFloat32);
  return torch::batch_norm(
      x, {}, {}, {}, {}, /*training=*/true, /*momentum=*/0.0, kEpsilon, /*cudnn_enabled=*/false);
}

Tensor crossCorrelation(const Tensor& zA, const Tensor& zB) {
  BARLOW_CHECK(zA.sizes() == zB.sizes())
      << "the views' embeddings differ: " << zA.sizes() << " and " << zB.sizes();
  return torch::mm(standardize(zA).t(), standardize(zB)) / zA.size(0);
}

BarlowTwinsTerms barlowTwinsLoss(const Tensor& zA, const Tensor& zB, double lambda, LossForm form) {
  BARLOW_CHECK(zA.sizes() == zB.sizes())
      << "the views' embeddings differ: " << zA.sizes() << " and " << zB.sizes();
  const Tensor a = standardize(zA);
  const Tensor b = standardize(zB);
  const std::int64_t n = a.size(0);
  const std::int64_t d = a.size(1);
  if (d < 2) {
    throw Exception(
        "Embeddings of width 1 have nothing to decorrelate: use a last projector width of at least "
        "2.");
  }
  // Floating point operations, forward and backward: 6 N D^2 (direct) against 8 N^2 D (Gram), equal
  // at D = 4 N / 3.
  const bool isGram = form == LossForm::Gram || (form == LossForm::Auto && 3 * d > 4 * n);
  return isGram ? gramLoss(a, b, lambda) : directLoss(a, b, lambda);
}

double lossFloor(std::int64_t n, std::int64_t dimensions, double lambda) {
  BARLOW_CHECK(n >= 2) << "N = " << n;
  const auto d = static_cast<double>(dimensions);
  const double kappa = lambda * (d / static_cast<double>(n - 1) - 1.0);
  return kappa > 0 ? d * kappa / (1.0 + kappa) : 0.0;
}

}  // namespace barlow
