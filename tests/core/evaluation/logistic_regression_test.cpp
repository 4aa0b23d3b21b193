#include "core/evaluation/logistic_regression.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

using torch::Tensor;

struct Problem {
  Tensor x;
  std::vector<std::int64_t> labels;
};

// Overlapping classes, features of very different sizes that depend on each other.
Problem overlapping(std::int64_t n, std::int64_t features, int classes) {
  auto generator = at::detail::createCPUGenerator(7);
  Problem problem{torch::randn({n, features}, generator, torch::kFloat32), {}};
  for (std::int64_t i = 0; i < n; ++i) {
    problem.labels.push_back((i * i + i / 3) % classes);
    problem.x[i][problem.labels.back() % features] += 1.5;
  }
  problem.x = torch::mm(problem.x, torch::randn({features, features}, generator, torch::kFloat32));
  problem.x.select(1, 0).mul_(100).add_(1000);
  problem.x.select(1, 1).mul_(0.01);
  return problem;
}

// The objective as it is written, in double by autograd.
double lossOf(const Problem& problem, const Tensor& weight, const Tensor& bias, double l2) {
  const Tensor logits = torch::addmm(bias, problem.x.to(torch::kFloat64), weight.t());
  return (at::cross_entropy_loss(logits, torch::tensor(problem.labels)) +
          l2 / 2 * weight.square().sum())
      .item<double>();
}

TEST(LogisticRegression, IsAtTheLowestPointOfItsObjective) {
  const Problem problem = overlapping(700, 6, 4);
  const double l2 = 1.0 / 700;
  const auto fit =
      fitLogistic(problem.x, problem.labels, {.classes = 4, .l2 = l2, .tolerance = 1e-6});
  ASSERT_TRUE(fit);
  const Tensor weight = fit->head.weight.to(torch::kFloat64);
  const Tensor bias = fit->head.bias.to(torch::kFloat64);
  const double lowest = lossOf(problem, weight, bias, l2);
  EXPECT_NEAR(fit->loss, lowest, 1e-4);
  const Tensor scale = problem.x.to(torch::kFloat64).std(0);
  double best = lowest;
  auto generator = at::detail::createCPUGenerator(1);
  for (int i = 0; i < 200; ++i) {  // steps of any size lead up
    const double size = std::pow(10.0, -1 - i % 4);
    const Tensor step = torch::randn({4, 6}, generator, torch::kFloat64) * size / scale;
    const Tensor moved = torch::randn({4}, generator, torch::kFloat64) * size -
                         torch::mv(step, problem.x.to(torch::kFloat64).mean(0));
    best = std::min(best, lossOf(problem, weight + step, bias + moved, l2));
  }
  EXPECT_GT(best, lowest - 2e-6);
}

TEST(LogisticRegression, IsTheSameWithAnyNumberOfThreadsAndInAnyCoordinates) {
  const Problem problem = overlapping(3000, 5, 3);
  const LogisticOptions options{.classes = 3, .l2 = 1e-9, .tolerance = 1e-5};
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = fitLogistic(problem.x, problem.labels, options);
  at::set_num_threads(3);
  const auto three = fitLogistic(problem.x, problem.labels, options);
  at::set_num_threads(before);
  EXPECT_NEAR(one->loss, three->loss, 1e-6);
  Problem scaled = problem;
  scaled.x = problem.x * 1000 + 5;
  EXPECT_NEAR(fitLogistic(scaled.x, scaled.labels, options)->loss, one->loss, 1e-4);
}

TEST(LogisticRegression, TellsSeparateClassesApartAndRanksThem) {
  Problem problem{torch::zeros({60, 3}), {}};
  for (std::int64_t i = 0; i < 60; ++i) {
    problem.labels.push_back(i % 3);
    problem.x[i][i % 3] = 1;
  }
  const auto fit = fitLogistic(problem.x, problem.labels, {.classes = 3, .l2 = 1.0 / 60});
  ASSERT_TRUE(fit);
  EXPECT_TRUE(fit->hasConverged);
  const Tensor ranked = rankedByHead(fit->head, problem.x);
  EXPECT_EQ(ranked.size(1), 3);
  EXPECT_TRUE(torch::equal(ranked.select(1, 0), torch::tensor(problem.labels)));
}

TEST(LogisticRegression, CopesWithDeadFeaturesAClassOfNobodyAndMoreFeaturesThanImages) {
  const Tensor x = torch::cat({torch::eye(6).repeat({2, 1}), torch::zeros({12, 40})}, 1);
  const std::vector<std::int64_t> labels = {0, 0, 0, 2, 2, 2, 0, 0, 0, 2, 2, 2};
  const auto fit = fitLogistic(x, labels, {.classes = 4, .l2 = 1.0 / 12});
  ASSERT_TRUE(fit);
  EXPECT_TRUE(torch::isfinite(fit->head.weight).all().item<bool>());
  EXPECT_TRUE(torch::equal(rankedByHead(fit->head, x).select(1, 0), torch::tensor(labels)));
}

TEST(LogisticRegression, ReportsProgressAndStops) {
  const Problem problem = overlapping(500, 4, 3);
  std::stop_source stop;
  double last = 0;
  const auto fit = fitLogistic(
      problem.x, problem.labels, {.classes = 3, .l2 = 1e-3}, stop.get_token(), [&](double share) {
        EXPECT_GE(share, last);
        last = share;
        if (share > 0.1) {
          stop.request_stop();
        }
      });
  EXPECT_FALSE(fit);
}

}  // namespace
}  // namespace barlow
