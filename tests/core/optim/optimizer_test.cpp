#include "core/optim/optimizer.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "tests/data/read_golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

namespace barlow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using torch::Tensor;

// The tensors of make_golden.py: zero.weight starts at zero, still.weight is zero and has no
// gradient.
NamedTensors makeParameters(torch::ScalarType type = torch::kFloat64) {
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes = {
      {"conv.weight", {2, 3, 2, 2}},
      {"norm.weight", {3}},
      {"linear.weight", {4, 3}},
      {"linear.bias", {4}},
      {"zero.weight", {2, 2}},
      {"still.weight", {2, 2}}};
  NamedTensors parameters;
  double phase = 0;
  for (const auto& [name, shape] : shapes) {
    const bool isZero = name == "zero.weight" || name == "still.weight";
    const Tensor start = isZero ? torch::zeros(shape, torch::kFloat64) : wave(shape, phase);
    parameters.emplace_back(name, start.to(type).requires_grad_());
    ++phase;
  }
  return parameters;
}

void setGradients(NamedTensors& parameters, int step) {
  double phase = 0.05 * step;
  for (auto& [name, parameter] : parameters) {
    const Tensor gradient = name == "still.weight"
                                ? torch::zeros_like(parameter)
                                : 0.3 * parameter.detach() + wave(parameter.sizes(), phase);
    parameter.mutable_grad() = gradient.to(parameter.scalar_type()).detach();
    ++phase;
  }
}

void run(Optimizer& optimizer, NamedTensors& parameters, int firstStep, int lastStep) {
  for (int step = firstStep; step < lastStep; ++step) {
    setGradients(parameters, step);
    optimizer.step();
  }
}

Tensor flattened(const NamedTensors& tensors) {
  std::vector<Tensor> parts;
  for (const auto& [name, tensor] : tensors) {
    parts.push_back(tensor.detach().flatten());
  }
  return torch::cat(parts);
}

std::vector<std::string> namesOf(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    names.push_back(name);
  }
  return names;
}

struct Rule {
  OptimizerName name;
  double rate;
  double biasRate;
  double decay;
};

const Rule kLars{OptimizerName::Lars, 0.2, 0.0048, 1e-2};
const Rule kSgd{OptimizerName::Sgd, 0.06, 0.06, 5e-4};
const Rule kAdam{OptimizerName::Adam, 1e-3, 1e-3, 1e-2};
const Rule kAdamW{OptimizerName::AdamW, 1e-3, 1e-3, 1e-2};

std::unique_ptr<Optimizer> makeOptimizer(const Rule& rule, const NamedTensors& parameters) {
  OptimParams params;
  params.name = rule.name;
  params.weightDecay = rule.decay;
  auto optimizer = std::make_unique<Optimizer>(params, parameters);
  optimizer->setLearningRates({.weights = rule.rate, .oneDimensional = rule.biasRate});
  return optimizer;
}

class EveryRule : public testing::TestWithParam<Rule> {};
INSTANTIATE_TEST_SUITE_P(Optimizer,
                         EveryRule,
                         testing::Values(kLars, kSgd, kAdam, kAdamW),
                         [](const auto& rule) { return std::string(toText(rule.param.name)); });

// LARS against main.py's class, the others against torch.optim in Python.
TEST_P(EveryRule, FollowsPythonForAThousandSteps) {
  const auto golden = readGolden(BARLOW_TEST_SOURCE_DATA, "lars_sgd_adam.json")
                          .at(std::string(toText(GetParam().name)));
  NamedTensors parameters = makeParameters();
  const auto optimizer = makeOptimizer(GetParam(), parameters);
  int step = 0;
  for (const auto& row : golden.at("rows")) {
    run(*optimizer, parameters, step, row.at("step"));
    step = row.at("step");
    const Tensor values = flattened(parameters);
    ASSERT_LT(largestDifference(values, tensorOf(row.at("values"), values.sizes())), 1e-10)
        << "step " << step;
  }
  EXPECT_EQ(step, 1000);
  EXPECT_EQ(optimizer->stepsTaken(), 1000);
  const NamedTensors state = optimizer->state();
  EXPECT_EQ(state.size(), golden.at("state").size());
  for (const auto& [name, tensor] : state) {
    EXPECT_LT(largestDifference(tensor, tensorOf(golden.at("state").at(name), tensor.sizes())),
              1e-10)
        << name;
  }
}

