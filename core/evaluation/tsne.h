#pragma once

#include "core/base/job_control.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace barlow {

/// t-SNE in two dimensions with the Barnes-Hut approximation: van der Maaten and Hinton 2008 (JMLR
/// 9), van der Maaten 2014 (JMLR 15). Places are [n][2], x and y of a point beside each other. The
/// same input gives the same places with any number of threads.

/// Who is near whom: for each of n points its `k` nearest others.
struct NeighbourGraph {
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::vector<std::int32_t> index;  // [n][k], never the point itself
  std::vector<float> distance;      // [n][k], not squared
};

/// p_ij of the joint distribution, rows sparse: entries first[i] to first[i + 1] belong to point i.
/// They sum to 1, and p_ij = p_ji.
struct Affinities {
  std::vector<std::int64_t> first;  // [n + 1]
  std::vector<std::int32_t> index;
  std::vector<double> p;
  std::int64_t size() const { return static_cast<std::int64_t>(first.size()) - 1; }
};

/// p_j|i of one point: exp(-beta d^2), normalised, where beta is searched until its perplexity,
/// exp of the entropy, is the one wanted. With fewer neighbours than that all count alike.
std::vector<double> conditional(const float* distance, std::int64_t k, double perplexity);

/// Conditional probabilities, made symmetric: p_ij = (p_j|i + p_i|j) / 2n.
Affinities affinitiesOf(const NeighbourGraph& graph, double perplexity);

/// dC/dy (4 sum_j (p_ij - q_ij)(y_i - y_j) / (1 + |y_i - y_j|^2)) into `gradient` [n][2], where p
/// is multiplied by `exaggeration`. Cells of the plane whose width is less than `theta` times their
/// distance act as one point; 0 is exact. Gives the Kullback-Leibler divergence C of p as it is.
double tsneGradient(const Affinities& affinities,
                    const std::vector<double>& places,
                    double theta,
                    double exaggeration,
                    std::vector<double>& gradient,
                    const JobControl& control = {});

struct TsneOptions {
  int iterations = 750;
  int exaggerated = 250;     // the first of them, with p 12 times as large
  double exaggeration = 12;  // learning rate: n / 48, as in scikit-learn, and never below 50
  double theta = 0.5;
  std::int64_t seed = 0;  // of the draw that parts points which begin at one place
};

/// From `places`, which are scaled to begin with. `look` sees them now and then, on
/// the calling thread. Nothing after a stop.
std::optional<std::vector<double>> tsne(
    const Affinities& affinities,
    std::vector<double> places,
    const TsneOptions& options,
    const JobControl& control = {},
    const std::function<void(const std::vector<double>& places)>& look = {});

}  // namespace barlow
