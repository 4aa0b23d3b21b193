#include "core/evaluation/unlabelled_probe.h"

#include "tests/core/evaluation/colours.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace barlow {
namespace {

using torch::Tensor;

Tensor noise(torch::IntArrayRef shape, std::uint64_t seed) {
  return torch::randn(shape, at::detail::createCPUGenerator(seed), torch::kFloat64);
}

TEST(Unlabelled, AlignmentAndUniformityAreThoseOfUnitVectors) {
  const Tensor a = torch::tensor({{2.0, 0.0}, {0.0, 3.0}});
  const Tensor b = torch::tensor({{5.0, 0.0}, {1.0, 0.0}});
  EXPECT_NEAR(alignment(a, b), (0.0 + 2.0) / 2, 1e-12);
  EXPECT_NEAR(uniformity(a), -4.0, 1e-12) << "one pair, at a squared distance of 2";
  EXPECT_NEAR(uniformity(torch::ones({5, 3}, torch::kFloat64)), 0.0, 1e-9);
}

TEST(Unlabelled, RanksCountDirections) {
  const Tensor orthogonal = torch::eye(4, torch::kFloat64).repeat({3, 1});
  EXPECT_NEAR(rankMe(orthogonal), 4.0, 1e-9);
  EXPECT_NEAR(
      rankMe(torch::cat({orthogonal, torch::zeros({12, 30}, torch::kFloat64)}, 1)), 4.0, 1e-6)
      << "more columns than rows";
  EXPECT_NEAR(rankMe(torch::ones({6, 3}, torch::kFloat64)), 1.0, 1e-6);
}

TEST(Unlabelled, LidarSeesTwoDirectionsBetweenImagesAndNoneInNoise) {
  // Images differ along two axes, views along all eight.
  Tensor z = 0.01 * noise({200, 6, 8}, 1);
  z.select(2, 0).add_(noise({200, 1}, 2));
  z.select(2, 1).add_(noise({200, 1}, 3));
  EXPECT_NEAR(lidar(z), 2.0, 0.1);
  EXPECT_GT(rankMe(z.select(1, 0) * 100 + noise({200, 8}, 5) * 50), 4) << "which noise raises";
}

TEST(Unlabelled, RetrievalCountsWhoFindsItself) {
  const Tensor a = torch::eye(4, torch::kFloat64);
  EXPECT_EQ(retrievalAccuracy(a, a), 1.0);
  EXPECT_EQ(retrievalAccuracy(a, a.index_select(0, torch::tensor({0, 1, 3, 2}))), 0.5);
}

TEST(Unlabelled, MeasuresWithTheRunsOwnDistortions) {
  TrainedModel model;
  model.config.model = {.backbone = Backbone::Tiny, .width = 4, .projector = {8}};
  model.config.data.imageSize = 16;
  model.network = Encoder(model.config.model);
  initializeWeights(model.network, 1);
  const Colours colours;
  const auto result = probeWithoutLabels(model, colours, {.images = 30, .views = 4}, {}, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->images, 30);
  std::map<std::string, double> values;
  for (const EvaluationMetric& metric : result->metrics) {
    values[metric.key] = metric.value;
    EXPECT_TRUE(metric.sentence.ends_with(".")) << metric.key;
    EXPECT_TRUE(std::isfinite(metric.value)) << metric.key;
  }
  EXPECT_NEAR(values.at("sensitivity_flip"), 0.0, 1e-6) << "plain colours have no left";
  EXPECT_NEAR(values.at("sensitivity_crop"), 0.0, 1e-6);
  EXPECT_GT(values.at("sensitivity_gray"), 1e-4);
}

}  // namespace
}  // namespace barlow
