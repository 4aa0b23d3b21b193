#include "core/planning/agenda.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

RunPlan planOf(std::int64_t stepsPerEpoch, std::int64_t lastStep) {
  RunPlan plan;
  plan.stepsPerEpoch = stepsPerEpoch;
  plan.lastStep = lastStep;
  return plan;
}

TEST(Agenda, EvaluatesAtTheStartEverySoManyEpochsAndAtTheEnd) {
  RunConfig config;
  config.evaluate.everyEpochs = 2;
  const RunPlan plan = planOf(10, 45);
  for (const std::int64_t step : {0, 20, 40, 45}) {
    EXPECT_TRUE(isEvaluationDue(config, plan, step)) << step;
  }
  for (const std::int64_t step : {1, 10, 30, 44}) {
    EXPECT_FALSE(isEvaluationDue(config, plan, step)) << step;
  }
  config.evaluate.everyEpochs = 0;
  EXPECT_FALSE(isEvaluationDue(config, plan, 0));
  EXPECT_FALSE(isEvaluationDue(config, plan, 45));
}

TEST(Agenda, SavesAtEpochEndsButNotTwiceInHalfAMinuteAndAfterFiveMinutesAnywhere) {
  const RunConfig config;
  const RunPlan plan = planOf(10, 45);
  EXPECT_TRUE(isCheckpointDue(config, plan, 10, 31));
  EXPECT_FALSE(isCheckpointDue(config, plan, 10, 29));
  EXPECT_FALSE(isCheckpointDue(config, plan, 11, 299));
  EXPECT_TRUE(isCheckpointDue(config, plan, 11, 301));
  EXPECT_FALSE(isCheckpointDue(config, plan, 45, 1000)) << "the end writes one anyway";
}

TEST(Agenda, SavesEverySoManyStepsWhereToldSo) {
  RunConfig config;
  config.run.checkpointEverySteps = 7;
  const RunPlan plan = planOf(10, 45);
  EXPECT_TRUE(isCheckpointDue(config, plan, 14, 0));
  EXPECT_FALSE(isCheckpointDue(config, plan, 10, 1000));
}

TEST(Agenda, MeasuresCollapseTenTimesAnEpochUnlessToldOtherwise) {
  RunConfig config;
  EXPECT_TRUE(isSummaryDue(config, planOf(100, 1000), 30));
  EXPECT_FALSE(isSummaryDue(config, planOf(100, 1000), 31));
  EXPECT_TRUE(isSummaryDue(config, planOf(3, 1000), 1)) << "an epoch of a few steps: each";
  config.run.summaryEverySteps = 7;
  EXPECT_TRUE(isSummaryDue(config, planOf(100, 1000), 14));
  EXPECT_FALSE(isSummaryDue(config, planOf(100, 1000), 30));
}

}  // namespace
}  // namespace barlow