TEST_P(EveryRule, InFloatStaysCloseToDouble) {
  NamedTensors exact = makeParameters();
  NamedTensors single = makeParameters(torch::kFloat32);
  run(*makeOptimizer(GetParam(), exact), exact, 0, 100);
  run(*makeOptimizer(GetParam(), single), single, 0, 100);
  EXPECT_EQ(single[0].second.scalar_type(), torch::kFloat32);
  EXPECT_LT(largestDifference(flattened(single), flattened(exact)), 1e-4);
}

// A recorded step reads its rates from the device: only the order of products differs.
TEST_P(EveryRule, FollowsRatesThatAreKeptOnTheDevice) {
  NamedTensors plain = makeParameters();
  NamedTensors replayed = makeParameters();
  const auto a = makeOptimizer(GetParam(), plain);
  const auto b = makeOptimizer(GetParam(), replayed);
  b->keepRatesOnDevice();
  for (int step = 0; step < 50; ++step) {
    const double rate = step == 0 ? 0.0 : GetParam().rate * (1 + step % 7);
    a->setLearningRates({.weights = rate, .oneDimensional = 0.1 * rate});
    b->setLearningRates({.weights = rate, .oneDimensional = 0.1 * rate});
    setGradients(plain, step);
    setGradients(replayed, step);
    a->step();
    b->beginUpdate();
    b->applyUpdate();
    ASSERT_LT(largestDifference(flattened(plain), flattened(replayed)), 1e-12) << "step " << step;
  }
  EXPECT_EQ(a->stepsTaken(), b->stepsTaken());
}

TEST_P(EveryRule, IsTheSameTwice) {
  NamedTensors first = makeParameters(torch::kFloat32);
  NamedTensors second = makeParameters(torch::kFloat32);
  run(*makeOptimizer(GetParam(), first), first, 0, 20);
  run(*makeOptimizer(GetParam(), second), second, 0, 20);
  EXPECT_TRUE(torch::equal(flattened(first), flattened(second)));
}

TEST_P(EveryRule, DoesNotDependOnTheMemoryFormat) {
  NamedTensors plain = makeParameters();
  NamedTensors channelsLast = makeParameters();
  Tensor& convolution = channelsLast[0].second;
  convolution.set_data(convolution.contiguous(torch::MemoryFormat::ChannelsLast));
  run(*makeOptimizer(GetParam(), plain), plain, 0, 20);
  run(*makeOptimizer(GetParam(), channelsLast), channelsLast, 0, 20);
  EXPECT_TRUE(convolution.is_contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_LT(largestDifference(flattened(channelsLast), flattened(plain)), 1e-13);
}

TEST_P(EveryRule, GoesOnFromItsStateToTheBit) {
  NamedTensors uninterrupted = makeParameters(torch::kFloat32);
  const auto optimizer = makeOptimizer(GetParam(), uninterrupted);
  run(*optimizer, uninterrupted, 0, 7);
  NamedTensors resumed;
  for (const auto& [name, tensor] : uninterrupted) {
    resumed.emplace_back(name, tensor.detach().clone().requires_grad_());
  }
  NamedTensors state = optimizer->state();
  std::reverse(state.begin(), state.end());  // by name, not by place
  const auto other = makeOptimizer(GetParam(), resumed);
  other->loadState(state, optimizer->stepsTaken());
  EXPECT_EQ(other->stepsTaken(), 7);
  run(*optimizer, uninterrupted, 7, 9);
  run(*other, resumed, 7, 9);
  EXPECT_TRUE(torch::equal(flattened(resumed), flattened(uninterrupted)));
  EXPECT_TRUE(torch::equal(flattened(other->state()), flattened(optimizer->state())));
}

TEST_P(EveryRule, StateIsACopyAndEmptyBeforeTheFirstStep) {
  NamedTensors parameters = makeParameters();
  const auto optimizer = makeOptimizer(GetParam(), parameters);
  EXPECT_TRUE(optimizer->state().empty());
  run(*optimizer, parameters, 0, 3);
  const Tensor before = flattened(optimizer->state());
  for (auto& [name, tensor] : optimizer->state()) {
    tensor.fill_(1e6);
  }
  EXPECT_TRUE(torch::equal(flattened(optimizer->state()), before));
  optimizer->loadState({}, 0);
  EXPECT_TRUE(optimizer->state().empty());
  NamedTensors fresh = makeParameters();
  const auto other = makeOptimizer(GetParam(), fresh);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    fresh[i].second.set_data(parameters[i].second.detach().clone());
  }
  run(*optimizer, parameters, 3, 5);
  run(*other, fresh, 3, 5);
  EXPECT_TRUE(torch::equal(flattened(fresh), flattened(parameters)));
}

