#include "core/base/error.h"
#include "core/objectives/objective.h"
#include "tests/core/objectives/objective_steps.h"
#include "tests/support/messages.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace barlow {
namespace {

using torch::Tensor;

// What every objective promises (objective.h), for all of them.

// What differs; BatchNorm's running statistics, which every pass moves, left out where asked.
std::vector<std::string> changesSince(const std::map<std::string, Tensor>& before,
                                      const Objective& objective,
                                      bool withStatistics = true) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : stateOf(objective)) {
    const bool isStatistic =
        name.find("running_") != std::string::npos || name.find("num_batches") != std::string::npos;
    if ((withStatistics || !isStatistic) && !isSame(before.at(name), tensor)) {
      names.push_back(name);
    }
  }
  return names;
}

struct Case {
  std::string name;
  ObjectiveParams params;
};

std::vector<Case> allCases() {
  std::vector<Case> cases;
  for (const auto& name : kEnumNames<ObjectiveName>) {
    cases.push_back({std::string(name.text), paramsOf(name.value)});
  }
  ObjectiveParams ablated = paramsOf(ObjectiveName::BarlowTwins);
  ablated.barlowTwins.predictor = 6;
  ablated.barlowTwins.stopGradient = true;
  ablated.barlowTwins.criterion = BarlowCriterion::CrossEntropy;
  cases.push_back({"barlow_twins_ablated", ablated});
  return cases;
}

