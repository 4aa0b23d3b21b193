#pragma once

#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace barlow {

/// A linear classifier: logits = x weight^T + bias.
struct LinearHead {
  torch::Tensor weight;  // [classes, F] float32, on the CPU
  torch::Tensor bias;    // [classes]
};

/// The best five (or fewer) classes of every row of x [n, F], best first: int64 [n, min(5,
/// classes)] on the CPU. Of equal logits the lower class wins.
torch::Tensor rankedByHead(const LinearHead& head, const torch::Tensor& x);

struct LogisticOptions {
  int classes = 0;
  /// The penalty is l2 / 2 |weight|^2 beside the mean cross-entropy: 1 / (C N) of scikit-learn's
  /// LogisticRegression(C). The bias is free.
  double l2 = 0;
  int mostIterations = 500;
  /// Largest slope, with features whitened: where classes are well apart the loss is small, and its
  /// slopes are. scikit-learn stops at 1e-4 of its own, some tenths of a point from the optimum.
  double tolerance = 1e-6;
};

struct LogisticFit {
  LinearHead head;
  int iterations = 0;
  bool hasConverged = false;
  double loss = 0;  // mean cross-entropy and penalty
};

/// Multinomial logistic regression of x [N, F] float32 by L-BFGS (Nocedal and Wright, algorithm
/// 7.4, with backtracking), in coordinates in which the features are about white: the same
/// optimum, in a fraction of the steps. x is read once per step and never copied. Sums are of fixed
/// parts: the same for any number of threads but for LibTorch's products. `progress`: 0 to 1 on
/// this thread. Nothing when stopped.
std::optional<LogisticFit> fitLogistic(const torch::Tensor& x,
                                       const std::vector<std::int64_t>& labels,
                                       const LogisticOptions& options,
                                       const std::stop_token& stop = {},
                                       const std::function<void(double)>& progress = {});

}  // namespace barlow
