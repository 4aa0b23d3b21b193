#include "core/models/norm_relu.h"

#include "core/base/check.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <tuple>

namespace barlow {
namespace {

using torch::Tensor;

Tensor random(torch::IntArrayRef shape, std::uint64_t seed, torch::ScalarType type) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return torch::randn(shape, generator, torch::kFloat64)
      .to(type)
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::nn::BatchNorm2d makeNorm(std::int64_t channels, torch::ScalarType type) {
  torch::nn::BatchNorm2d norm(channels);
  torch::NoGradGuard noGrad;
  norm->weight.copy_(torch::linspace(-0.5, 1.5, channels));
  norm->bias.copy_(torch::linspace(0.3, -0.4, channels));
  norm->weight.set_data(norm->weight.to(type));
  norm->bias.set_data(norm->bias.to(type));
  norm->running_mean.set_data(norm->running_mean.to(type));
  norm->running_var.set_data(norm->running_var.to(type));
  return norm;
}

struct Pass {
  Tensor y, dx, dWeight, dBias, dResidual, runningMean, runningVariance, count;
};

// The same through `normalize`, or through LibTorch's operations one by one.
Pass passOf(bool isFused,
            const Tensor& input,
            bool hasRelu,
            const Tensor& other,
            torch::nn::BatchNorm2d norm) {
  const Tensor x = input.clone().requires_grad_();
  const Tensor residual = other.defined() ? other.clone().requires_grad_() : Tensor();
  Tensor y;
  if (isFused) {
    y = normalize(norm, x, hasRelu, residual);
  } else {
    y = norm->forward(x);
    y = residual.defined() ? y + residual : y;
    y = hasRelu ? y.relu() : y;
  }
  // A slope that differs everywhere.
  (y * random(y.sizes(), 9, y.scalar_type())).sum().backward();
  return {.y = y.detach(),
          .dx = x.grad(),
          .dWeight = norm->weight.grad(),
          .dBias = norm->bias.grad(),
          .dResidual = residual.defined() ? residual.grad() : torch::zeros({1}),
          .runningMean = norm->running_mean,
          .runningVariance = norm->running_var,
          .count = norm->num_batches_tracked};
}

double difference(const Tensor& a, const Tensor& b) {
  return ((a - b).abs().max() / b.abs().max().clamp_min(1e-30)).item<double>();
}

void expectSame(const Pass& ours, const Pass& theirs, double tolerance) {
  EXPECT_LT(difference(ours.y, theirs.y), tolerance);
  EXPECT_LT(difference(ours.dx, theirs.dx), tolerance);
  EXPECT_LT(difference(ours.dWeight, theirs.dWeight), tolerance);
  EXPECT_LT(difference(ours.dBias, theirs.dBias), tolerance);
  EXPECT_LE(difference(ours.dResidual, theirs.dResidual), tolerance);
  EXPECT_LT(difference(ours.runningMean, theirs.runningMean), tolerance);
  EXPECT_LT(difference(ours.runningVariance, theirs.runningVariance), tolerance);
  EXPECT_EQ(ours.count.item<std::int64_t>(), theirs.count.item<std::int64_t>());
}

class NormRelu : public testing::TestWithParam<std::tuple<bool, bool>> {};
INSTANTIATE_TEST_SUITE_P(Ways, NormRelu, testing::Combine(testing::Bool(), testing::Bool()));

// Sizes: more rows than one unit of work, rows that are no multiple of a run, odd channel counts.
TEST_P(NormRelu, EqualsTheOperationsOneByOneInDouble) {
  const auto [hasRelu, hasResidual] = GetParam();
  for (const auto& shape : std::vector<std::vector<std::int64_t>>{
           {2, 3, 5, 7}, {9, 16, 33, 31}, {4, 130, 3, 3}, {5, 2100, 1, 1}, {2, 1, 1, 1}}) {
    const Tensor x = random(shape, 1, torch::kFloat64) + 40;  // far from zero
    const Tensor residual = hasResidual ? random(shape, 2, torch::kFloat64) : Tensor();
    expectSame(passOf(true, x, hasRelu, residual, makeNorm(shape[1], torch::kFloat64)),
               passOf(false, x, hasRelu, residual, makeNorm(shape[1], torch::kFloat64)),
               1e-9);
  }
}

TEST_P(NormRelu, IsAtLeastAsExactInFloatAsLibTorch) {
  const auto [hasRelu, hasResidual] = GetParam();
  const std::vector<std::int64_t> shape = {32, 16, 32, 32};
  const Tensor exactX = random(shape, 3, torch::kFloat64) + 3;
  const Tensor x = exactX.to(torch::kFloat32);
  const Tensor residual = hasResidual ? random(shape, 4, torch::kFloat32) : Tensor();
  const Pass exact = passOf(false,
                            x.to(torch::kFloat64),
                            hasRelu,
                            hasResidual ? residual.to(torch::kFloat64) : Tensor(),
                            makeNorm(16, torch::kFloat64));
  const Pass ours = passOf(true, x, hasRelu, residual, makeNorm(16, torch::kFloat32));
  EXPECT_LT(difference(ours.y, exact.y), 1e-6);
  EXPECT_LT(difference(ours.runningMean, exact.runningMean), 1e-6);
  EXPECT_LT(difference(ours.runningVariance, exact.runningVariance), 1e-6);
  EXPECT_LT(difference(ours.dBias, exact.dBias), 1e-5);
  EXPECT_LT(difference(ours.dWeight, exact.dWeight), 1e-5);
}

TEST(NormReluBits, DoNotDependOnTheNumberOfThreads) {
  const Tensor x = random({16, 24, 32, 32}, 5, torch::kFloat32);
  const int before = at::get_num_threads();
  std::vector<Pass> passes;
  for (const int threads : {1, 3}) {
    at::set_num_threads(threads);
    passes.push_back(passOf(true, x, true, x, makeNorm(24, torch::kFloat32)));
  }
  at::set_num_threads(before);
  EXPECT_TRUE(passes[0].y.equal(passes[1].y));
  EXPECT_TRUE(passes[0].dx.equal(passes[1].dx));
  EXPECT_TRUE(passes[0].dWeight.equal(passes[1].dWeight));
}

TEST(NormReluGradient, IsThatOfFiniteDifferences) {
  const Tensor x = random({2, 2, 3, 3}, 6, torch::kFloat64);
  const Tensor slope = random({2, 2, 3, 3}, 7, torch::kFloat64);
  const auto value = [&](const Tensor& input) {
    torch::NoGradGuard noGrad;
    auto norm = makeNorm(2, torch::kFloat64);
    return (normalize(norm, input, true) * slope).sum().item<double>();
  };
  auto norm = makeNorm(2, torch::kFloat64);
  const Tensor leaf = x.clone().requires_grad_();
  (normalize(norm, leaf, true) * slope).sum().backward();
  const double h = 1e-6;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    Tensor shift = torch::zeros_like(x);
    shift.permute({0, 2, 3, 1}).view(-1)[i] = h;
    const double expected = (value(x + shift) - value(x - shift)) / (2 * h);
    EXPECT_NEAR(leaf.grad().permute({0, 2, 3, 1}).reshape(-1)[i].item<double>(), expected, 1e-6);
  }
}

TEST(NormRelu, OfANetworkThatDoesNotLearnTakesTheRunningStatistics) {
  for (const bool hasRelu : {false, true}) {
    for (const bool hasResidual : {false, true}) {
      auto norm = makeNorm(5, torch::kFloat64);
      norm->running_mean.copy_(torch::linspace(-1, 2, 5));
      norm->running_var.copy_(torch::linspace(0.01, 3, 5));
      norm->eval();
      const Tensor x = random({3, 5, 4, 7}, 4, torch::kFloat64);
      const Tensor residual = hasResidual ? random({3, 5, 4, 7}, 5, torch::kFloat64) : Tensor();
      Tensor expected = norm->forward(x);
      expected = hasResidual ? expected + residual : expected;
      expected = hasRelu ? expected.relu() : expected;
      const Tensor mean = norm->running_mean.clone();
      torch::NoGradGuard noGrad;
      const Tensor y = normalize(norm, x, hasRelu, residual);
      EXPECT_LT(difference(y, expected), 1e-14) << hasRelu << hasResidual;
      EXPECT_TRUE(norm->running_mean.equal(mean));
      EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 0);
      x[1][2][3][4] = std::numeric_limits<double>::quiet_NaN();
      EXPECT_EQ(torch::isnan(normalize(norm, x, hasRelu, residual)).sum().item<std::int64_t>(), 1);
    }
  }
}

TEST(NormReluFallback, LeavesOtherCasesToLibTorch) {
  auto norm = makeNorm(4, torch::kFloat32);
  const Tensor contiguous = random({3, 4, 5, 5}, 8, torch::kFloat32).contiguous();
  EXPECT_LT(difference(normRelu(norm, contiguous),
                       makeNorm(4, torch::kFloat32)->forward(contiguous).relu()),
            1e-6);
  norm->eval();
  const Tensor x = contiguous.contiguous(torch::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(normRelu(norm, x).equal(norm->forward(x).relu()));
  EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 1) << "evaluation counts nothing";
}

TEST(NormReluFallback, KeepsNaNsForTheTrainerToFind) {
  auto norm = makeNorm(2, torch::kFloat32);
  Tensor x = random({2, 2, 3, 3}, 8, torch::kFloat32);
  x.permute({0, 2, 3, 1})[0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(torch::isnan(normRelu(norm, x)).any().item<bool>());
}

}  // namespace
}  // namespace barlow