TEST_P(EveryRule, RefusesAStateThatIsNotItsOwnAndKeepsWhatItHad) {
  NamedTensors parameters = makeParameters();
  const auto optimizer = makeOptimizer(GetParam(), parameters);
  run(*optimizer, parameters, 0, 3);
  const NamedTensors good = optimizer->state();
  const Tensor before = flattened(good);
  const auto messageFor = [&](const std::function<void(NamedTensors&)>& damage) {
    NamedTensors state;
    for (const auto& [name, tensor] : good) {
      state.emplace_back(name, tensor + 1);
    }
    damage(state);
    try {
      optimizer->loadState(state, 5);
    } catch (const Exception& error) {
      return error.info().message;
    }
    return std::string("nothing was thrown");
  };
  const std::string last = good.back().first;
  EXPECT_THAT(messageFor([](NamedTensors& state) { state.pop_back(); }),
              testing::AllOf(HasSubstr("lacks"), HasSubstr(last)));
  EXPECT_THAT(
      messageFor([](NamedTensors& state) { state.emplace_back("head.momentum", torch::zeros(2)); }),
      testing::AllOf(HasSubstr("unknown"), HasSubstr("head.momentum")));
  EXPECT_THAT(messageFor([](NamedTensors& state) {
                state.back().second = torch::zeros({9, 9});
              }),
              testing::AllOf(HasSubstr("another shape"), HasSubstr(last)));
  EXPECT_THAT(messageFor([](NamedTensors& state) { state.clear(); }), HasSubstr("lacks"));
  EXPECT_EQ(optimizer->stepsTaken(), 3);
  EXPECT_TRUE(torch::equal(flattened(optimizer->state()), before));
}

TEST_P(EveryRule, LowersAQuadratic) {
  Tensor weight = (1 + wave({8, 8}, 0.3)).requires_grad_();
  const auto loss = [&] { return (weight - 0.25).square().sum(); };
  const auto optimizer = makeOptimizer(GetParam(), {{"weight", weight}});
  const double start = loss().item<double>();
  for (int step = 0; step < 200; ++step) {
    optimizer->zeroGrad();
    loss().backward();
    optimizer->step();
  }
  EXPECT_LT(loss().item<double>(), 0.8 * start);
}

TEST(Optimizer, NamesItsStateAsPromised) {
  const auto stateOf = [](const Rule& rule) {
    NamedTensors parameters = {{"a.weight", torch::ones({2, 2}).requires_grad_()},
                               {"a.bias", torch::ones({2}).requires_grad_()}};
    const auto optimizer = makeOptimizer(rule, parameters);
    setGradients(parameters, 0);
    optimizer->step();
    return namesOf(optimizer->state());
  };
  EXPECT_THAT(stateOf(kLars), ElementsAre("a.weight.momentum", "a.bias.momentum"));
  EXPECT_THAT(stateOf(kSgd), ElementsAre("a.weight.momentum", "a.bias.momentum"));
  EXPECT_THAT(
      stateOf(kAdam),
      ElementsAre(
          "a.weight.exp_avg", "a.weight.exp_avg_sq", "a.bias.exp_avg", "a.bias.exp_avg_sq"));
  EXPECT_THAT(
      stateOf(kAdamW),
      ElementsAre(
          "a.weight.exp_avg", "a.weight.exp_avg_sq", "a.bias.exp_avg", "a.bias.exp_avg_sq"));
}

