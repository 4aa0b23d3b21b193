#include "ui/bridge/run_pace.h"

#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

RunPlan plan() {
  RunPlan plan;
  plan.stepsPerEpoch = 10;
  plan.totalSteps = plan.lastStep = 45;
  plan.hasLabels = true;
  return plan;
}

TEST(RunPace, TellsNothingBeforeThereAreSteps) {
  RunPace pace;
  EXPECT_EQ(pace.secondsPerStep(), 0);
  pace.add(MetricPoint{.step = 1, .seconds = 100});
  pace.add(MetricPoint{.step = 2, .seconds = 101});
  EXPECT_FALSE(pace.secondsLeft(plan(), 2, 0));
}

// Issue 16, F5: one slow step changed the estimate tenfold.
TEST(RunPace, IsTheMeanOfTheRunWithoutItsFirstStep) {
  RunPace pace;
  double seconds = 0;
  for (int step = 1; step <= 20; ++step) {
    seconds += step == 1 ? 50 : step == 20 ? 21 : 1;
    pace.add(MetricPoint{.step = step, .seconds = seconds});
  }
  EXPECT_NEAR(pace.secondsPerStep(), (18 + 21) / 19.0, 1e-9);
  EXPECT_NEAR(pace.secondsLeft(plan(), 20, 0).value(), 25 * 39 / 19.0, 1e-9);
}

TEST(RunPace, CountsTheEvaluationsThatAreLeft) {
  RunPace pace;
  for (int step = 1; step <= 11; ++step) {
    pace.add(MetricPoint{.step = step, .seconds = static_cast<double>(step)});
  }
  EvaluationResult result;
  result.seconds = 7;
  pace.add(result);
  // Steps 20 and 40, and one at the end.
  EXPECT_NEAR(pace.secondsLeft(plan(), 11, 2).value(), 34 + 3 * 7, 1e-9);
  RunPlan even = plan();
  even.lastStep = 40;
  EXPECT_NEAR(pace.secondsLeft(even, 11, 2).value(), 29 + 2 * 7, 1e-9);
  even.hasLabels = false;
  EXPECT_NEAR(pace.secondsLeft(even, 11, 2).value(), 29, 1e-9);
}

TEST(RunPace, AResumedPartCountsForItself) {
  RunPace pace;
  for (int step = 1; step <= 9; ++step) {
    pace.add(MetricPoint{.step = step, .seconds = 100.0 * step});
  }
  pace.begin();
  for (int step = 10; step <= 20; ++step) {
    pace.add(MetricPoint{.step = step, .seconds = 900.0 + step});
  }
  EXPECT_NEAR(pace.secondsPerStep(), 1, 1e-9);
}

}  // namespace
}  // namespace barlow::ui
