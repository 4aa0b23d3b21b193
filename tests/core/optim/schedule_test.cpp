#include "core/optim/schedule.h"

#include "tests/data/read_golden.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(LearningRates, AreThoseOfTheReference) {
  const auto golden = readGolden(BARLOW_TEST_SOURCE_DATA, "schedule.json");
  for (const auto& example : golden.at("cases")) {
    const std::int64_t stepsPerEpoch = example.at("steps_per_epoch");
    const std::int64_t total = example.at("epochs").get<std::int64_t>() * stepsPerEpoch;
    for (std::size_t i = 0; i < example.at("steps").size(); ++i) {
      const std::int64_t step = example.at("steps")[i];
      const LearningRates rates =
          learningRates(OptimParams{}, example.at("batch"), stepsPerEpoch, total, step);
      EXPECT_NEAR(rates.weights, example.at("weights")[i].get<double>(), 1e-13) << "step " << step;
      EXPECT_NEAR(rates.oneDimensional, example.at("biases")[i].get<double>(), 1e-14)
          << "step " << step;
    }
  }
}

TEST(LearningRates, RiseDuringTheWarmUpAndFallToTheFinalFactor) {
  const OptimParams params;
  const std::int64_t perEpoch = 20;
  const std::int64_t total = 50 * perEpoch;
  const auto rate = [&](std::int64_t step) {
    return learningRates(params, 512, perEpoch, total, step).weights;
  };
  EXPECT_EQ(rate(0), 0.0);
  for (std::int64_t step = 1; step <= total; ++step) {
    if (step <= 10 * perEpoch) {
      EXPECT_GT(rate(step), rate(step - 1)) << step;
    } else {
      EXPECT_LT(rate(step), rate(step - 1)) << step;
    }
  }
  EXPECT_DOUBLE_EQ(rate(10 * perEpoch), 0.2 * 512 / 256);
  EXPECT_NEAR(rate(total), 0.001 * 0.2 * 512 / 256, 1e-15);
  EXPECT_EQ(rate(total + 100), rate(total));
}

TEST(LearningRates, AreProportionalToTheBatch) {
  const auto rate = [](std::int64_t batch) {
    return learningRates(OptimParams{}, batch, 10, 400, 250).weights;
  };
  EXPECT_DOUBLE_EQ(rate(1024), 4 * rate(256));
}

TEST(LearningRates, StayConstantAfterTheWarmUpWhenAsked) {
  OptimParams params;
  params.schedule = Schedule::Constant;
  params.warmupEpochs = 2;
  EXPECT_DOUBLE_EQ(learningRates(params, 256, 10, 400, 5).weights, 0.25 * 0.2);
  EXPECT_DOUBLE_EQ(learningRates(params, 256, 10, 400, 20).weights, 0.2);
  EXPECT_DOUBLE_EQ(learningRates(params, 256, 10, 400, 399).weights, 0.2);
  params.warmupEpochs = 0;
  EXPECT_DOUBLE_EQ(learningRates(params, 256, 10, 400, 0).weights, 0.2);
}

TEST(LearningRates, HaveASecondRateForLarsOnly) {
  OptimParams params;
  const LearningRates lars = learningRates(params, 256, 10, 400, 250);
  EXPECT_DOUBLE_EQ(lars.oneDimensional / lars.weights, 0.0048 / 0.2);
  for (const OptimizerName name : {OptimizerName::Sgd, OptimizerName::Adam, OptimizerName::AdamW}) {
    params.name = name;
    const LearningRates rates = learningRates(params, 256, 10, 400, 250);
    EXPECT_EQ(rates.oneDimensional, rates.weights);
  }
}

TEST(LearningRates, CutAWarmUpThatIsLongerThanTheRun) {
  const OptimParams params;  // 10 epochs of warm-up
  const auto rate = [&](std::int64_t step) {
    return learningRates(params, 256, 10, 30, step).weights;
  };
  EXPECT_EQ(rate(0), 0.0);
  EXPECT_DOUBLE_EQ(rate(15), 0.1);
  EXPECT_DOUBLE_EQ(rate(30), 0.2);
}

}  // namespace
}  // namespace barlow
