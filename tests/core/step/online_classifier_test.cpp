#include "core/step/online_classifier.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/functional/loss.h>

#include <cmath>

namespace barlow {
namespace {

using torch::Tensor;

Tensor noise(torch::IntArrayRef shape, std::uint64_t seed) {
  return torch::randn(shape, at::detail::createCPUGenerator(seed), torch::kFloat32);
}

// LibTorch's cross-entropy, its gradient and torch.optim.SGD's rule, over some steps.
TEST(OnlineClassifier, IsSgdWithMomentumOnTheMeanCrossEntropy) {
  OnlineClassifier classifier(6, 4, torch::kCPU);
  Tensor weight = torch::zeros({4, 6}).requires_grad_();
  Tensor bias = torch::zeros({4}).requires_grad_();
  Tensor momentumOfWeight = torch::zeros({4, 6});
  Tensor momentumOfBias = torch::zeros({4});
  for (std::uint64_t step = 0; step < 5; ++step) {
    const std::vector<Tensor> views = {noise({9, 6}, 10 + step), noise({9, 6}, 20 + step)};
    Tensor labels = (torch::arange(9) + static_cast<std::int64_t>(step)) % 4;
    labels[3] = -1;  // without a class
    const double rate = 0.3 / static_cast<double>(step + 1);
    const Tensor numbers = classifier.step(views, labels, rate);

    const Tensor logits = torch::addmm(bias, torch::cat(views), weight.t());
    const Tensor truth = labels.repeat(2);
    const Tensor loss = torch::nn::functional::cross_entropy(
        logits, truth, torch::nn::functional::CrossEntropyFuncOptions().ignore_index(-1));
    const auto slopes = torch::autograd::grad({loss}, {weight, bias});
    const Tensor hits = logits.argmax(1).eq(truth).sum();
    EXPECT_NEAR(numbers[0].item<double>(), loss.item<double>(), 1e-6) << step;
    EXPECT_NEAR(numbers[1].item<double>(), hits.item<double>() / 16, 1e-6) << step;
    torch::NoGradGuard noGrad;
    momentumOfWeight.mul_(0.9).add_(slopes[0]);
    momentumOfBias.mul_(0.9).add_(slopes[1]);
    weight.sub_(momentumOfWeight, rate);
    bias.sub_(momentumOfBias, rate);
    EXPECT_TRUE(torch::allclose(classifier.head().weight, weight, 1e-5, 1e-6)) << step;
    EXPECT_TRUE(torch::allclose(classifier.head().bias, bias, 1e-5, 1e-6)) << step;
  }
}

TEST(OnlineClassifier, LearnsClassesThatALineDivides) {
  OnlineClassifier classifier(5, 3, torch::kCPU);
  const Tensor labels = torch::arange(60) % 3;
  const Tensor centers = noise({3, 5}, 1) * 3;
  Tensor numbers;
  for (std::uint64_t step = 0; step < 40; ++step) {
    const Tensor view = centers.index_select(0, labels) + noise({60, 5}, 100 + step);
    numbers = classifier.step({view}, labels, 0.1);
    if (step == 0) {
      EXPECT_NEAR(numbers[0].item<double>(), std::log(3.0), 1e-5) << "with zero weights";
    }
  }
  EXPECT_LT(numbers[0].item<double>(), 0.1);
  EXPECT_GT(numbers[1].item<double>(), 0.95);
}

TEST(OnlineClassifier, LearnsNothingFromImagesWithoutAClass) {
  OnlineClassifier classifier(3, 2, torch::kCPU);
  const Tensor numbers =
      classifier.step({noise({4, 3}, 1)}, torch::full({4}, -1, torch::kInt64), 0.5);
  EXPECT_TRUE(torch::isnan(numbers).all().item<bool>());
  EXPECT_FALSE(classifier.head().weight.any().item<bool>());
}

TEST(OnlineClassifier, SendsNoGradientToTheEncoder) {
  OnlineClassifier classifier(3, 2, torch::kCPU);
  const Tensor features = noise({4, 3}, 1).requires_grad_();
  (void)classifier.step({features}, torch::arange(4) % 2, 0.5);
  EXPECT_FALSE(features.grad().defined());
}

}  // namespace
}  // namespace barlow
