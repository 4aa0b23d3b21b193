#include "core/evaluation/supervised_training.h"

#include "tests/core/evaluation/colours.h"

#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

TrainedModel tinyModel() {
  TrainedModel model;
  model.config.model = {.backbone = Backbone::Tiny, .width = 4, .projector = {8}};
  model.config.data.imageSize = 16;
  model.network = Encoder(model.config.model);
  initializeWeights(model.network, 1);
  model.network->train(false);
  return model;
}

std::vector<std::pair<std::string, torch::Tensor>> copyOf(const Encoder& network) {
  auto state = namedState(network);
  for (auto& [name, tensor] : state) {
    tensor = tensor.clone();
  }
  return state;
}

std::optional<SupervisedResult> learn(const TrainedModel& model, SupervisedOptions options) {
  const Colours colours;
  options.classes = 3;
  options.batchSize = 16;
  return trainSupervised(
      model,
      {&colours, allIndices(colours)},
      {&colours, allIndices(colours)},
      options,
      {},
      [](double) {},
      [](const std::string&) {});
}

TEST(SupervisedTraining, RatesFollowThePublishedSchedules) {
  SupervisedOptions official{.epochs = 4, .schedule = RateSchedule::CosineByEpoch};
  EXPECT_EQ(rateFactor(official, 0, 10), 1);
  EXPECT_EQ(rateFactor(official, 9, 10), 1) << "the same all through an epoch";
  EXPECT_NEAR(rateFactor(official, 20, 10), 0.5, 1e-12);
  SupervisedOptions lightly{.epochs = 4, .schedule = RateSchedule::CosineByStep};
  EXPECT_NEAR(rateFactor(lightly, 10, 10), 0.5 * (1 + std::sqrt(0.5)), 1e-12);
  EXPECT_LT(rateFactor(lightly, 9, 10), 1);
  SupervisedOptions solo{.epochs = 100, .schedule = RateSchedule::Steps};
  EXPECT_EQ(rateFactor(solo, 599, 10), 1);
  EXPECT_EQ(rateFactor(solo, 600, 10), 0.1);
  EXPECT_EQ(rateFactor(solo, 800, 10), 0.01);
}

TEST(SupervisedTraining, ALinearProbeLearnsAndLeavesTheBackboneAlone) {
  const TrainedModel model = tinyModel();
  const auto before = copyOf(model.network);
  const auto result = learn(model, {.epochs = 8, .classifierRate = 3});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->top1.size(), 8u);
  EXPECT_EQ(result->labels.size(), 59u) << "one cannot be read";
  EXPECT_EQ(result->top1.back(), 1.0) << "three plain colours";
  EXPECT_EQ(result->head.weight.size(0), 3);
  const auto after = namedState(model.network);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(torch::equal(before[i].second, after[i].second)) << before[i].first;
  }
}

TEST(SupervisedTraining, FineTuningMovesTheBackboneAndNotTheProjector) {
  const TrainedModel model = tinyModel();
  const auto before = copyOf(model.network);
  const auto result = learn(model, {.epochs = 2, .classifierRate = 0.5, .backboneRate = 0.05});
  ASSERT_TRUE(result);
  const auto after = namedState(model.network);
  bool hasMoved = false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool isEqual = torch::equal(before[i].second, after[i].second);
    if (before[i].first.starts_with("projector.")) {
      EXPECT_TRUE(isEqual) << before[i].first;
    }
    hasMoved = hasMoved || !isEqual;
  }
  EXPECT_TRUE(hasMoved);
}

TEST(SupervisedTraining, IsTheSameAgain) {
  const auto one = learn(tinyModel(), {.epochs = 2});
  const auto other = learn(tinyModel(), {.epochs = 2});
  EXPECT_TRUE(torch::equal(one->head.weight, other->head.weight));
  EXPECT_FALSE(
      torch::equal(one->head.weight, learn(tinyModel(), {.epochs = 2, .seed = 1})->head.weight));
}

}  // namespace
}  // namespace barlow
