#pragma once

#include "core/base/job_control.h"
#include "core/evaluation/tsne.h"
#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace barlow {

/// The first `count` principal components of rows [n, F] as double [n, count], and the share of the
/// variance that they hold. By the smaller one of covariance and Gram matrix. A component's sign is
/// such that its largest coordinate is positive; where there are fewer of them the rest is zero.
struct PrincipalComponents {
  torch::Tensor rows;  // [n, count] float64 on the CPU
  double explained = 0;
};
PrincipalComponents principalComponents(const torch::Tensor& rows, std::int64_t count);

/// The k nearest others of every row by Euclidean distance; fewer where there are fewer rows.
/// Nothing when stopped.
std::optional<NeighbourGraph> neighbourGraph(const torch::Tensor& rows,
                                             std::int64_t k,
                                             const std::stop_token& stop,
                                             const std::function<void(double)>& progress = {});

/// t-SNE of rows [n, F]: of their first 50 principal components, begun at the first two. Nothing
/// when stopped.
std::optional<std::vector<double>> tsneOf(
    const torch::Tensor& rows,
    double perplexity,
    const TsneOptions& options,
    const JobControl& control = {},
    const std::function<void(const std::vector<double>& places)>& look = {});

}  // namespace barlow
