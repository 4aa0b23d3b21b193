#include "core/evaluation/logistic_regression.h"

#include "core/base/check.h"
#include "core/device/parallel_for.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

namespace barlow {
namespace {

using torch::Tensor;

constexpr std::int64_t kBlockRows =
    512;                             // of x at a time: they stay in the cache for both products
constexpr std::int64_t kParts = 16;  // sums that are made independently and added in order

// Loss and slope at W = V A, b = c - W mean, where A whitens the features.
class Objective {
 public:
  Objective(const Tensor& x,
            const std::vector<std::int64_t>& labels,
            const LogisticOptions& options)
      : x_(x), labels_(torch::tensor(labels, torch::kInt64).to(x.device())), options_(options) {
    whiten();
  }

  struct Value {
    double loss = 0;
    Tensor slope;  // [classes, F + 1] double on the CPU: of V, and of c in the last column
  };

  // `at` as slope.
  Value operator()(const Tensor& at) const {
    const LinearHead head = headAt(at);
    const std::int64_t n = x_.size(0);
    const std::int64_t parts = x_.is_cpu() ? std::min(kParts, n) : 1;
    std::vector<double> losses(static_cast<std::size_t>(parts), 0.0);
    std::vector<Tensor> slopes(static_cast<std::size_t>(parts));
    const Tensor weight = head.weight.to(x_.device());
    const Tensor bias = head.bias.to(x_.device());
    parallelFor(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t part = begin; part < end; ++part) {
        const auto slot = static_cast<std::size_t>(part);
        losses[slot] =
            addPart(n * part / parts, n * (part + 1) / parts, weight, bias, slopes[slot]);
      }
    });
    double loss = 0;
    Tensor slope = torch::zeros({options_.classes, x_.size(1) + 1}, torch::kFloat64);
    for (std::size_t part = 0; part < slopes.size(); ++part) {
      loss += losses[part];
      slope += slopes[part].to(torch::kCPU, torch::kFloat64);
    }
    const auto count = static_cast<double>(n);
    slope /= count;
    const Tensor ofBias = slope.slice(1, x_.size(1));
    const Tensor exact = weightAt(at);
    const Tensor ofWeight =
        slope.slice(1, 0, x_.size(1)) - torch::mm(ofBias, mean_) + options_.l2 * exact;
    return {loss / count + options_.l2 / 2 * exact.square().sum().item<double>(),
            torch::cat({torch::mm(ofWeight, whitening_.t()), ofBias}, 1)};
  }

  LinearHead headAt(const Tensor& at) const {
    const Tensor weight = weightAt(at);
    const Tensor bias = at.slice(1, x_.size(1)) - torch::mm(weight, mean_.t());
    return {weight.to(torch::kFloat32), bias.squeeze(1).to(torch::kFloat32)};
  }

 private:
  Tensor weightAt(const Tensor& at) const {
    return torch::mm(at.slice(1, 0, x_.size(1)), whitening_);
  }

  // A = L^-1 with L L^T = covariance + penalty: of some rows, which is near enough.
  void whiten() {
    const std::int64_t features = x_.size(1);
    const std::int64_t wanted = std::max<std::int64_t>(8192, 4 * features);
    const std::int64_t stride = std::max<std::int64_t>(1, x_.size(0) / wanted);
    const Tensor some = x_.slice(0, 0, x_.size(0), stride);
    mean_ = some.mean(0, /*keepdim=*/true);
    const Tensor centered = some - mean_;
    Tensor covariance = torch::mm(centered.t(), centered).to(torch::kCPU, torch::kFloat64) /
                        static_cast<double>(some.size(0));
    mean_ = mean_.to(torch::kCPU, torch::kFloat64);
    // A class's share of the curvature is p (1 - p); a tenth stands for all of them.
    const double spread = covariance.diagonal().mean().item<double>();
    covariance.diagonal().add_(10 * options_.l2 + 1e-6 * spread + 1e-30);
    const Tensor lower = torch::linalg_cholesky(covariance);
    whitening_ = torch::linalg_solve_triangular(
        lower, torch::eye(features, torch::kFloat64), /*upper=*/false);
  }

  // Adds rows [first, last); the sum of their losses.
  double addPart(std::int64_t first,
                 std::int64_t last,
                 const Tensor& weight,
                 const Tensor& bias,
                 Tensor& slope) const {
    torch::NoGradGuard noGrad;
    const std::int64_t features = x_.size(1);
    slope = torch::zeros({options_.classes, features + 1}, x_.options());
    Tensor ofWeight = slope.slice(1, 0, features);
    Tensor ofBias = slope.select(1, features);
    Tensor products = torch::zeros({options_.classes, features}, x_.options());
    const std::int64_t rows = x_.is_cpu() ? kBlockRows : last - first;
    double loss = 0;
    for (std::int64_t begin = first; begin < last; begin += rows) {
      const std::int64_t size = std::min(rows, last - begin);
      const Tensor block = x_.narrow(0, begin, size);
      const Tensor target = labels_.narrow(0, begin, size).unsqueeze(1);
      Tensor share = torch::addmm(bias, block, weight.t()).log_softmax(1);
      loss -= share.gather(1, target).sum(torch::kFloat64).item<double>();
      share.exp_().scatter_add_(1, target, torch::full_like(target, -1, share.options()));
      products.addmm_(share.t(), block);
      ofBias.add_(share.sum(0));
    }
    ofWeight.copy_(products);
    return loss;
  }