class EveryObjective : public testing::TestWithParam<Case> {
 protected:
  // Five steps in: queues are full, clusters are found, prototypes move.
  static constexpr std::int64_t kWarm = 5;
  std::unique_ptr<Objective> warm() const {
    auto objective = made(GetParam().params);
    run(*objective, 0, kWarm);
    return objective;
  }
};
INSTANTIATE_TEST_SUITE_P(Objectives,
                         EveryObjective,
                         testing::ValuesIn(allCases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EveryObjective, GradientIsThatOfFiniteDifferences) {
  const auto objective = warm();
  const ObjectiveInputs inputs = inputsOf(*objective, kWarm);
  const ObjectiveInputs leaves = asLeaves(inputs);
  for (const ObjectiveParameter& parameter : objective->parameters()) {
    parameter.tensor.mutable_grad() = Tensor();
  }
  objective->loss(leaves).loss.backward();
  const auto lossOf = [&](const ObjectiveInputs& moved) {
    torch::NoGradGuard noGrad;
    return objective->loss(moved).loss.item<double>();
  };
  const double h = 1e-5;
  // Where embeddings are targets as well, the gradient is the derivative with those held: SimSiam's
  // is tested below, SwAV's by its golden numbers. A stop-gradient leaves a gradient undefined.
  const bool isSwav = GetParam().params.name == ObjectiveName::Swav;
  const bool areTargets = isSwav || GetParam().params.name == ObjectiveName::Simsiam;
  for (std::size_t view = 0; !areTargets && view < inputs.online.size(); ++view) {
    const Tensor gradient = leaves.online[view].grad();
    for (std::int64_t i = 0; gradient.defined() && i < gradient.numel(); i += 3) {
      Tensor shift = torch::zeros({kBatch, kDimensions}, torch::kFloat64);
      shift.view(-1)[i] = h;
      ObjectiveInputs up = inputs;
      ObjectiveInputs down = inputs;
      up.online[view] = inputs.online[view] + shift;
      down.online[view] = inputs.online[view] - shift;
      EXPECT_NEAR(gradient.view(-1)[i].item<double>(), (lossOf(up) - lossOf(down)) / (2 * h), 2e-6)
          << "view " << view;
    }
  }
  // The objective's own parameters; SwAV's make the assignments too.
  const auto parameters = isSwav ? std::vector<ObjectiveParameter>() : objective->parameters();
  for (const ObjectiveParameter& parameter : parameters) {
    SCOPED_TRACE(parameter.name);
    ASSERT_TRUE(parameter.tensor.grad().defined());
    const Tensor direction = wave(parameter.tensor.sizes(), 0.4);
    const Tensor start = parameter.tensor.detach().clone();
    torch::NoGradGuard noGrad;
    parameter.tensor.copy_(start + h * direction);
    const double above = lossOf(inputs);
    parameter.tensor.copy_(start - h * direction);
    const double below = lossOf(inputs);
    parameter.tensor.copy_(start);
    EXPECT_NEAR((parameter.tensor.grad() * direction).sum().item<double>(),
                (above - below) / (2 * h),
                2e-6);
  }
}

TEST_P(EveryObjective, IgnoresTheOrderOfSamples) {
  const auto objective = warm();
  const Tensor order = torch::tensor({7, 3, 0, 5, 1, 2, 6, 4});
  ObjectiveInputs moved = inputsOf(*objective, kWarm);
  const double expected = objective->loss(moved).loss.item<double>();
  for (Tensor& z : moved.online) {
    z = z.index_select(0, order);
  }
  for (Tensor& z : moved.target) {
    z = z.index_select(0, order);
  }
  moved.samples = moved.samples.index_select(0, order);
  EXPECT_NEAR(objective->loss(moved).loss.item<double>(), expected, 1e-11);
}

TEST_P(EveryObjective, GoesOnFromItsStateByNameAsIfNothingHadHappened) {
  const auto first = warm();
  const auto second = made(GetParam().params);
  const auto from = stateOf(*first);
  {
    torch::NoGradGuard noGrad;
    for (const auto& [name, tensor] : stateOf(*second)) {
      ASSERT_TRUE(from.contains(name)) << name;
      tensor.copy_(from.at(name));
    }
  }
  EXPECT_EQ(stateOf(*second).size(), from.size());
  for (std::int64_t step = kWarm; step < kWarm + 4; ++step) {
    EXPECT_EQ(oneStep(*first, step), oneStep(*second, step)) << "step " << step;
  }
  EXPECT_THAT(changesSince(stateOf(*first), *second), testing::IsEmpty());
}

TEST_P(EveryObjective, StartsFromTheRunsSeedAlone) {
  const auto first = makeObjective(GetParam().params, kSizes);
  torch::rand({100});  // moves the global generator
  const auto second = makeObjective(GetParam().params, kSizes);
  EXPECT_THAT(changesSince(stateOf(*first), *second), testing::IsEmpty());
  ObjectiveSizes other = kSizes;
  other.seed = 8;
  const auto third = makeObjective(GetParam().params, other);
  const bool hasRandomStart =
      !first->parameters().empty() || GetParam().params.name == ObjectiveName::Moco;
  EXPECT_EQ(!changesSince(stateOf(*first), *third).empty(), hasRandomStart);
}

TEST_P(EveryObjective, ComputesInFloatWhatItComputesInDouble) {
  const auto objective = made(GetParam().params);
  const auto single = makeObjective(GetParam().params, kSizes);
  ObjectiveInputs inputs = inputsOf(*objective, 0);
  const double expected = objective->loss(inputs).loss.item<double>();
  for (Tensor& z : inputs.online) {
    z = z.to(torch::kFloat32);
  }
  for (Tensor& z : inputs.target) {
    z = z.to(torch::kFloat32);
  }
  const Tensor loss = single->loss(inputs).loss;
  EXPECT_EQ(loss.scalar_type(), torch::kFloat32);
  EXPECT_NEAR(loss.item<double>(), expected, 2e-5 * std::max(1.0, std::abs(expected)));
}

TEST_P(EveryObjective, ChangesNoStateInItsLoss) {
  const auto objective = warm();
  const auto before = copyOfState(*objective);
  const ObjectiveInputs inputs = asLeaves(inputsOf(*objective, kWarm));
  const auto copies = inputsOf(*objective, kWarm);
  objective->loss(inputs).loss.backward();
  objective->beforeUpdate(at(kWarm));
  EXPECT_THAT(changesSince(before, *objective, /*withStatistics=*/false), testing::IsEmpty());
  for (std::size_t view = 0; view < copies.online.size(); ++view) {
    EXPECT_TRUE(torch::equal(inputs.online[view].detach(), copies.online[view]));
  }
}

// A recorded step is launched again and again as it was recorded, and ends with the update.
TEST_P(EveryObjective, IsRecordedOnlyWhereStepsDifferInEmbeddingsAlone) {
  const auto objective = warm();
  if (!objective->isRecordable() || objective->info().hasMomentumEncoder) {
    return;
  }
  ObjectiveInputs inputs = inputsOf(*objective, kWarm);
  const double expected = objective->loss(inputs).loss.item<double>();
  inputs.samples = torch::Tensor();
  inputs.at = {};
  EXPECT_EQ(objective->loss(inputs).loss.item<double>(), expected);
  const auto before = copyOfState(*objective);
  objective->beforeUpdate(at(kWarm));
  objective->afterUpdate(inputs);
  EXPECT_THAT(changesSince(before, *objective, /*withStatistics=*/true), testing::IsEmpty());
}

TEST_P(EveryObjective, GivesNoNumberForEmbeddingsThatAreNotFinite) {
  for (const double broken :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    for (const std::int64_t step : {std::int64_t{0}, kWarm}) {
      const auto objective = made(GetParam().params);
      run(*objective, 0, step);
      const auto before = copyOfState(*objective);
      ObjectiveInputs inputs = inputsOf(*objective, step);
      inputs.online[1].view(-1)[3] = broken;
      EXPECT_FALSE(objective->loss(inputs).loss.isfinite().item<bool>()) << "step " << step;
      EXPECT_THAT(changesSince(before, *objective, /*withStatistics=*/false), testing::IsEmpty());
    }
  }
}

TEST_P(EveryObjective, RefusesABatchOfOneInASentence) {
  const auto objective = made(GetParam().params);
  ObjectiveInputs inputs = inputsOf(*objective, 0);
  for (Tensor& z : inputs.online) {
    z = z.slice(0, 0, 1);
  }
  for (Tensor& z : inputs.target) {
    z = z.slice(0, 0, 1);
  }
  inputs.samples = inputs.samples.slice(0, 0, 1);
  EXPECT_THAT(
      messageOf([&] { objective->loss(inputs); }),
      testing::AllOf(testing::HasSubstr("batch of 1"), testing::HasSubstr("at least 2 images")));
}

TEST_P(EveryObjective, TakesABatchOfTwo) {
  const auto objective = made(GetParam().params);
  ObjectiveInputs inputs = inputsOf(*objective, 0);
  for (Tensor& z : inputs.online) {
    z = z.slice(0, 0, 2);
  }
  for (Tensor& z : inputs.target) {
    z = z.slice(0, 0, 2);
  }
  inputs.samples = inputs.samples.slice(0, 0, 2);
  EXPECT_TRUE(objective->loss(inputs).loss.isfinite().item<bool>());
}

TEST_P(EveryObjective, GivesTargetsAndStateNoGradient) {
  const auto objective = warm();
  ObjectiveInputs inputs = asLeaves(inputsOf(*objective, kWarm));
  for (Tensor& z : inputs.target) {
    z = z.clone().requires_grad_();
  }
  objective->loss(inputs).loss.backward();
  for (const Tensor& z : inputs.target) {
    EXPECT_FALSE(z.grad().defined());
  }
  for (const auto& [name, buffer] : objective->buffers()) {
    EXPECT_FALSE(buffer.requires_grad()) << name;
  }
  for (const ObjectiveParameter& parameter : objective->parameters()) {
    EXPECT_TRUE(parameter.tensor.requires_grad()) << parameter.name;
  }
}

TEST_P(EveryObjective, SaysWhatItsNumbersAre) {
  const auto objective = warm();
  const ObjectiveTerms terms = objective->loss(asLeaves(inputsOf(*objective, kWarm)));
  EXPECT_FALSE(terms.numbers.requires_grad());
  const Tensor numbers = terms.numbers.to(torch::kFloat64).contiguous();
  const std::vector<double> values =
      objective->values({numbers.data_ptr<double>(), static_cast<std::size_t>(numbers.numel())});
  const MetricSchema schema = schemaOf(GetParam().params, kSizes);
  EXPECT_GT(schema.loss.help.size(), 20u);
  const std::vector<MetricColumn>& columns = schema.terms;
  // The last one of those with a momentum encoder is measured by training.
  const bool hasMomentum = GetParam().params.info().hasMomentumEncoder;
  ASSERT_EQ(values.size() + (hasMomentum ? 1 : 0), columns.size());
  EXPECT_EQ(columns.back().key == "momentum_distance", hasMomentum);
  std::set<std::string> keys;
  std::int64_t cards = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    SCOPED_TRACE(columns[i].key);
    EXPECT_TRUE(keys.insert(columns[i].key).second) << "twice";
    EXPECT_THAT(columns[i].key, testing::MatchesRegex("[a-z][a-z_]*"));
    EXPECT_THAT(std::set<std::string>({"loss", "step", "epoch", "learning_rate"}),
                testing::Not(testing::Contains(columns[i].key)));
    EXPECT_GT(columns[i].help.size(), 20u);
    EXPECT_FALSE(columns[i].label.empty());
    EXPECT_FALSE(columns[i].chart.empty());
    cards += columns[i].isCard ? 1 : 0;
    const bool isJudged = !std::isnan(columns[i].range.good);
    EXPECT_EQ(isJudged, !std::isnan(columns[i].range.poor));
    const MetricHints& hints = columns[i].hints;
    if (columns[i].isCard) {
      EXPECT_FALSE(hints.aim.empty()) << "a card without a word of what is good";
      EXPECT_EQ(isJudged, !hints.good.empty() && !hints.fair.empty() && !hints.poor.empty());
    }
    for (const std::string& hint : {hints.aim, hints.good, hints.fair, hints.poor}) {
      EXPECT_TRUE(hint.find("{}") == std::string::npos || std::isfinite(columns[i].range.reference))
          << hint;
    }
  }
  EXPECT_GE(cards, 2);
  EXPECT_LE(cards, 3);
}

TEST_P(EveryObjective, KeepsItsHandlesWhenItMoves) {
  const auto objective = makeObjective(GetParam().params, kSizes);
  const auto before = stateOf(*objective);
  const std::vector<ObjectiveParameter> parameters = objective->parameters();
  objective->to(torch::kCPU);
  EXPECT_THAT(changesSince(before, *objective), testing::IsEmpty());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_TRUE(parameters[i].tensor.is_same(objective->parameters()[i].tensor));
  }
}

TEST(CosineMomentum, HasThePublishedValues) {
  const auto momentum = [](std::int64_t step) {
    return cosineMomentum(0.99, 1.0, {.step = step, .totalSteps = 1000});
  };
  EXPECT_EQ(momentum(0), 0.99);
  EXPECT_NEAR(momentum(1), .990000024674, 1e-12);
  EXPECT_NEAR(momentum(500), .995, 1e-12);
  EXPECT_NEAR(momentum(999), .999999975326, 1e-12);
}

}  // namespace
}  // namespace barlow