TEST(Optimizer, LarsGroupsByDimensionAndTheOthersDoNot) {
  const NamedTensors parameters = makeParameters();
  const auto lars = makeOptimizer(kLars, parameters)->groups();
  ASSERT_EQ(lars.size(), 2u);
  EXPECT_THAT(lars[0].parameters,
              ElementsAre("conv.weight", "linear.weight", "zero.weight", "still.weight"));
  EXPECT_TRUE(lars[0].usesTrustRatio);
  EXPECT_EQ(lars[0].weightDecay, 1e-2);
  EXPECT_EQ(lars[0].learningRate, 0.2);
  EXPECT_THAT(lars[1].parameters, ElementsAre("norm.weight", "linear.bias"));
  EXPECT_FALSE(lars[1].usesTrustRatio);
  EXPECT_EQ(lars[1].weightDecay, 0);
  EXPECT_EQ(lars[1].learningRate, 0.0048);
  const auto sgd = makeOptimizer(kSgd, parameters)->groups();
  ASSERT_EQ(sgd.size(), 1u);
  EXPECT_EQ(sgd[0].parameters, namesOf(parameters));
  EXPECT_FALSE(sgd[0].usesTrustRatio);
}

// solo-learn's formula, written with numbers instead of lists.
TEST(Optimizer, ClippedLarsFollowsItsFormula) {
  OptimParams params;
  params.larsEta = 0.02;
  params.larsClip = true;
  params.weightDecay = 0.01;
  NamedTensors parameters = makeParameters();
  const NamedTensors before = [&] {
    NamedTensors copies;
    for (const auto& [name, parameter] : parameters) {
      copies.emplace_back(name, parameter.detach().clone());
    }
    return copies;
  }();
  for (const double rate : {0.0, 1e-4, 0.3}) {
    NamedTensors own;
    for (const auto& [name, parameter] : before) {
      own.emplace_back(name, parameter.clone().requires_grad_());
    }
    Optimizer optimizer(params, own);
    optimizer.setLearningRates({.weights = rate, .oneDimensional = 0.5 * rate});
    setGradients(own, 3);
    optimizer.step();
    for (std::size_t i = 0; i < own.size(); ++i) {
      const Tensor start = before[i].second;
      const Tensor gradient = own[i].second.grad();
      const double length = start.norm().item<double>();
      const double slope = gradient.norm().item<double>();
      Tensor expected = start - 0.5 * rate * gradient;
      if (start.dim() != 1) {
        const double trust = 0.02 * length / (slope + 0.01 * length + 1e-8);
        const double ratio = rate > 0 ? std::min(trust / rate, 1.0) : 1.0;
        expected = length > 0 && slope > 0 ? start - rate * ratio * (gradient + 0.01 * start)
                                           : start - rate * gradient;
      }
      EXPECT_LT(largestDifference(own[i].second.detach(), expected), 1e-14)
          << own[i].first << " at " << rate;
    }
  }
}

TEST(Optimizer, ClipsTheGradientOfAllGroupsTogether) {
  for (const double limit : {0.5, 1e5}) {
    OptimParams params;
    params.name = OptimizerName::Sgd;
    params.momentum = 0;
    params.weightDecay = 0;
    params.clipNorm = limit;
    NamedTensors parameters = makeParameters();
    const Tensor start = flattened(parameters).clone();
    Optimizer optimizer(params, parameters);
    optimizer.setLearningRates({.weights = 1, .oneDimensional = 1});
    setGradients(parameters, 1);
    std::vector<Tensor> gradients;
    for (const auto& [name, parameter] : parameters) {
      gradients.push_back(parameter.grad().flatten().clone());
    }
    const Tensor gradient = torch::cat(gradients);
    optimizer.step();
    const double length = gradient.norm().item<double>();
    ASSERT_GT(length, 0.5);
    const double factor = std::min(1.0, limit / (length + 1e-6));
    EXPECT_LT(largestDifference(flattened(parameters), start - factor * gradient), 1e-12);
    EXPECT_LT(largestDifference(parameters.front().second.grad().flatten(), gradients.front()),
              0.0 + 1e-15)
        << "the gradient itself is left alone";
  }
}

