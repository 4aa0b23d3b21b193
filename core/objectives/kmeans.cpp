#include "core/objectives/kmeans.h"

#include "core/objectives/embedding_rows.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

// Products of a strip of rows with all centroids: in a cache of 4 MB on the CPU, 1 GB on an
// accelerator, which wants few and large products.
std::int64_t stripRows(const Tensor& rows, std::int64_t centroids) {
  const std::int64_t floats = rows.is_cpu() ? 1 << 20 : 1 << 28;
  return std::max<std::int64_t>(64, floats / centroids);
}

Tensor nearest(const Tensor& rows, const Tensor& centroids) {
  const Tensor found = torch::empty({rows.size(0)}, rows.options().dtype(torch::kInt64));
  const Tensor transposed = centroids.t();
  const std::int64_t strip = stripRows(rows, centroids.size(0));
  for (std::int64_t begin = 0; begin < rows.size(0); begin += strip) {
    const std::int64_t end = std::min(begin + strip, rows.size(0));
    found.slice(0, begin, end).copy_(torch::mm(rows.slice(0, begin, end), transposed).argmax(1));
  }
  return found;
}

}  // namespace

Clusters sphericalKmeans(const Tensor& rows, const Tensor& start, int iterations) {
  torch::NoGradGuard noGrad;
  const std::int64_t k = start.size(0);
  Tensor centroids = start.clone();
  for (int i = 0; i < iterations; ++i) {
    const Tensor assignments = nearest(rows, centroids);
    const Tensor counts = torch::bincount(assignments, {}, k).unsqueeze(1);
    const Tensor sums = torch::zeros_like(centroids).index_add_(0, assignments, rows);
    centroids = unitRows(torch::where(counts > 0, sums / counts.clamp_min(1), centroids));
  }
  return {.centroids = centroids, .assignments = nearest(rows, centroids)};
}

double shareReassigned(const Tensor& before, const Tensor& after) {
  const Tensor known = (before >= 0).logical_and(after >= 0);
  const Tensor old = before.masked_select(known).cpu();
  const Tensor now = after.masked_select(known).cpu();
  const std::int64_t n = old.numel();
  if (n == 0) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> moves(static_cast<std::size_t>(n));
  const auto* from = old.const_data_ptr<std::int64_t>();
  const auto* to = now.const_data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < moves.size(); ++i) {
    moves[i] = {from[i], to[i]};
  }
  std::sort(moves.begin(), moves.end());
  // Of every former cluster the largest group that went to the same one.
  std::int64_t together = 0;
  std::int64_t largest = 0;
  std::int64_t group = 0;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const bool isSameCluster = i > 0 && moves[i].first == moves[i - 1].first;
    group = i > 0 && moves[i] == moves[i - 1] ? group + 1 : 1;
    if (!isSameCluster) {
      together += largest;
      largest = 0;
    }
    largest = std::max(largest, group);
  }
  return 1 - static_cast<double>(together + largest) / static_cast<double>(n);
}

}  // namespace barlow
