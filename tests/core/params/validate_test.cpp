#include "core/params/config_io.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace barlow {
namespace {

TEST(Validate, DefaultsAndEveryRecipeAreValid) {
  EXPECT_EQ(validate(RunConfig{}), std::vector<Problem>{});
  for (const auto& recipe : kEnumNames<Recipe>) {
    RunConfig config;
    config.augment = withRecipe(config.augment, recipe.value);
    EXPECT_EQ(validate(config), std::vector<Problem>{}) << recipe.text;
  }
}

TEST(Validate, NamesWhatIsWrong) {
  struct Case {
    std::string key;
    std::function<void(RunConfig&)> damage;
  };
  const std::vector<Case> cases = {
      {"run.batch_size", [](RunConfig& c) { c.run.batchSize = 1; }},
      {"run.batch_size", [](RunConfig& c) { c.run.batchSize = 0; }},
      {"model.projector",
       [](RunConfig& c) {
         c.model.projector = {512, 1};
       }},
      {"model.projector", [](RunConfig& c) { c.model.projector = {}; }},
      {"model.projector",
       [](RunConfig& c) {
         c.model.projector = {0, 8};
       }},
      {"objective.barlow_twins.lambda", [](RunConfig& c) { c.objective.barlowTwins.lambda = -1; }},
      {"objective.barlow_twins.lambda",
       [](RunConfig& c) {
         c.objective.barlowTwins.lambda = std::numeric_limits<double>::quiet_NaN();
       }},
      {"data.source", [](RunConfig& c) { c.data.source = ""; }},
      {"data.std", [](RunConfig& c) { c.data.std[1] = 0; }},
      {"run.device", [](RunConfig& c) { c.run.device = "gpu"; }},
      {"run.device", [](RunConfig& c) { c.run.device = "cuda:x"; }},
      {"augment.a.crop_scale_min", [](RunConfig& c) { c.augment.a.cropScaleMax = 0.05; }},
      {"augment.b.blur_sigma_min", [](RunConfig& c) { c.augment.b.blurSigmaMin = 3; }},
  };
  for (const Case& example : cases) {
    RunConfig config;
    example.damage(config);
    const auto problems = validate(config);
    ASSERT_EQ(problems.size(), 1u) << example.key;
    EXPECT_EQ(problems[0].key, example.key) << problems[0].message;
  }
}

TEST(NearestName, FindsTyposAndMissingSectionsButNotEverything) {
  const std::vector<std::string> names = {"optim.momentum", "optim.name", "run.epochs"};
  EXPECT_EQ(nearestName("optim.momentm", names), "optim.momentum");
  EXPECT_EQ(nearestName("epochs", names), "run.epochs");
  EXPECT_EQ(nearestName("completely.else", names), "");
}

TEST(Validate, AQueueTakesWholeBatchesOfTheObjectiveThatHasIt) {
  RunConfig config;
  config.run.batchSize = 100;
  EXPECT_TRUE(validate(config).empty()) << "Barlow Twins has no queue";
  for (const ObjectiveName name : {ObjectiveName::Moco, ObjectiveName::Swav}) {
    config.objective.name = name;
    const auto problems = validate(config);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].key, "objective." + std::string(toText(name)) + ".queue");
  }
  config.objective.swav.queue = 0;
  EXPECT_TRUE(validate(config).empty());
}

TEST(Validate, SmallCropsNeedAnObjectiveThatTakesThem) {
  RunConfig config;
  config.augment.smallCrops = 4;
  config.run.batchSize = 256;
  config.objective.name = ObjectiveName::Swav;
  EXPECT_TRUE(validate(config).empty());
  config.objective.name = ObjectiveName::BarlowTwins;
  const auto problems = validate(config);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].key, "augment.small_crops");
}

TEST(Validate, ClustersMustBeFewerThanTheImagesOfAnEpoch) {
  RunConfig config;
  config.run.batchSize = 100;
  config.objective.name = ObjectiveName::DeepCluster;
  config.objective.deepCluster.clusters = 400;
  EXPECT_TRUE(objectiveProblems(config, 0).empty()) << "not known yet";
  EXPECT_TRUE(objectiveProblems(config, 420).empty());
  const auto problems = objectiveProblems(config, 399);  // 300 in whole batches
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].key, "objective.deepcluster.clusters");
  EXPECT_NE(problems[0].message.find("300 images"), std::string::npos) << problems[0].message;
}

TEST(Validate, ZeroTemperatureAndAPredictorOfNoWidthAreOutOfRange) {
  RunConfig config;
  config.objective.name = ObjectiveName::Simclr;
  config.objective.simclr.temperature = 0;
  ASSERT_EQ(validate(config).size(), 1u);
  EXPECT_EQ(validate(config)[0].key, "objective.simclr.temperature");
  config = {};
  config.objective.name = ObjectiveName::Byol;
  config.objective.byol.predictor = 0;
  ASSERT_EQ(validate(config).size(), 1u);
  EXPECT_EQ(validate(config)[0].key, "objective.byol.predictor");
}

TEST(Validate, WhatIsKnownToFailIsSaidBeforehand) {
  RunConfig config;
  EXPECT_EQ(config.objective.caution(), "");
  config.objective.barlowTwins.terms = BarlowTerms::Redundancy;
  EXPECT_NE(config.objective.caution().find("cannot learn"), std::string::npos);
}

}  // namespace
}  // namespace barlow
