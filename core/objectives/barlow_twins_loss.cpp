#include "core/objectives/barlow_twins_loss.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/objectives/embedding_rows.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>

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
    // In place, and with `upstream` on the small factors: passes over [N, D] cost as much as the
    // products.
    const Tensor g = saved[4] * upstream;  // [D]
    const Tensor dA = (b * g).addmm_(saved[3] * upstream, a, 1, scale);
    const Tensor dB = (a * g).addmm_(saved[2] * upstream, b, 1, scale);
    return {dA, dB, Tensor()};
  }
};

// How many columns of C exist at a time. On the CPU one product where C fits into a cache of 4 MB,
// strips of 2 MB beyond; on an accelerator, which wants few and large products, strips of 1 GB.
std::int64_t tileColumns(const torch::Device& device, std::int64_t d) {
  const std::int64_t whole = device.is_cpu() ? 1 << 20 : 1 << 28;  // floats
  const std::int64_t strip = device.is_cpu() ? 1 << 19 : 1 << 28;
  return d * d <= whole ? d : std::max<std::int64_t>(128, strip / d);
}

// The exact loss from C, of which only a tile of columns J exists at a time:
//   C_J = A^T B_J / N,  G = dL/dC: G_ii = 2 (C_ii - 1), G_ij = 2 lambda C_ij,
//   dA = sum over J of B_J G_J^T / N,  dB_J = A G_J / N.
// Nothing in the gradient needs more than its tile, so it is made on the way forward. Returns as
// GramLoss.
class DirectLoss : public torch::autograd::Function<DirectLoss> {
 public:
  static variable_list forward(AutogradContext* context,
                               const Tensor& a,
                               const Tensor& b,
                               double lambda) {
    const std::int64_t d = a.size(1);
    const std::int64_t tile = tileColumns(a.device(), d);
    const auto n = static_cast<double>(a.size(0));
    const bool hasGradient = a.requires_grad() || b.requires_grad();
    const Tensor transposedA = a.t();
    const Tensor diagonal = torch::empty({d}, a.options());
    const Tensor gradA = hasGradient ? torch::zeros_like(a) : Tensor();
    const Tensor gradB = hasGradient ? torch::empty_like(b) : Tensor();
    Tensor squares = torch::zeros({}, a.options().dtype(torch::kFloat64));
    for (std::int64_t begin = 0; begin < d; begin += tile) {
      const std::int64_t end = std::min(begin + tile, d);
      const Tensor tileB = b.slice(1, begin, end);
      Tensor c = torch::mm(transposedA, tileB).div_(n);  // [D, tile]
      const Tensor own = c.slice(0, begin, end).diagonal();
      diagonal.slice(0, begin, end).copy_(own);
      own.zero_();
      squares += c.square().sum().to(torch::kFloat64);
      if (hasGradient) {
        c.mul_(2 * lambda / n);
        own.copy_((diagonal.slice(0, begin, end) - 1) * (2 / n));
        gradA.addmm_(tileB, c.t());
        gradB.slice(1, begin, end).copy_(torch::mm(a, c));
      }
    }
    const Tensor onDiagonal = (diagonal - 1).square().sum();
    const Tensor offDiagonal = squares.to(a.scalar_type());
    context->save_for_backward({gradA, gradB});
    context->mark_non_differentiable({onDiagonal, offDiagonal, diagonal});
    return {onDiagonal + lambda * offDiagonal, onDiagonal, offDiagonal, diagonal};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    BARLOW_CHECK(!torch::GradMode::is_enabled()) << "only first derivatives";
    const auto saved = context->get_saved_variables();
    return {saved[0] * gradients[0], saved[1] * gradients[0], Tensor()};
  }
};

template <class Loss>
BarlowTwinsTerms lossOf(const Tensor& a, const Tensor& b, double lambda) {
  const variable_list terms = Loss::apply(a, b, lambda);
  return {.loss = terms[0],
          .onDiagonal = terms[1].detach(),
          .offDiagonal = terms[2].detach(),
          .squares = terms[2].detach(),
          .diagonal = terms[3].detach(),
          .standardA = a.detach(),
          .standardB = b.detach()};
}

