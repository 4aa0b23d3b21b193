#pragma once

#include "core/torch.h"
#include "tests/data/read_golden.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <array>
#include <functional>
#include <vector>

namespace barlow {

// The embeddings of the golden numbers (PyTorch in double, checked against lightly 1.6.0 and
// solo-learn): 6 samples of 5 dimensions.

/// wave(first + perRow i + perColumn j), with sine or cosine.
inline torch::Tensor grid(torch::Tensor (*function)(const torch::Tensor&),
                          double first,
                          double perRow,
                          double perColumn,
                          std::int64_t rows = 6,
                          std::int64_t columns = 5) {
  const torch::Tensor i = torch::arange(rows, torch::kFloat64).unsqueeze(1);
  const torch::Tensor j = torch::arange(columns, torch::kFloat64).unsqueeze(0);
  return function(first + perRow * i + perColumn * j);
}

inline torch::Tensor sine(const torch::Tensor& x) { return torch::sin(x); }
inline torch::Tensor cosine(const torch::Tensor& x) { return torch::cos(x); }
inline torch::Tensor goldenA() { return grid(sine, 1, .7, 1.3); }
inline torch::Tensor goldenB() { return grid(cosine, 2, .5, 1.1); }
inline torch::Tensor goldenSmall() { return grid(sine, .3, .9, .4); }
inline torch::Tensor goldenTargetA() { return grid(sine, 1.1, .7, 1.3); }
inline torch::Tensor goldenTargetB() { return grid(cosine, 2.1, .5, 1.1); }
inline torch::Tensor ofLengthOne(const torch::Tensor& x) { return x / x.norm(2, 1, true); }
inline torch::Tensor goldenQueueA() { return ofLengthOne(grid(cosine, 1, .6, .7, 8)); }
inline torch::Tensor goldenQueueB() { return ofLengthOne(grid(sine, 3, .9, .8, 8)); }
/// Not of length 1.
inline torch::Tensor goldenPrototypes() { return grid(sine, .5, .4, .9, 7); }
inline torch::Tensor goldenDirections() { return grid(sine, 1, .5, .8, 5, 4); }

using LossOfViews = std::function<torch::Tensor(const torch::Tensor& zA, const torch::Tensor& zB)>;

/// The loss of goldenA() and goldenB(), and the first three numbers of its gradient by the former.
inline void expectGolden(const LossOfViews& lossOf,
                         double expected,
                         const std::array<double, 3>& slope) {
  const torch::Tensor a = goldenA().requires_grad_();
  const torch::Tensor b = goldenB().requires_grad_();
  const torch::Tensor loss = lossOf(a, b);
  EXPECT_NEAR(loss.item<double>(), expected, 2e-12 * std::max(1.0, std::abs(expected)));
  loss.backward();
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(a.grad()[0][i].item<double>(), slope[static_cast<std::size_t>(i)], 2e-12) << i;
  }
}

/// The loss of goldenA() and goldenB() with rows of other lengths is the same.
inline void expectNoLengths(const LossOfViews& lossOf) {
  const torch::Tensor lengths = (torch::arange(6, torch::kFloat64) + 0.5).unsqueeze(1);
  const double expected = lossOf(goldenA(), goldenB()).item<double>();
  EXPECT_NEAR(lossOf(goldenA() * lengths, goldenB() / lengths).item<double>(), expected, 1e-12);
}

/// Samples in another order, the same in both views, have the same loss.
inline void expectNoOrder(const LossOfViews& lossOf) {
  const torch::Tensor order = torch::tensor({4, 1, 5, 0, 3, 2});
  const double expected = lossOf(goldenA(), goldenB()).item<double>();
  EXPECT_NEAR(
      lossOf(goldenA().index_select(0, order), goldenB().index_select(0, order)).item<double>(),
      expected,
      1e-12);
}

}  // namespace barlow
