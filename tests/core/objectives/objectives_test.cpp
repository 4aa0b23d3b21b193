#include "core/objectives/barlow_twins_loss.h"
#include "core/objectives/objective.h"
#include "tests/core/objectives/objective_steps.h"
#include "tests/support/messages.h"

#include <gmock/gmock.h>

#include <cmath>

namespace barlow {
namespace {

using testing::ElementsAre;
using torch::Tensor;

// What only some objectives have: queues, prototypes, memories, and which view meets which.

// The predictor, from its published names.
Tensor predicted(const Objective& objective, const Tensor& z) {
  const auto state = stateOf(objective);
  Tensor hidden = z.mm(state.at("predictor.0.weight").t());
  if (state.contains("predictor.0.bias")) {
    hidden = hidden + state.at("predictor.0.bias");
  }
  const Tensor norm = (hidden - hidden.mean(0)) / (hidden.var(0, /*unbiased=*/false) + 1e-5).sqrt();
  return torch::relu(norm * state.at("predictor.1.weight") + state.at("predictor.1.bias"))
             .mm(state.at("predictor.3.weight").t()) +
         state.at("predictor.3.bias");
}

Tensor cosines(const Tensor& a, const Tensor& b) {
  return (ofLengthOne(a) * ofLengthOne(b)).sum(1).mean();
}

// The objective of six samples as the golden numbers have it, with this state.
double goldenLoss(const ObjectiveParams& params, const std::map<std::string, Tensor>& state) {
  const auto objective =
      makeObjective(params, {.batch = 6, .dimensions = 5, .images = 12, .seed = 1});
  toDouble(*objective);
  const auto own = stateOf(*objective);
  for (const auto& [name, tensor] : state) {
    own.at(name).copy_(tensor);
  }
  ObjectiveInputs inputs;
  inputs.online = {goldenA(), goldenB()};
  inputs.target = {goldenTargetA(), goldenTargetB()};
  inputs.samples = torch::arange(6);
  inputs.at = {.step = 2, .stepsPerEpoch = 2, .totalSteps = 4};
  return objective->loss(inputs).loss.item<double>();
}

TEST(EveryLoss, IsThePublishedOneOfTheObjective) {
  const auto named = [](ObjectiveName name) {
    ObjectiveParams params;
    params.name = name;
    return params;
  };
  EXPECT_NEAR(goldenLoss(named(ObjectiveName::Simclr), {}), 5.759604074833, 1e-11);
  EXPECT_NEAR(goldenLoss(named(ObjectiveName::Vicreg), {}), 47.369136557156, 1e-11);

  ObjectiveParams moco = named(ObjectiveName::Moco);
  moco.moco.queue = 8;
  EXPECT_NEAR(goldenLoss(moco, {{"queue_a", goldenQueueA()}, {"queue_b", goldenQueueB()}}),
              5.087766272240,
              1e-11);

  ObjectiveParams swav = named(ObjectiveName::Swav);
  swav.swav.prototypes = 7;
  swav.swav.queue = 8;
  swav.swav.queueFromEpoch = 1;
  const std::map<std::string, Tensor> prototypes = {{"prototypes.weight", goldenPrototypes()},
                                                    {"queue_a", goldenQueueA()},
                                                    {"queue_b", goldenQueueB()}};
  EXPECT_NEAR(goldenLoss(swav, prototypes), 6.518287209084, 1e-11);
  swav.swav.queueFromEpoch = 2;
  EXPECT_NEAR(goldenLoss(swav, prototypes), 5.417986926482, 1e-11);

  ObjectiveParams clusters = named(ObjectiveName::DeepCluster);
  clusters.deepCluster.clusters = 7;
  std::map<std::string, Tensor> heads = {{"assignments", torch::full({3, 12}, -1)}};
  for (int head = 0; head < 3; ++head) {
    heads["prototypes_" + std::to_string(head) + ".weight"] =
        ofLengthOne(grid(sine, .5 + head, .4, .9, 7));
    heads["assignments"][head].slice(0, 0, 6).copy_((torch::arange(6) * (head + 1)).remainder(7));
  }
  EXPECT_NEAR(goldenLoss(clusters, heads), 7.318583286246, 1e-11);
}

TEST(BarlowTwins, HasItsColumnsAsEver) {
  const auto objective = made(paramsOf(ObjectiveName::BarlowTwins));
  std::vector<std::string> keys;
  for (const MetricColumn& column : schemaOf(paramsOf(ObjectiveName::BarlowTwins), kSizes).terms) {
    keys.push_back(column.key);
  }
  EXPECT_THAT(
      keys,
      ElementsAre("on_diagonal", "off_diagonal", "floor", "mean_diagonal", "rms_off_diagonal"));
  const std::vector<double> numbers = {3.0, 8.0, 0.25};
  EXPECT_THAT(objective->values(numbers),
              ElementsAre(3.0, 8.0, lossFloor(kBatch, kDimensions, 0.0051), 0.25, std::sqrt(0.4)));
  EXPECT_EQ(objective->values(std::vector<double>{3.0, -1e-9, 0.25})[4], 0)
      << "a rest of a subtraction";
}

TEST(Moco, ReadsItsQueueBeforeItWritesIt) {
  const auto objective = made(paramsOf(ObjectiveName::Moco));
  const ObjectiveInputs inputs = inputsOf(*objective, 0);
  const double first = objective->loss(inputs).loss.item<double>();
  EXPECT_EQ(objective->loss(inputs).loss.item<double>(), first);
  objective->afterUpdate(inputs);
  EXPECT_NE(objective->loss(inputs).loss.item<double>(), first);
  const auto state = stateOf(*objective);
  EXPECT_LT(
      largestDifference(state.at("queue_a").slice(0, 0, kBatch), ofLengthOne(inputs.target[0])),
      1e-12);
  EXPECT_LT(
      largestDifference(state.at("queue_b").slice(0, 0, kBatch), ofLengthOne(inputs.target[1])),
      1e-12);
  EXPECT_LT(largestDifference(state.at("queue_a").norm(2, 1), torch::ones(16)), 1e-6)
      << "it starts with rows of length 1";
  EXPECT_EQ(state.at("queue_position").item<std::int64_t>(), kBatch);
}

TEST(Moco, WritesRoundAndRound) {
  ObjectiveParams params = paramsOf(ObjectiveName::Moco);
  params.moco.queue = 12;  // no multiple: the second batch goes on at the beginning
  const auto objective = made(params);
  objective->afterUpdate(inputsOf(*objective, 0));
  objective->afterUpdate(inputsOf(*objective, 1));
  const Tensor queue = stateOf(*objective).at("queue_a");
  const Tensor older = ofLengthOne(inputsOf(*objective, 0).target[0]);
  const Tensor newer = ofLengthOne(inputsOf(*objective, 1).target[0]);
  EXPECT_LT(largestDifference(
                queue, torch::cat({newer.slice(0, 4), older.slice(0, 4), newer.slice(0, 0, 4)})),
            1e-12);
}

TEST(Simsiam, KeepsItsPredictorsRateWhereAsked) {
  ObjectiveParams params = paramsOf(ObjectiveName::Simsiam);
  for (const bool isConstant : {true, false}) {
    params.simsiam.constantRate = isConstant;
    const auto objective = makeObjective(params, kSizes);
    ASSERT_FALSE(objective->parameters().empty());
    for (const ObjectiveParameter& parameter : objective->parameters()) {
      EXPECT_EQ(parameter.role == ParameterRole::ConstantRate, isConstant) << parameter.name;
    }
  }
}

TEST(Simsiam, TakesTheOtherViewAsItIs) {
  const auto objective = made(paramsOf(ObjectiveName::Simsiam));
  const ObjectiveInputs inputs = asLeaves(inputsOf(*objective, 0));
  const Tensor loss = objective->loss(inputs).loss;
  loss.backward();
  const Tensor a = inputs.online[0].detach().clone().requires_grad_();
  const Tensor b = inputs.online[1].detach().clone().requires_grad_();
  const Tensor expected = -(cosines(predicted(*objective, a), b.detach()) +
                            cosines(predicted(*objective, b), a.detach())) /
                          2;
  expected.backward();
  EXPECT_NEAR(loss.item<double>(), expected.item<double>(), 1e-12);
  EXPECT_LT(largestDifference(inputs.online[0].grad(), a.grad()), 1e-12);
  EXPECT_LT(largestDifference(inputs.online[1].grad(), b.grad()), 1e-12);
}

TEST(Byol, PredictsTheOtherViewsTarget) {
  const auto objective = made(paramsOf(ObjectiveName::Byol));
  const ObjectiveInputs inputs = inputsOf(*objective, 0);  // two views and a small crop
  double expected = 0;
  for (std::size_t target = 0; target < 2; ++target) {
    for (std::size_t view = 0; view < 3; ++view) {
      if (view != target) {
        expected +=
            2 - 2 * cosines(predicted(*objective, inputs.online[view]), inputs.target[target])
                        .item<double>();
      }
    }
  }
  EXPECT_NEAR(objective->loss(inputs).loss.item<double>(), expected, 1e-12);
  EXPECT_NEAR(objective->momentumAt({.step = 500, .totalSteps = 1000}), 0.995, 1e-12);
}

TEST(Swav, HoldsItsPrototypesInTheFirstEpochs) {
  const auto objective = made(paramsOf(ObjectiveName::Swav));
  const Tensor start = stateOf(*objective).at("prototypes.weight").clone();
  run(*objective, 0, kStepsPerEpoch);
  EXPECT_TRUE(torch::equal(stateOf(*objective).at("prototypes.weight"), start));
  EXPECT_FALSE(objective->parameters()[0].tensor.grad().defined());
  run(*objective, kStepsPerEpoch, kStepsPerEpoch + 1);
  EXPECT_FALSE(torch::equal(stateOf(*objective).at("prototypes.weight"), start));
  EXPECT_EQ(objective->parameters()[0].role, ParameterRole::Resting);
}

TEST(Swav, UsesItsQueueOnceItIsFullAndItsEpochHasCome) {
  ObjectiveParams params = paramsOf(ObjectiveName::Swav);
  params.swav.queue = 40;  // full after five steps
  const auto objective = made(params);
  run(*objective, 0, 5);
  const auto lossAt = [&](std::int64_t step, bool withRows) {
    ObjectiveInputs inputs = inputsOf(*objective, 0);
    inputs.at = at(step);
    const Tensor queue = stateOf(*objective).at("queue_a");
    const Tensor rows = queue.clone();
    if (!withRows) {
      queue.copy_(queue.roll(1, 1));
    }
    const double loss = objective->loss(inputs).loss.item<double>();
    queue.copy_(rows);
    return loss;
  };
  EXPECT_EQ(lossAt(4, true), lossAt(4, false)) << "not full";
  EXPECT_NE(lossAt(5, true), lossAt(5, false));
  params.swav.queueFromEpoch = 2;
  const auto later = made(params);
  run(*later, 0, 5);
  ObjectiveInputs inputs = inputsOf(*later, 0);
  inputs.at = at(5);
  EXPECT_EQ(later->loss(inputs).loss.item<double>(), lossAt(0, true)) << "not its epoch";
}

TEST(DeepCluster, LearnsNothingInItsFirstEpochAndHasClustersAfterwards) {
  const auto objective = made(paramsOf(ObjectiveName::DeepCluster));
  for (std::int64_t step = 0; step < kStepsPerEpoch; ++step) {
    EXPECT_EQ(oneStep(*objective, step), 0);
  }
  EXPECT_GT(oneStep(*objective, kStepsPerEpoch), 0);
  const auto state = stateOf(*objective);
  const Tensor assignments = state.at("assignments");
  EXPECT_EQ(assignments.sizes(), (std::vector<std::int64_t>{3, kSizes.images}));
  EXPECT_TRUE(assignments.select(1, kSizes.images - 1).eq(-1).all().item<bool>())
      << "an image that was in no batch";
  EXPECT_TRUE(assignments.slice(1, 0, kBatch * kStepsPerEpoch).ge(0).all().item<bool>());
  // Heads 0 and 2 sort the first views' memory, head 1 the second's.
  const Tensor rows = ofLengthOne(inputsOf(*objective, 1).online[1]);
  const Tensor nearest = rows.mm(state.at("prototypes_1.weight").t()).argmax(1);
  EXPECT_TRUE(torch::equal(nearest, assignments[1].slice(0, kBatch, 2 * kBatch)));
}

TEST(DeepCluster, TellsHowItsClustersAre) {
  const auto objective = made(paramsOf(ObjectiveName::DeepCluster));
  const auto numbersAt = [&](std::int64_t epoch) {
    run(*objective, (epoch - 1) * kStepsPerEpoch, epoch * kStepsPerEpoch);
    objective->beginEpoch(at(epoch * kStepsPerEpoch));
    const ObjectiveInputs inputs = inputsOf(*objective, 0);
    const Tensor numbers = objective->loss(inputs).numbers.contiguous();
    return std::vector<double>(numbers.data_ptr<double>(),
                               numbers.data_ptr<double>() + numbers.numel());
  };
  const std::vector<double> first = numbersAt(1);
  EXPECT_TRUE(std::isnan(first[0])) << "nothing to compare with";
  EXPECT_GE(first[1], 0.25);
  EXPECT_LE(first[1], 1);
  EXPECT_GE(first[2], 1);
  EXPECT_LE(first[2], 4);
  const std::vector<double> second = numbersAt(2);
  EXPECT_GE(second[0], 0);
  EXPECT_LT(second[0], 1);
}

TEST(DeepCluster, RefusesMoreClustersThanImages) {
  ObjectiveParams params = paramsOf(ObjectiveName::DeepCluster);
  params.deepCluster.clusters = 25;
  EXPECT_THAT(messageOf([&] { makeObjective(params, kSizes); }),
              testing::AllOf(testing::HasSubstr("25 clusters"),
                             testing::HasSubstr("24 images"),
                             testing::HasSubstr("objective.deepcluster.clusters")));
}

TEST(Lejepa, TakesOtherDirectionsInEveryStep) {
  const auto objective = made(paramsOf(ObjectiveName::Lejepa));
  ObjectiveInputs inputs = inputsOf(*objective, 0);
  const double first = objective->loss(inputs).loss.item<double>();
  EXPECT_EQ(objective->loss(inputs).loss.item<double>(), first);
  inputs.at = at(1);
  EXPECT_NE(objective->loss(inputs).loss.item<double>(), first);
}

}  // namespace
}  // namespace barlow
