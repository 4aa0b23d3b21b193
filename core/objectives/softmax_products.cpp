#include "core/objectives/softmax_products.h"

#include "core/base/check.h"

#include <torch/csrc/autograd/custom_function.h>

#include <limits>

namespace barlow {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// s = a b^T / t, p = softmax(s):  dlse_n / da_n = sum_k p_nk b_k / t,  dlse_n / db_k = p_nk a_n /
// t.
class LogSumOfProducts : public torch::autograd::Function<LogSumOfProducts> {
 public:
  static variable_list forward(AutogradContext* context,
                               const Tensor& a,
                               const Tensor& b,
                               double temperature,
                               std::int64_t period) {
    Tensor s = torch::mm(a / temperature, b.t());  // [N, K]
    if (period > 0) {
      s.view({s.size(0) / period, period, s.size(1) / period, period})
          .diagonal(0, 1, 3)
          .fill_(-std::numeric_limits<double>::infinity());
    }
    const Tensor largest = s.amax(1, /*keepdim=*/true);
    const Tensor sum = s.sub_(largest).exp_().sum(1, /*keepdim=*/true);
    const Tensor logSum = (largest + sum.log()).squeeze(1);
    if (a.requires_grad() || b.requires_grad()) {
      s.div_(sum);
      context->save_for_backward({a, b, s});
      context->saved_data["scale"] = 1 / temperature;
    }
    const Tensor found = largest.squeeze(1);
    context->mark_non_differentiable({found});
    return {logSum, found};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    BARLOW_CHECK(!torch::GradMode::is_enabled()) << "only first derivatives";
    const auto saved = context->get_saved_variables();
    const Tensor& a = saved[0];
    const Tensor& b = saved[1];
    const Tensor& p = saved[2];
    const Tensor g = (gradients[0] * context->saved_data["scale"].toDouble()).unsqueeze(1);
    Tensor dA;
    Tensor dB;
    if (context->needs_input_grad(0)) {
      dA = torch::mm(p, b).mul_(g);
    }
    if (context->needs_input_grad(1)) {
      dB = torch::mm(p.t(), a * g);
    }
    return {dA, dB, Tensor(), Tensor()};
  }
};

}  // namespace

ProductTerms productTerms(const Tensor& a,
                          const Tensor& b,
                          double temperature,
                          std::int64_t period) {
  BARLOW_CHECK(period == 0 || (a.size(0) % period == 0 && b.size(0) % period == 0))
      << a.sizes() << " and " << b.sizes() << " are no multiples of " << period;
  const variable_list terms = LogSumOfProducts::apply(a, b, temperature, period);
  return {.logSum = terms[0], .largest = terms[1].detach()};
}

Tensor shareOfWins(const Tensor& positive, const ProductTerms& negatives) {
  torch::NoGradGuard noGrad;
  return (positive - negatives.largest > 1e-4).to(positive.scalar_type()).mean();
}

}  // namespace barlow
