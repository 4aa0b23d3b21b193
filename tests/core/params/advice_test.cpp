#include "core/params/advice.h"

#include "core/params/presets.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(AuthorsLearningRate, IsTheirTable) {
  EXPECT_DOUBLE_EQ(authorsLearningRate(64), 1.0);
  EXPECT_DOUBLE_EQ(authorsLearningRate(128), 0.7);
  EXPECT_DOUBLE_EQ(authorsLearningRate(256), 0.4);
  EXPECT_DOUBLE_EQ(authorsLearningRate(2048), 0.2);
  EXPECT_DOUBLE_EQ(authorsLearningRate(4096), 0.2);
}

TEST(AuthorsLearningRate, FallsFromRowToRowAndStaysBeyondTheTable) {
  for (std::int64_t batch = 2; batch < 8192; ++batch) {
    ASSERT_GE(authorsLearningRate(batch), authorsLearningRate(batch + 1)) << batch;
  }
  EXPECT_DOUBLE_EQ(authorsLearningRate(181), 0.53);  // half way by ratio: sqrt(0.7 0.4)
  EXPECT_DOUBLE_EQ(authorsLearningRate(2), 1.0);
  EXPECT_DOUBLE_EQ(authorsLearningRate(65536), 0.2);
}

TEST(SuggestedLearningRate, IsThereWhereLarsHasAnotherBatchThanItsRateIsFor) {
  RunConfig config;
  config.optim.name = OptimizerName::Lars;
  config.optim.baseLearningRate = 0.2;
  config.run.batchSize = 2048;
  EXPECT_FALSE(suggestedLearningRate(config));
  config.run.batchSize = 64;
  EXPECT_EQ(suggestedLearningRate(config), 1.0);
  config.optim.baseLearningRate = 0.95;
  EXPECT_FALSE(suggestedLearningRate(config)) << "near enough";
  config.optim.baseLearningRate = 0.2;
  config.optim.larsClip = true;
  EXPECT_FALSE(suggestedLearningRate(config)) << "solo-learn's form has other rates";
  config.optim.larsClip = false;
  config.objective.name = ObjectiveName::Vicreg;
  EXPECT_FALSE(suggestedLearningRate(config)) << "other losses have other rates";
  config.objective.name = ObjectiveName::BarlowTwins;
  config.optim.name = OptimizerName::Sgd;
  EXPECT_FALSE(suggestedLearningRate(config));
}

TEST(SuggestedWarmup, IsThereWhereTheRunHardlyReachesItsRate) {
  RunConfig config;
  config.run.epochs = 20;
  config.optim.warmupEpochs = 10;
  EXPECT_FALSE(suggestedWarmupEpochs(config));
  config.run.epochs = 19;
  EXPECT_EQ(suggestedWarmupEpochs(config), 1);
  config.run.epochs = 2;
  EXPECT_EQ(suggestedWarmupEpochs(config), 0);
  config.optim.warmupEpochs = 0;
  EXPECT_FALSE(suggestedWarmupEpochs(config));
}

TEST(SuggestedLearningRate, NoPresetNeedsIt) {
  for (const Preset& preset : presets()) {
    EXPECT_FALSE(suggestedWarmupEpochs(preset.config)) << preset.name;
    EXPECT_FALSE(suggestedLearningRate(preset.config)) << preset.name;
  }
}

}  // namespace
}  // namespace barlow