TEST(Optimizer, LarsLeavesATensorWithoutWeightAndGradientAtZero) {
  NamedTensors parameters = makeParameters();
  const auto optimizer = makeOptimizer(kLars, parameters);
  run(*optimizer, parameters, 0, 5);
  EXPECT_EQ(parameters.back().first, "still.weight");
  EXPECT_TRUE(
      torch::equal(parameters.back().second.detach(), torch::zeros({2, 2}, torch::kFloat64)));
}

TEST(Optimizer, ZeroRateMovesMomentaOnly) {
  NamedTensors parameters = makeParameters();
  const auto optimizer = makeOptimizer(kLars, parameters);
  optimizer->setLearningRates({.weights = 0, .oneDimensional = 0});
  const Tensor before = flattened(parameters);
  run(*optimizer, parameters, 0, 1);
  EXPECT_TRUE(torch::equal(flattened(parameters), before));
  EXPECT_GT(flattened(optimizer->state()).abs().max().item<double>(), 0);
}

TEST(Optimizer, ChecksThatEveryParameterHasAGradient) {
  NamedTensors parameters = makeParameters();
  const auto optimizer = makeOptimizer(kSgd, parameters);
  setGradients(parameters, 0);
  optimizer->zeroGrad();
  for (const auto& [name, parameter] : parameters) {
    EXPECT_FALSE(parameter.grad().defined()) << name;
  }
  EXPECT_THROW(optimizer->step(), CheckFailure);
}

// SwAV's prototypes while they are frozen: neither decay nor momentum, as if the step had not been.
TEST(Optimizer, WhatMayRestIsLeftAloneWithoutAGradient) {
  for (const OptimizerName name : {OptimizerName::Lars, OptimizerName::Sgd, OptimizerName::Adam}) {
    const OptimParams params{.name = name, .weightDecay = 0.1, .clipNorm = 0.5};
    NamedTensors parameters = makeParameters();
    const Tensor resting = wave({3, 2}, 0.4).requires_grad_();
    Optimizer optimizer(
        params, {{.tensors = parameters}, {.tensors = {{"prototypes", resting}}, .mayRest = true}});
    optimizer.setLearningRates({.weights = 0.1, .oneDimensional = 0.1});
    setGradients(parameters, 1);
    const Tensor before = resting.detach().clone();
    optimizer.step();
    EXPECT_TRUE(torch::equal(resting, before));
    for (const auto& [key, state] : optimizer.state()) {
      EXPECT_TRUE(!key.starts_with("prototypes") || state.abs().sum().item<double>() == 0) << key;
    }
    setGradients(parameters, 2);
    torch::Tensor(resting).mutable_grad() = torch::ones_like(resting);
    optimizer.step();
    EXPECT_FALSE(torch::equal(resting, before));
  }
}

TEST(Optimizer, AConstantRateIsThePeaksWhateverTheStep) {
  for (const OptimizerName name : {OptimizerName::Lars, OptimizerName::Sgd}) {
    const OptimParams params{.name = name};
    Optimizer optimizer(params,
                        {{.tensors = makeParameters()},
                         {.tensors = {{"predictor.weight", wave({3, 2}, 0.4).requires_grad_()},
                                      {"predictor.bias", wave({3}, 0.2).requires_grad_()}},
                          .hasConstantRate = true}});
    const LearningRates rates = learningRates(params, 512, 10, 100, 3);  // in the warm-up
    optimizer.setLearningRates(rates);
    for (const ParameterGroup& group : optimizer.groups()) {
      const bool isOneDimensional = name == OptimizerName::Lars && !group.usesTrustRatio;
      const double peak =
          2 * (isOneDimensional ? params.biasLearningRate : params.baseLearningRate);
      EXPECT_DOUBLE_EQ(group.learningRate, group.hasConstantRate ? peak : 0.03 * peak);
    }
  }
}

}  // namespace
}  // namespace barlow