// The ablations of the loss (tables 5 and 6), by autograd, with the whole matrix.
BarlowTwinsTerms ablatedLoss(const Tensor& a, const Tensor& b, const BarlowTwinsParams& params) {
  const Tensor c = torch::mm(a.t(), b) / a.size(0);
  const Tensor diagonal = c.diagonal();
  const Tensor squares = (c - torch::diag(diagonal)).square().sum();
  Tensor onDiagonal = (diagonal - 1).square().sum();
  Tensor offDiagonal = squares;
  if (params.criterion == BarlowCriterion::CrossEntropy) {
    const Tensor own = torch::eye(c.size(0), c.options().dtype(torch::kBool));
    onDiagonal = -(diagonal / params.temperature).logsumexp(0);
    offDiagonal = (c.clamp_min(0) / params.temperature)
                      .masked_fill(own, -std::numeric_limits<double>::infinity())
                      .logsumexp(at::IntArrayRef({0, 1}));
  }
  const Tensor loss = params.terms == BarlowTerms::Invariance ? onDiagonal
                      : params.terms == BarlowTerms::Redundancy
                          ? params.lambda * offDiagonal
                          : onDiagonal + params.lambda * offDiagonal;
  return {.loss = loss,
          .onDiagonal = onDiagonal.detach(),
          .offDiagonal = offDiagonal.detach(),
          .squares = squares.detach(),
          .diagonal = diagonal.detach(),
          .standardA = a.detach(),
          .standardB = b.detach()};
}

// HSIC/main.py and model.py: rows of length 1, then the unbiased deviation, without eps.
Tensor standardizeHsic(const Tensor& x) {
  const Tensor rows = x / x.norm(2, 1, true).clamp_min(1e-12);
  return (rows - rows.mean(0)) / rows.std(0, /*unbiased=*/true);
}

}  // namespace

Tensor standardize(const Tensor& z, Standardization how) {
  checkEmbeddings({z});
  const Tensor x = inLossPrecision(z);
  if (how == Standardization::Hsic) {
    return standardizeHsic(x);
  }
  if (how == Standardization::None) {
    return x - x.mean(0);
  }
  Tensor standard = torch::batch_norm(
      x, {}, {}, {}, {}, /*training=*/true, /*momentum=*/0.0, kEpsilon, /*cudnn_enabled=*/false);
  if (how == Standardization::Features) {
    return unitRows(standard) * std::sqrt(static_cast<double>(x.size(1)));
  }
  return standard;
}

Tensor crossCorrelation(const Tensor& zA, const Tensor& zB) {
  BARLOW_CHECK(zA.sizes() == zB.sizes())
      << "the views' embeddings differ: " << zA.sizes() << " and " << zB.sizes();
  return torch::mm(standardize(zA).t(), standardize(zB)) / zA.size(0);
}

BarlowTwinsTerms barlowTwinsLoss(const Tensor& zA,
                                 const Tensor& zB,
                                 const BarlowTwinsParams& params) {
  BARLOW_CHECK(zA.sizes() == zB.sizes())
      << "the views' embeddings differ: " << zA.sizes() << " and " << zB.sizes();
  const Tensor a = standardize(zA, params.standardization);
  const Tensor b = standardize(params.stopGradient ? zB.detach() : zB, params.standardization);
  const std::int64_t d = a.size(1);
  if (d < 2) {
    throw Exception(
        "Embeddings of width 1 have nothing to decorrelate: use a last projector width of at least "
        "2.");
  }
  if (params.terms != BarlowTerms::Both || params.criterion != BarlowCriterion::Squares) {
    return ablatedLoss(a, b, params);
  }
  const LossForm form = chosenForm(params.form, a.size(0), d);
  return form == LossForm::Gram ? lossOf<GramLoss>(a, b, params.lambda)
                                : lossOf<DirectLoss>(a, b, params.lambda);
}

BarlowTwinsTerms barlowTwinsLoss(const Tensor& zA, const Tensor& zB, double lambda, LossForm form) {
  BarlowTwinsParams params;
  params.lambda = lambda;
  params.form = form;
  return barlowTwinsLoss(zA, zB, params);
}

LossForm chosenForm(LossForm form, std::int64_t n, std::int64_t dimensions) {
  if (form != LossForm::Auto) {
    return form;
  }
  // Floating point operations, forward and backward: 6 N D^2 (direct) against 8 N^2 D (Gram), equal
  // at D = 4 N / 3.
  return 3 * dimensions > 4 * n ? LossForm::Gram : LossForm::Direct;
}

double lossFloor(std::int64_t n, std::int64_t dimensions, double lambda) {
  BARLOW_CHECK(n >= 2) << "N = " << n;
  const auto d = static_cast<double>(dimensions);
  const double kappa = lambda * (d / static_cast<double>(n - 1) - 1.0);
  return kappa > 0 ? d * kappa / (1.0 + kappa) : 0.0;
}

double lossFloor(std::int64_t n, std::int64_t dimensions, const BarlowTwinsParams& params) {
  const bool isBounded = params.terms == BarlowTerms::Both &&
                         params.criterion == BarlowCriterion::Squares &&
                         (params.standardization == Standardization::BatchNorm ||
                          params.standardization == Standardization::Hsic);
  return isBounded ? lossFloor(n, dimensions, params.lambda)
                   : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace barlow
