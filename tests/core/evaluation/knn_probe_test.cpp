#include "core/evaluation/knn_probe.h"

#include "tests/core/evaluation/colours.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace barlow {
namespace {

Representations random(std::int64_t n, std::uint64_t seed, int classes) {
  auto generator = at::detail::createCPUGenerator(seed);
  Representations all{.features = torch::randn({n, 6}, generator, torch::kFloat32)};
  for (std::int64_t i = 0; i < n; ++i) {
    all.labels.push_back(i % classes);
    all.features[i][i % classes] += 1.0;
  }
  return all;
}

Accuracy accuracy(const Representations& bank,
                  const Representations& queries,
                  int classes,
                  const KnnOptions& options) {
  return accuracyOf(classifyByNeighbours(bank, queries.features, classes, options), queries.labels);
}

// Written out: cosine similarity, the k largest vote with exp(s / T).
Accuracy bruteForce(const Representations& bank,
                    const Representations& queries,
                    int k,
                    double temperature) {
  int hits1 = 0;
  int hits5 = 0;
  for (std::int64_t q = 0; q < queries.features.size(0); ++q) {
    std::vector<std::pair<double, std::int64_t>> neighbours;
    for (std::int64_t b = 0; b < bank.features.size(0); ++b) {
      const auto x = queries.features[q].to(torch::kFloat64);
      const auto y = bank.features[b].to(torch::kFloat64);
      neighbours.emplace_back((x.dot(y) / x.norm() / y.norm()).item<double>(),
                              bank.labels[static_cast<std::size_t>(b)]);
    }
    std::sort(neighbours.rbegin(), neighbours.rend());
    std::map<std::int64_t, double> votes;
    for (int i = 0; i < std::min<int>(k, static_cast<int>(neighbours.size())); ++i) {
      votes[neighbours[static_cast<std::size_t>(i)].second] +=
          std::exp(neighbours[static_cast<std::size_t>(i)].first / temperature);
    }
    std::vector<std::pair<double, std::int64_t>> ranked;
    for (const auto& [label, vote] : votes) {
      ranked.emplace_back(-vote, label);
    }
    std::sort(ranked.begin(), ranked.end());
    for (std::size_t i = 0; i < std::min<std::size_t>(5, ranked.size()); ++i) {
      const bool isHit = ranked[i].second == queries.labels[static_cast<std::size_t>(q)];
      hits1 += isHit && i == 0 ? 1 : 0;
      hits5 += isHit ? 1 : 0;
    }
  }
  const auto n = static_cast<double>(queries.features.size(0));
  return {hits1 / n, hits5 / n};
}

TEST(Knn, EqualsTheWrittenOutRule) {
  const Representations bank = random(80, 1, 6);
  const Representations queries = random(40, 2, 6);
  for (const int k : {1, 3, 7, 500}) {
    const Accuracy ours = accuracy(bank, queries, 6, {.k = k});
    const Accuracy expected = bruteForce(bank, queries, k, 0.1);
    EXPECT_NEAR(ours.top1, expected.top1, 1e-12) << k;
    EXPECT_NEAR(ours.top5, expected.top5, 1e-12) << k;
    EXPECT_LT(ours.top1, 1.0);
  }
}

TEST(Knn, FindsItselfInTheBank) {
  const Representations bank = random(50, 3, 5);
  EXPECT_EQ(accuracy(bank, bank, 5, {.k = 1}).top1, 1.0);
  EXPECT_EQ(accuracy(bank, bank, 5, {.k = 1}).top5, 1.0);
}

TEST(Knn, CountsNoClassWithoutAVote) {
  // One neighbour votes for class 0; the others are as good as not there.
  const Representations bank{.features = torch::tensor({{1.0f, 0.0f}, {0.0f, 1.0f}, {0.0f, -1.0f}}),
                             .labels = {0, 1, 2}};
  const Representations queries{.features = torch::tensor({{1.0f, 0.1f}, {1.0f, 0.1f}}),
                                .labels = {0, 1}};
  const Accuracy one = accuracy(bank, queries, 3, {.k = 1});
  EXPECT_EQ(one.top1, 0.5);
  EXPECT_EQ(one.top5, 0.5) << "fewer classes than five, and one vote";
  EXPECT_EQ(accuracy(bank, queries, 3, {.k = 2}).top5, 1.0);
  EXPECT_EQ(accuracy(bank, queries, 3, {.k = 2, .temperature = 1e-4}).top5, 1.0)
      << "a vote that is too small for a number is one";
}

TEST(Knn, PlainVotesCountHeadsAndTheLowerClassWins) {
  const Representations bank{.features = torch::tensor({{1.0f, 0.0f}, {0.9f, 0.2f}, {0.9f, -0.2f}}),
                             .labels = {2, 1, 1}};
  const Representations query{.features = torch::tensor({{1.0f, 0.0f}}), .labels = {1}};
  const auto first = [&](const KnnOptions& options) {
    return classifyByNeighbours(bank, query.features, 3, options)[0][0].item<std::int64_t>();
  };
  EXPECT_EQ(first({.k = 3, .temperature = 0.001}), 2) << "the nearest outweighs two";
  EXPECT_EQ(first({.k = 3, .isPlain = true}), 1);
  EXPECT_EQ(first({.k = 2, .isPlain = true}), 1) << "one each";
}

TEST(Knn, EuclideanVotesWeighByTheirDistance) {
  // Far from the origin, where a product of floats could not tell the distances apart.
  const Representations bank{.features = torch::tensor({{5000.0f}, {5003.0f}, {5004.0f}}),
                             .labels = {0, 1, 1}};
  const torch::Tensor query = torch::tensor({{5001.0f}});
  const KnnOptions options{.k = 3, .isEuclidean = true};
  // 1 / 1 for class 0; 1 / 2 + 1 / 3 for class 1.
  EXPECT_EQ(classifyByNeighbours(bank, query, 2, options)[0][0].item<std::int64_t>(), 0);
  const torch::Tensor other = torch::tensor({{5001.6f}});
  EXPECT_EQ(classifyByNeighbours(bank, other, 2, options)[0][0].item<std::int64_t>(), 1);
}

TEST(KnnProbe, LeavesTheNetworkUntouchedAndSaysHowItMeasured) {
  RunConfig config;
  config.model = {.backbone = Backbone::Tiny, .width = 4, .projector = {8}};
  config.data.imageSize = 16;
  config.evaluate.k = 5;
  Encoder network(config.model);
  initializeWeights(network, 1);
  network->train();
  std::vector<std::pair<std::string, torch::Tensor>> before;
  for (const auto& [name, tensor] : namedState(network)) {
    before.emplace_back(name, tensor.clone());
  }
  const Colours colours;
  const auto result = knnProbe(network, colours, colours, config, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->bankSize, 59) << "the unreadable one is left out";
  EXPECT_EQ(result->queries, 59);
  EXPECT_EQ(result->k, 5);
  EXPECT_EQ(result->top1, 1.0) << "three plain colours";
  EXPECT_TRUE(network->isTraining());
  const auto after = namedState(network);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(torch::equal(before[i].second, after[i].second)) << before[i].first;
  }
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(knnProbe(network, colours, colours, config, stop.get_token()));
}

}  // namespace
}  // namespace barlow
