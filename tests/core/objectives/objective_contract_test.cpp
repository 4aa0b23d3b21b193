#include "core/base/error.h"
#include "core/objectives/objective.h"
#include "tests/core/objectives/golden_views.h"
#include "tests/support/messages.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace barlow {
namespace {

using torch::Tensor;

// What every objective promises (objective.h), for all of them.

constexpr std::int64_t kBatch = 8;
constexpr std::int64_t kDimensions = 5;
constexpr std::int64_t kStepsPerEpoch = 3;
constexpr ObjectiveSizes kSizes = {
    .batch = kBatch, .dimensions = kDimensions, .images = kBatch * kStepsPerEpoch + 1, .seed = 7};

// Small, and with all parts at work from the first steps on.
ObjectiveParams paramsOf(ObjectiveName name) {
  ObjectiveParams params;
  params.name = name;
  params.moco.queue = 16;
  params.byol.predictor = 6;
  params.simsiam.predictor = 6;
  params.swav = {.prototypes = 6, .queue = 16, .queueFromEpoch = 1, .freezeEpochs = 1};
  params.deepCluster = {.clusters = 4, .heads = 3, .kmeansIterations = 5};
  params.lejepa.slices = 6;
  return params;
}

StepPosition at(std::int64_t step) {
  return {.step = step, .stepsPerEpoch = kStepsPerEpoch, .totalSteps = 12};
}

Tensor numbers(std::uint64_t seed) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return torch::randn({kBatch, kDimensions}, generator, torch::kFloat64);
}

// What a network might give in this step: views that are alike.
ObjectiveInputs inputsOf(const Objective& objective, std::int64_t step) {
  const auto seed = static_cast<std::uint64_t>(10 * step);
  const Tensor base = numbers(seed);
  ObjectiveInputs inputs;
  const int views = objective.traits().takesMoreViews ? 3 : 2;
  for (int view = 0; view < views; ++view) {
    inputs.online.push_back(base + 0.5 * numbers(seed + 1 + static_cast<std::uint64_t>(view)));
  }
  if (objective.traits().hasMomentumEncoder) {
    inputs.target = {base + 0.5 * numbers(seed + 5), base + 0.5 * numbers(seed + 6)};
  }
  inputs.samples = torch::arange(kBatch) + kBatch * (step % kStepsPerEpoch);
  inputs.at = at(step);
  return inputs;
}

std::map<std::string, Tensor> stateOf(const Objective& objective) {
  std::map<std::string, Tensor> state;
  for (const ObjectiveParameter& parameter : objective.parameters()) {
    state[parameter.name] = parameter.tensor.detach();
  }
  for (const auto& [name, buffer] : objective.buffers()) {
    state[name] = buffer;
  }
  return state;
}

std::map<std::string, Tensor> copyOfState(const Objective& objective) {
  auto state = stateOf(objective);
  for (auto& [name, tensor] : state) {
    tensor = tensor.clone();
  }
  return state;
}

bool isSame(const Tensor& a, const Tensor& b) {
  const auto text = [](const Tensor& x) { return x.is_floating_point() ? x.nan_to_num(-77.5) : x; };
  return torch::equal(text(a), text(b));
}

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

// In double, for finite differences.
std::unique_ptr<Objective> made(const ObjectiveParams& params) {
  auto objective = makeObjective(params, kSizes);
  for (const auto& [name, tensor] : stateOf(*objective)) {
    if (tensor.is_floating_point()) {
      tensor.set_data(tensor.to(torch::kFloat64));
    }
  }
  for (const ObjectiveParameter& parameter : objective->parameters()) {
    parameter.tensor.set_data(parameter.tensor.to(torch::kFloat64));
  }
  for (const auto& [name, buffer] : objective->buffers()) {
    if (buffer.is_floating_point()) {
      buffer.set_data(buffer.to(torch::kFloat64));
    }
  }
  return objective;
}

ObjectiveInputs asLeaves(ObjectiveInputs inputs) {
  for (Tensor& z : inputs.online) {
    z = z.clone().requires_grad_();
  }
  return inputs;
}

// One whole step, with plain gradient descent for the objective's own parameters.
double oneStep(Objective& objective, std::int64_t step) {
  if (step % kStepsPerEpoch == 0) {
    objective.beginEpoch(at(step));
  }
  for (const ObjectiveParameter& parameter : objective.parameters()) {
    parameter.tensor.mutable_grad() = Tensor();
  }
  const ObjectiveInputs inputs = asLeaves(inputsOf(objective, step));
  const ObjectiveTerms terms = objective.loss(inputs);
  terms.loss.backward();
  objective.beforeUpdate(at(step));
  {
    torch::NoGradGuard noGrad;
    for (const ObjectiveParameter& parameter : objective.parameters()) {
      if (parameter.tensor.grad().defined()) {
        parameter.tensor.add_(parameter.tensor.grad(), -0.1);
      }
    }
  }
  objective.afterUpdate(inputsOf(objective, step));
  return terms.loss.item<double>();
}

void run(Objective& objective, std::int64_t first, std::int64_t last) {
  for (std::int64_t step = first; step < last; ++step) {
    oneStep(objective, step);
  }
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
  const std::vector<MetricColumn> columns = objective->columns();
  ASSERT_EQ(values.size(), columns.size());
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
    EXPECT_EQ(std::isnan(columns[i].range.good), std::isnan(columns[i].range.poor));
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

// ---- what only some of them have

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
  objective->loss(inputs).loss.backward();
  // With the targets held, finite differences say what the gradient has to be.
  const auto heldLoss = [&](const Tensor& zA) {
    ObjectiveInputs moved = inputsOf(*objective, 0);
    const Tensor target = moved.online[0];
    moved.online[0] = zA;
    // -cos(p(zA), zB) / 2 moves; -cos(p(zB), zA) / 2 has to be that of the target.
    torch::NoGradGuard noGrad;
    const double whole = objective->loss(moved).loss.item<double>();
    const Tensor pB = [&] {
      // p(zB), from the state's names: a predictor of two layers.
      const auto state = stateOf(*objective);
      const Tensor hidden = moved.online[1].mm(state.at("predictor.0.weight").t());
      const Tensor norm = (hidden - hidden.mean(0)) / (hidden.var(0, false) + 1e-5).sqrt();
      return torch::relu(norm * state.at("predictor.1.weight") + state.at("predictor.1.bias"))
                 .mm(state.at("predictor.3.weight").t()) +
             state.at("predictor.3.bias");
    }();
    const auto cosine = [](const Tensor& x, const Tensor& y) {
      return (ofLengthOne(x) * ofLengthOne(y)).sum(1).mean().item<double>();
    };
    return whole + cosine(pB, zA) / 2 - cosine(pB, target) / 2;
  };
  const double h = 1e-5;
  const Tensor direction = wave({kBatch, kDimensions}, 0.3);
  const Tensor z = inputsOf(*objective, 0).online[0];
  EXPECT_NEAR((inputs.online[0].grad() * direction).sum().item<double>(),
              (heldLoss(z + h * direction) - heldLoss(z - h * direction)) / (2 * h),
              1e-7);
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