  Tensor x_;       // [N, F]
  Tensor labels_;  // [N]
  LogisticOptions options_;
  Tensor mean_;       // [1, F] double
  Tensor whitening_;  // A, [F, F] double
};

double product(const Tensor& left, const Tensor& right) {
  return (left * right).sum().item<double>();
}

// The last steps and how slopes changed with them: an estimate of the inverse curvature.
class Memory {
 public:
  void add(const Tensor& step, const Tensor& change) {
    const double curvature = product(step, change);
    if (curvature <= 1e-12 * product(change, change)) {
      return;  // rounding: the function is convex
    }
    if (pairs_.size() == kMost) {
      pairs_.pop_front();
    }
    pairs_.push_back({step, change, 1 / curvature});
  }
  // Algorithm 7.4.
  Tensor direction(const Tensor& slope) const {
    Tensor q = slope.clone();
    std::vector<double> shares(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      shares[i] = pairs_[i].rho * product(pairs_[i].step, q);
      q -= shares[i] * pairs_[i].change;
    }
    // Without steps: the curvature of a class's logit is 1/4 at most.
    q *= pairs_.empty()
             ? 4.0
             : 1 / (pairs_.back().rho * product(pairs_.back().change, pairs_.back().change));
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      q += (shares[i] - pairs_[i].rho * product(pairs_[i].change, q)) * pairs_[i].step;
    }
    return -q;
  }
  void clear() { pairs_.clear(); }

 private:
  static constexpr std::size_t kMost = 10;
  struct Pair {
    Tensor step;
    Tensor change;
    double rho = 0;
  };
  std::deque<Pair> pairs_;
};

}  // namespace

Tensor rankedByHead(const LinearHead& head, const Tensor& x) {
  torch::NoGradGuard noGrad;
  const std::int64_t best = std::min<std::int64_t>(5, head.weight.size(0));
  Tensor ranked = torch::empty({x.size(0), best}, torch::kInt64);
  const Tensor weight = head.weight.to(x.device());
  const Tensor bias = head.bias.to(x.device());
  for (std::int64_t begin = 0; begin < x.size(0); begin += 4096) {
    const std::int64_t size = std::min<std::int64_t>(4096, x.size(0) - begin);
    const Tensor logits = torch::addmm(bias, x.narrow(0, begin, size), weight.t()).to(torch::kCPU);
    ranked.narrow(0, begin, size)
        .copy_(std::get<1>(logits.sort(/*stable=*/true, /*dim=*/1, /*descending=*/true))
                   .slice(1, 0, best));
  }
  return ranked;
}

std::optional<LogisticFit> fitLogistic(const Tensor& x,
                                       const std::vector<std::int64_t>& labels,
                                       const LogisticOptions& options,
                                       const std::stop_token& stop,
                                       const std::function<void(double)>& progress) {
  torch::NoGradGuard noGrad;
  BARLOW_CHECK(x.dim() == 2 && x.size(0) > 0 &&
               static_cast<std::size_t>(x.size(0)) == labels.size() && options.classes > 0)
      << "features " << x.sizes() << " with " << labels.size() << " labels";
  const Objective objective(x, labels, options);
  Memory memory;
  LogisticFit fit;
  Tensor at = torch::zeros({options.classes, x.size(1) + 1}, torch::kFloat64);
  Objective::Value value = objective(at);
  const double first = value.slope.abs().max().item<double>();
  const auto report = [&](double slope) {
    if (progress && first > options.tolerance) {
      progress(std::clamp(std::log(first / slope) / std::log(first / options.tolerance), 0.0, 1.0));
    }
  };
  double reported = first;
  while (fit.iterations < options.mostIterations) {
    if (stop.stop_requested()) {
      return std::nullopt;
    }
    const double slope = value.slope.abs().max().item<double>();
    reported = std::min(reported, slope);
    report(reported);
    if (slope <= options.tolerance) {
      fit.hasConverged = true;
      break;
    }
    Tensor direction = memory.direction(value.slope);
    double descent = product(direction, value.slope);
    if (descent >= 0) {
      memory.clear();
      direction = memory.direction(value.slope);
      descent = product(direction, value.slope);
    }
    // Backtracking with Armijo's rule: convex, and the full step is nearly always taken.
    double length = 1;
    Objective::Value next = objective(at + length * direction);
    for (int tries = 0; next.loss > value.loss + 1e-4 * length * descent && tries < 20; ++tries) {
      length /= 2;
      next = objective(at + length * direction);
    }
    ++fit.iterations;
    if (next.loss > value.loss) {
      break;  // no way down that single precision can see
    }
    memory.add(length * direction, next.slope - value.slope);
    at = at + length * direction;
    value = std::move(next);
  }
  fit.head = objective.headAt(at);
  fit.loss = value.loss;
  return fit;
}

}  // namespace barlow
