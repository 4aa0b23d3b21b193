#include "core/evaluation/knn_probe.h"

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

class Colours final : public Dataset {
 public:
  std::int64_t size() const override { return 60; }
  Result<RgbImage> image(std::int64_t index) const override {
    if (index == 7) {
      return ErrorInfo{"broken", ""};
    }
    RgbImage image(16, 16);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      image.pixels[i] = static_cast<std::uint8_t>(
          i % 3 == static_cast<std::size_t>(index % 3) ? 200 + index % 7 : 20);
    }
    return image;
  }
  int label(std::int64_t index) const override { return static_cast<int>(index % 3); }
  std::string name(std::int64_t) const override { return "colour"; }
  const std::vector<std::string>& classNames() const override { return names_; }

 private:
  std::vector<std::string> names_{"red", "green", "blue"};
};

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
