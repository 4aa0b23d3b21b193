#include "core/evaluation/knn_probe.h"

#include "core/base/check.h"
#include "core/base/rng.h"
#include "core/evaluation/neighbours.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

namespace barlow {
namespace {

// The first `count` (0: all) of a permutation that stays the same over a run.
std::vector<std::int64_t> chosen(std::int64_t size,
                                 int count,
                                 std::int64_t seed,
                                 std::uint64_t which) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  if (count <= 0 || count >= size) {
    return order;
  }
  return drawSome(std::move(order),
                  static_cast<std::size_t>(count),
                  Rng::keyed(static_cast<std::uint64_t>(seed), {Rng::kProbe, which}));
}

// Of neighbours that come nearest first.
torch::Tensor weightsOf(const torch::Tensor& similarity, const KnnOptions& options) {
  if (options.isPlain) {
    return torch::ones_like(similarity, torch::kFloat64);
  }
  if (options.isEuclidean) {
    constexpr double kEpsilon = 1e-5;
    return (similarity.to(torch::kFloat64).neg() + kEpsilon).reciprocal();
  }
  // Divided by the nearest one's weight, which changes no order: exp(1 / 0.01) overflows a float.
  return ((similarity - similarity.slice(1, 0, 1)).to(torch::kFloat64) / options.temperature).exp();
}

}  // namespace

torch::Tensor classifyByNeighbours(const Representations& bank,
                                   const torch::Tensor& queries,
                                   int classes,
                                   const KnnOptions& options,
                                   const std::stop_token& stop,
                                   const std::function<void(double)>& progress) {
  torch::NoGradGuard noGrad;
  const std::int64_t n = queries.size(0);
  BARLOW_CHECK(bank.features.size(0) > 0 && n > 0 && classes > 0) << "kNN needs a bank and queries";
  const NeighbourFinder finder(bank.features, {.k = options.k, .isEuclidean = options.isEuclidean});
  const torch::Tensor bankLabels = torch::tensor(bank.labels);
  const std::int64_t best = std::min(5, classes);
  const torch::Tensor all = torch::empty({n, best}, torch::kInt64);
  constexpr std::int64_t kQueries = HalfBank::kQueries;  // whose neighbours are in memory at a time
  for (std::int64_t begin = 0; begin < n; begin += kQueries) {
    const std::int64_t size = std::min(kQueries, n - begin);
    const auto part = [&](double share) {
      if (progress) {
        progress((static_cast<double>(begin) + share * static_cast<double>(size)) /
                 static_cast<double>(n));
      }
    };
    const Neighbours nearest = finder.find(queries.narrow(0, begin, size), stop, part);
    if (!nearest.index.defined()) {
      return {};
    }
    const torch::Tensor weights = weightsOf(nearest.similarity, options);
    const torch::Tensor classOf = bankLabels.index({nearest.index});  // [queries, neighbours]
    const torch::Tensor hasVote =
        torch::zeros({size, classes}, torch::kBool).scatter_(1, classOf, true);
    // A weight can be too small for a double, and is a vote all the same: others rank behind.
    const torch::Tensor votes = torch::zeros({size, classes}, torch::kFloat64)
                                    .scatter_add_(1, classOf, weights)
                                    .masked_fill_(hasVote.logical_not(), -1);
    // Stable: of equal votes the lower class wins, on every machine.
    const torch::Tensor ranked =
        std::get<1>(votes.sort(/*stable=*/true, /*dim=*/1, /*descending=*/true)).slice(1, 0, best);
    const torch::Tensor isBehind =
        torch::arange(best).unsqueeze(0) >= hasVote.sum(1, /*keepdim=*/true);
    all.narrow(0, begin, size).copy_(ranked.masked_fill(isBehind, -1));
  }
  return all;
}

Accuracy accuracyOf(const torch::Tensor& ranked, const std::vector<std::int64_t>& labels) {
  const std::int64_t n = ranked.size(0);
  BARLOW_CHECK(n > 0 && static_cast<std::size_t>(n) == labels.size()) << n << " rows";
  const torch::Tensor isHit = ranked.eq(torch::tensor(labels).unsqueeze(1));
  const auto hits1 = isHit.slice(1, 0, 1).sum().item<std::int64_t>();
  const auto hits5 = isHit.any(1).sum().item<std::int64_t>();
  return {static_cast<double>(hits1) / static_cast<double>(n),
          static_cast<double>(hits5) / static_cast<double>(n)};
}

std::optional<EvaluationResult> knnProbe(const Encoder& network,
                                         const Dataset& bank,
                                         const Dataset& queries,
                                         const RunConfig& config,
                                         std::stop_token stop,
                                         const std::optional<LinearHead>& online) {
  const auto start = std::chrono::steady_clock::now();
  const EvaluateParams& params = config.evaluate;
  if (!bank.hasLabels() || !queries.hasLabels()) {
    return std::nullopt;
  }
  const FeatureExtractor::Options options{.data = config.data};
  const auto bankFeatures =
      represent(network, bank, chosen(bank.size(), params.bank, config.run.seed, 0), options, stop);
  if (!bankFeatures || bankFeatures->labels.empty()) {
    return std::nullopt;
  }
  const auto queryFeatures = represent(
      network, queries, chosen(queries.size(), params.queries, config.run.seed, 1), options, stop);
  if (!queryFeatures || queryFeatures->labels.empty()) {
    return std::nullopt;
  }
  const Accuracy accuracy =
      accuracyOf(classifyByNeighbours(*bankFeatures,
                                      queryFeatures->features,
                                      static_cast<int>(bank.classNames().size()),
                                      {.k = params.k, .temperature = params.temperature}),
                 queryFeatures->labels);
  EvaluationResult result;
  result.k = static_cast<int>(std::min<std::int64_t>(params.k, bankFeatures->features.size(0)));
  result.temperature = params.temperature;
  result.bankSize = bankFeatures->features.size(0);
  result.queries = queryFeatures->features.size(0);
  result.top1 = accuracy.top1;
  result.top5 = accuracy.top5;
  if (online) {
    const torch::Tensor ranked = rankedByHead(*online, queryFeatures->features);
    result.onlineTop1 = accuracyOf(ranked, queryFeatures->labels).top1;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace barlow
