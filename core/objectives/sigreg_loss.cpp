#include "core/objectives/sigreg_loss.h"

#include "core/base/check.h"
#include "core/objectives/embedding_rows.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace barlow {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Cosines and sines of a strip of directions at all knots: in a cache on the CPU, 256 MB on an
// accelerator.
std::int64_t stripDirections(const Tensor& u, std::int64_t knots) {
  const std::int64_t floats = u.is_cpu() ? 1 << 18 : 1 << 26;
  return std::max<std::int64_t>(1, floats / (knots * u.size(0) * u.size(1)));
}

// For u [V, N, M], with c = mean_n cos(t u) - phi, s = mean_n sin(t u) at every knot t:
//   f = N / (V M) sum w phi (c^2 + s^2),  df/du = 2 / (V M) sum over t of w phi t (s cos(t u) - c
//   sin(t u)).
// Nothing in the gradient needs more than its strip of directions, so it is made on the way
// forward.
class CharacteristicDistance : public torch::autograd::Function<CharacteristicDistance> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& u, int knots, double range) {
    const Tensor t = torch::linspace(0, range, knots, u.options()).view({knots, 1, 1, 1});
    const Tensor phi = (t.square() / -2).exp();
    const double interval = range / (knots - 1);
    Tensor weights = torch::full_like(t, 2 * interval);  // both signs of t
    weights[0] = interval;
    weights[knots - 1] = interval;
    weights.mul_(phi);
    const auto n = static_cast<double>(u.size(1));
    const auto parts = static_cast<double>(u.size(0) * u.size(2));  // V M
    const bool hasGradient = u.requires_grad();
    const Tensor gradient = hasGradient ? torch::empty_like(u) : Tensor();
    Tensor sum = torch::zeros({}, u.options());
    const std::int64_t strip = stripDirections(u, knots);
    for (std::int64_t begin = 0; begin < u.size(2); begin += strip) {
      const std::int64_t end = std::min(begin + strip, u.size(2));
      const Tensor angles = t * u.slice(2, begin, end).contiguous();  // [T, V, N, strip]
      Tensor cosines = angles.cos();
      const Tensor sines = angles.sin();
      const Tensor c = cosines.mean(2, /*keepdim=*/true) - phi;  // [T, V, 1, strip]
      const Tensor s = sines.mean(2, /*keepdim=*/true);
      sum += ((c.square() + s.square()) * weights).sum();
      if (hasGradient) {
        const Tensor slope = weights * t * (2 / parts);
        gradient.slice(2, begin, end)
            .copy_(cosines.mul_(s * slope).addcmul_(sines, c * slope, -1).sum(0));
      }
    }
    context->save_for_backward({gradient});
    return sum * (n / parts);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    BARLOW_CHECK(!torch::GradMode::is_enabled()) << "only first derivatives";
    return {context->get_saved_variables()[0] * gradients[0], Tensor(), Tensor()};
  }
};

Tensor stackedViews(const std::vector<Tensor>& views) {
  checkEmbeddings(views);
  return inLossPrecision(torch::stack(views));  // [V, N, D]
}

Tensor distanceOf(const Tensor& z, const Tensor& directions, int knots, double range) {
  const Tensor unit = directions / directions.norm(2, 0, /*keepdim=*/true);
  return CharacteristicDistance::apply(torch::matmul(z, unit), knots, range);
}

}  // namespace

Tensor sigregLoss(const std::vector<Tensor>& views,
                  const Tensor& directions,
                  int knots,
                  double range) {
  return distanceOf(stackedViews(views), directions, knots, range);
}

LejepaTerms lejepaLoss(const std::vector<Tensor>& views,
                       const Tensor& directions,
                       const LejepaParams& params) {
  const Tensor z = stackedViews(views);
  const Tensor distance = distanceOf(z, directions, params.knots, params.range);
  const Tensor centred = params.center == LejepaCenter::AllViews ? z : z.slice(0, 0, 2);
  const Tensor invariance = (z - centred.mean(0)).square().mean();
  return {.loss = params.lambda * distance + (1 - params.lambda) * invariance,
          .invariance = invariance.detach(),
          .gaussianDistance = distance.detach()};
}

}  // namespace barlow
