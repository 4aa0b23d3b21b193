#include "core/evaluation/collapse.h"

#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

TEST(Collapse, OneDirectionHasRankOne) {
  const torch::Tensor z =
      torch::arange(8, torch::kFloat32).unsqueeze(1) * torch::tensor({{1.0f, 2.0f, -3.0f}});
  EXPECT_NEAR(collapseNumbers(z).effectiveRank, 1.0, 1e-5);
}

TEST(Collapse, EqualOrthogonalDirectionsHaveFullRank) {
  // Columns of a Hadamard matrix without the constant one: centred, orthogonal, of one length.
  const torch::Tensor z =
      torch::tensor({{1., 1., 1.}, {-1., 1., -1.}, {1., -1., -1.}, {-1., -1., 1.}});
  EXPECT_NEAR(collapseNumbers(z).effectiveRank, 3.0, 1e-9);
  EXPECT_EQ(collapseNumbers(z).deadDimensions, 0);
}

TEST(Collapse, WideAndTallMatricesAgree) {
  const torch::Tensor z = torch::arange(60, torch::kFloat64).mul(0.7).sin().view({12, 5});
  // The same spectrum with more columns than rows: zero columns add nothing.
  const torch::Tensor wide = torch::cat({z, torch::zeros({12, 20}, torch::kFloat64)}, 1);
  EXPECT_NEAR(collapseNumbers(z).effectiveRank, collapseNumbers(wide).effectiveRank, 1e-9);
}

TEST(Collapse, CountsDeadDimensions) {
  torch::Tensor z = torch::arange(60, torch::kFloat32).mul(0.7f).sin().view({12, 5}).clone();
  z.select(1, 2).fill_(3.0f);
  z.select(1, 4).mul_(1e-6f);
  EXPECT_EQ(collapseNumbers(z).deadDimensions, 2);
  EXPECT_EQ(collapseNumbers(torch::ones({6, 4})).deadDimensions, 4);
}

TEST(Collapse, SpreadIsThatOfUnitVectors) {
  EXPECT_NEAR(collapseNumbers(torch::ones({6, 4})).embeddingStd, 0.0, 1e-12);
  // Rows +-e1 and +-e2: each column holds 1, -1, 0, 0, unbiased standard deviation sqrt(2/3).
  const torch::Tensor z = torch::tensor({{5.f, 0.f}, {-2.f, 0.f}, {0.f, 1.f}, {0.f, -9.f}});
  EXPECT_NEAR(collapseNumbers(z).embeddingStd, std::sqrt(2.0 / 3.0), 1e-9);
}

// Against C itself, where it is taller and where it is wider than the batch.
TEST(Collapse, TellsTheCorrelationOfTwoViews) {
  for (const std::int64_t d : {3, 20}) {
    const torch::Tensor base = torch::arange(12 * d, torch::kFloat64).mul(0.7).sin().view({12, d});
    const torch::Tensor other = base + base.roll(1, 1).mul(0.5) + 3;
    const auto standard = [](const torch::Tensor& z) {
      return (z - z.mean(0)) / (z.var(0, false) + 1e-5).sqrt();
    };
    const torch::Tensor c = torch::mm(standard(base).t(), standard(other)) / 12;
    const torch::Tensor rest = c - torch::diag(c.diagonal());
    CollapseNumbers numbers;
    addCorrelation(numbers, base, other);
    EXPECT_NEAR(numbers.meanDiagonal.value(), c.diagonal().mean().item<double>(), 1e-12);
    EXPECT_NEAR(numbers.rmsOffDiagonal.value(),
                std::sqrt(rest.square().sum().item<double>() / static_cast<double>(d * (d - 1))),
                1e-12);
  }
}

}  // namespace
}  // namespace barlow
