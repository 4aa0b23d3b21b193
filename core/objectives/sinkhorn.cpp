#include "core/objectives/sinkhorn.h"

#include "core/base/check.h"
#include "core/objectives/embedding_rows.h"
#include "core/objectives/softmax_products.h"

#include <algorithm>

namespace barlow {
namespace {

using torch::Tensor;

constexpr std::size_t kWholeViews = 2;

// How many prototypes are somebody's nearest, and how evenly.
struct Use {
  Tensor share;
  Tensor perplexity;
};

Use useOf(const Tensor& scores) {
  const std::int64_t n = scores.size(0);
  const std::int64_t k = scores.size(1);
  const Tensor nearest = scores.argmax(1);
  const Tensor counts = torch::zeros({k}, scores.options())
                            .scatter_add_(0, nearest, torch::ones({n}, scores.options()));
  const Tensor p = counts / n;
  // NaN where the scores are.
  const Tensor valid = scores.sum() * 0;
  return {.share = (counts > 0).sum().to(scores.scalar_type()) / std::min(n, k) + valid,
          .perplexity = (-torch::xlogy(p, p).sum()).exp() + valid};
}

}  // namespace

Tensor sinkhornAssignments(Tensor scores, std::int64_t rows, double epsilon, int iterations) {
  torch::NoGradGuard noGrad;
  // The assignments are diag(v) E diag(u): the rounds only move u and v, and E is read, never
  // written. A row's largest entry is taken out of E and put into v, which is the same, and keeps
  // every row from underflow.
  const Tensor largest = scores.amax(1, /*keepdim=*/true);
  const Tensor e = scores.sub_(largest).div_(epsilon).exp_();  // [B, K]
  Tensor v = ((largest - largest.max()) / epsilon).exp().squeeze(1);
  // Columns are brought to B / K instead of 1, which changes nothing but that u and v stay where
  // they are instead of growing and shrinking from round to round.
  const double share = static_cast<double>(scores.size(0)) / static_cast<double>(scores.size(1));
  Tensor u;
  for (int i = 0; i < iterations; ++i) {
    u = torch::mv(e.t(), v).clamp_min_(1e-30).reciprocal_().mul_(share);
    v = torch::mv(e, u).reciprocal_();
  }
  return e.slice(0, 0, rows) * u * v.slice(0, 0, rows).unsqueeze(1);
}

SwavTerms swavLoss(const std::vector<Tensor>& views,
                   const Tensor& prototypes,
                   const std::vector<Tensor>& queues,
                   const SwavParams& params) {
  checkEmbeddings(views);
  BARLOW_CHECK(views.size() >= kWholeViews) << "one view cannot be swapped";
  const std::int64_t n = views[0].size(0);
  std::vector<Tensor> z;
  for (const Tensor& view : views) {
    z.push_back(unitRows(view));
  }
  // Rows of assignments sum to 1, so the cross-entropy is the log-sum-exp minus the product with
  // the prototypes' mean under the assignment: no second matrix of N x K.
  std::vector<Tensor> means;  // [N, D] for each of the first two views
  std::vector<Tensor> shares;
  std::vector<Tensor> perplexities;
  for (std::size_t i = 0; i < kWholeViews; ++i) {
    Tensor assignments;
    {
      torch::NoGradGuard noGrad;
      const Tensor rows = queues.empty() ? z[i] : torch::cat({z[i], queues[i]});
      const Tensor scores = torch::mm(rows, prototypes.t());
      const Use use = useOf(scores.slice(0, 0, n));
      assignments = sinkhornAssignments(scores, n, params.epsilon, params.sinkhornIterations);
      shares.push_back(use.share);
      perplexities.push_back(use.perplexity);
    }
    means.push_back(torch::mm(assignments, prototypes));
  }
  Tensor sum = torch::zeros({}, z[0].options());
  double pairs = 0;
  for (std::size_t v = 0; v < z.size(); ++v) {
    const Tensor logSum = productTerms(z[v], prototypes, params.temperature).logSum;
    for (std::size_t i = 0; i < kWholeViews; ++i) {
      if (i != v) {
        sum = sum + (logSum - (means[i] * z[v]).sum(1) / params.temperature).mean();
        ++pairs;
      }
    }
  }
  return {.loss = sum / pairs,
          .share = torch::stack(shares).mean(),
          .perplexity = torch::stack(perplexities).mean()};
}

}  // namespace barlow
