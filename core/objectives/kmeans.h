#pragma once

#include "core/torch.h"

namespace barlow {

struct Clusters {
  torch::Tensor centroids;    // [K, D] of length 1
  torch::Tensor assignments;  // [n] int64: the nearest of them
};

/// Spherical k-means over rows [n, D] of length 1, from `start` [K, D]: `iterations` times every
/// row to the centroid with the largest product (the first of equals), every centroid to the
/// direction of its rows' mean; a centroid without rows stays. Then the rows once more. No more
/// than a strip of the n x K products exists at a time.
Clusters sphericalKmeans(const torch::Tensor& rows, const torch::Tensor& start, int iterations);

/// Share of the samples that are no longer with most of their former cluster, from 0 to 1;
/// whatever the clusters' numbers, which say nothing from one k-means to the next. Samples with -1
/// in either do not count; NaN without any other.
double shareReassigned(const torch::Tensor& before, const torch::Tensor& after);

}  // namespace barlow
