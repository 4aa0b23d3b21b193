#include "core/evaluation/supervised_training.h"

#include "core/base/atomic_file.h"
#include "tests/core/evaluation/colours.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

namespace fs = std::filesystem;

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

// Stops in epoch 3 of 5.
std::optional<SupervisedResult> learnInTwo(SupervisedOptions options, const fs::path& file) {
  options.classes = 3;
  options.batchSize = 16;
  options.progress = {.file = file, .key = "this"};
  const Colours colours;
  std::stop_source stop;
  const auto run = [&](const std::stop_token& token) {
    return trainSupervised(
        tinyModel(),
        {&colours, allIndices(colours)},
        {&colours, allIndices(colours)},
        options,
        token,
        [&](double share) {
          if (share > 0.5) {
            stop.request_stop();
          }
        },
        [](const std::string&) {});
  };
  EXPECT_FALSE(run(stop.get_token()));
  EXPECT_TRUE(fs::exists(file));
  return run({});
}

TEST(SupervisedTraining, GoesOnAfterAStopAsIfThereHadBeenNone) {
  const TempDir dir;
  for (const double rate : {0.0, 0.05}) {
    const SupervisedOptions options{.epochs = 5, .backboneRate = rate};
    const auto whole = learn(tinyModel(), options);
    const auto parts = learnInTwo(options, dir.path() / (rate > 0 ? "tuned" : "frozen"));
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->top1, whole->top1);
    EXPECT_TRUE(torch::equal(parts->head.weight, whole->head.weight));
    EXPECT_TRUE(torch::equal(parts->head.bias, whole->head.bias));
    EXPECT_TRUE(torch::equal(parts->ranked, whole->ranked));
    EXPECT_EQ(parts->trained, 59);
  }
}

TEST(SupervisedTraining, WhatIsDamagedOrOfAnotherKeyIsNotGoneOnFrom) {
  const TempDir dir;
  const LearningProgress kept{.file = dir.path() / "new/a.unfinished", .key = "this"};
  const NamedTensors state = {{"top1", torch::ones({2}, torch::kFloat64)}, {"x", torch::ones({3})}};
  EXPECT_FALSE(kept.find());
  ASSERT_TRUE(kept.keep(state));
  const auto found = kept.find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 2u);
  EXPECT_FALSE((LearningProgress{.file = kept.file, .key = "that"}).find());
  std::string bytes = readFileText(kept.file, 1 << 20);
  bytes[bytes.size() - 70] = static_cast<char>(bytes[bytes.size() - 70] ^ 1);
  writeFileAtomically(kept.file, bytes);
  EXPECT_FALSE(kept.find());
  writeFileAtomically(kept.file, std::string_view("something else"));
  EXPECT_FALSE(kept.find());
  // Nowhere to write costs no more than going on.
  const auto result = learn(
      tinyModel(), {.epochs = 2, .progress = {.file = kept.file / "below a file", .key = "this"}});
  EXPECT_EQ(result->top1.size(), 2u);
}

TEST(SupervisedTraining, SaysWhereNothingCanBeReadOrIsFinite) {
  const Colours colours;
  TrainedModel model = tinyModel();
  const auto message = [&](const std::vector<std::int64_t>& train,
                           const std::vector<std::int64_t>& test) {
    return messageOf([&] {
      (void)trainSupervised(
          model,
          {&colours, train},
          {&colours, test},
          {.epochs = 1, .classes = 3},
          {},
          [](double) {},
          [](const std::string&) {});
    });
  };
  const std::int64_t broken = 7;
  EXPECT_NE(message({broken}, {1}).find("None of the 1 images to learn from"), std::string::npos);
  EXPECT_NE(message({1}, {broken}).find("None of the 1 images to judge by"), std::string::npos);
  model.network->parameters().front().data().fill_(std::nan(""));
  EXPECT_NE(message({1, 2, 3}, {4}).find("not finite"), std::string::npos);
}

}  // namespace
}  // namespace barlow
