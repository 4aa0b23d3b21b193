#include "core/objectives/sigreg_loss.h"
#include "core/objectives/vicreg_loss.h"
#include "tests/core/objectives/golden_views.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace barlow {
namespace {

using torch::Tensor;

Tensor random(std::int64_t n, std::int64_t d, std::uint64_t seed) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return torch::randn({n, d}, generator, torch::kFloat64);
}

LossOfViews vicreg(const VicregParams& params) {
  return [=](const Tensor& a, const Tensor& b) { return vicregLoss(a, b, params).loss; };
}

TEST(VicregLoss, HasThePublishedValues) {
  expectGolden(vicreg({.halvesVariance = true}),
               37.767110292015,
               {1.841104199383, 2.233753264214, .047962476029});
  expectGolden(vicreg({}), 47.369136557156, {1.423413352398, 1.418382402010, .128859865104});
  const VicregTerms terms = vicregLoss(goldenA(), goldenB(), {});
  EXPECT_NEAR(terms.invariance.item<double>(), 1.096971860601, 1e-12);
  EXPECT_NEAR(terms.variance.item<double>(), .768162101211, 1e-12);
  EXPECT_NEAR(terms.covariance.item<double>(), .740787511842, 1e-12);
  expectNoOrder(vicreg({}));
}

// The formula with the whole covariance matrix, by autograd.
TEST(VicregLoss, CovarianceIsTheSameFromEitherProduct) {
  for (const auto& [n, d] : {std::pair<int, int>{9, 4}, {4, 9}, {6, 6}, {2, 3}}) {
    const auto gradientOf = [&](const std::function<Tensor(const Tensor&)>& lossOf) {
      const Tensor z = random(n, d, 3).requires_grad_();
      const Tensor loss = lossOf(z);
      loss.backward();
      return std::pair{loss.item<double>(), z.grad()};
    };
    const Tensor other = random(n, d, 4);
    const auto [found, gradient] = gradientOf([&](const Tensor& z) {
      return vicregLoss(z, other, {.invariance = 0, .variance = 0}).loss;
    });
    const auto [expected, expectedGradient] = gradientOf([&](const Tensor& z) {
      Tensor sum = torch::zeros({}, torch::kFloat64);
      for (const Tensor& view : {z, other}) {
        const Tensor centred = view - view.mean(0);
        const Tensor covariance = centred.t().mm(centred) / (view.size(0) - 1);
        sum = sum + (covariance - torch::diag(covariance.diagonal())).square().sum() / d;
      }
      return sum;
    });
    EXPECT_NEAR(found, expected, 1e-11) << n << " x " << d;
    EXPECT_LT(largestDifference(gradient, expectedGradient), 1e-11) << n << " x " << d;
  }
}

TEST(VicregLoss, ShowsCollapse) {
  const Tensor equal = torch::full({6, 5}, 0.3, torch::kFloat64);
  const VicregTerms terms = vicregLoss(equal, equal, {});
  EXPECT_NEAR(terms.variance.item<double>(), 2 * 0.99, 1e-12);
  EXPECT_EQ(terms.covariance.item<double>(), 0);
}

LossOfViews sigreg(int knots, double range) {
  return [=](const Tensor& a, const Tensor& b) {
    return sigregLoss({a, b}, goldenDirections(), knots, range);
  };
}

TEST(SigregLoss, HasThePublishedValues) {
  expectGolden(
      [](const Tensor& a, const Tensor&) { return sigregLoss({a}, goldenDirections(), 17, 3); },
      1.197192433008,
      {-.183437159140, -.151428842658, -.082345464228});
  expectGolden(sigreg(17, 3), 1.723375962792, {-.091718579570, -.075714421329, -.041172732114});
  // The paper's 17 points from -5 to 5.
  expectGolden(sigreg(9, 5), 1.734438136109, {-.093737971061, -.077143240202, -.041661153676});
  // Both views as one sample, which stable-pretraining takes.
  expectGolden(
      [](const Tensor& a, const Tensor& b) {
        return sigregLoss({torch::cat({a, b})}, goldenDirections(), 17, 3);
      },
      2.695269791562,
      {-.071271284994, .008945272880, .086971715977});
  expectNoOrder(sigreg(17, 3));
}

TEST(SigregLoss, IsTheFormulaInStripsOfDirections) {
  const Tensor directions = random(7, 150, 2);
  const auto formula = [&](const Tensor& z) {  // one view
    const Tensor unit = directions / directions.norm(2, 0, true);
    const Tensor t = torch::linspace(0, 3, 17, torch::kFloat64);
    const Tensor phi = (t.square() / -2).exp();
    Tensor weights = torch::full({17}, 2 * 3.0 / 16, torch::kFloat64);
    weights[0] = weights[16] = 3.0 / 16;
    const Tensor x = z.mm(unit).unsqueeze(2) * t;
    const Tensor distance = (x.cos().mean(0) - phi).square() + x.sin().mean(0).square();
    return (distance * phi * weights).sum(1).mean() * z.size(0);
  };
  const Tensor z = random(200, 7, 1);
  const Tensor first = z.clone().requires_grad_();
  const Tensor second = z.clone().requires_grad_();
  const Tensor found = sigregLoss({first}, directions, 17, 3);
  const Tensor expected = formula(second);
  found.backward();
  expected.backward();
  EXPECT_NEAR(found.item<double>(), expected.item<double>(), 1e-11);
  EXPECT_LT(largestDifference(first.grad(), second.grad()), 1e-12);
}

TEST(SigregLoss, TellsAGaussianFromCollapse) {
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    sum += sigregLoss({random(64, 16, seed)}, random(16, 64, 100 + seed), 17, 3).item<double>();
  }
  EXPECT_NEAR(sum / 40, 1.052464, 0.1) << "what samples of N(0, I) have, of any number";
  const Tensor collapsed = torch::zeros({64, 16}, torch::kFloat64);
  EXPECT_NEAR(
      sigregLoss({collapsed}, random(16, 8, 1), 17, 3).item<double>(), 64 * 0.402048, 64 * 1e-6);
}

TEST(LejepaLoss, HasThePublishedValues) {
  const auto lejepa = [](std::vector<Tensor> others) {
    return [others](const Tensor& a, const Tensor& b) {
      std::vector<Tensor> views = {a, b};
      views.insert(views.end(), others.begin(), others.end());
      return lejepaLoss(views, goldenDirections(), {}).loss;
    };
  };
  expectGolden(lejepa({}), .346699615032, {.015326353193, .023840918006, -.001302747287});
  expectGolden(
      lejepa({goldenSmall()}), .564429723026, {.009342955174, .007756322854, -.015198699222});
  expectGolden(
      [](const Tensor& a, const Tensor& b) {
        const LejepaParams minimal{.lambda = 0.02, .center = LejepaCenter::AllViews};
        return lejepaLoss({a, b, goldenSmall()}, goldenDirections(), minimal).loss;
      },
      .425893962879,
      {.011869657661, .012393447194, -.009884285886});
  EXPECT_NEAR(lejepaLoss({goldenA(), goldenB()}, goldenDirections(), {}).invariance.item<double>(),
              .274242965150,
              1e-12);
}

}  // namespace
}  // namespace barlow
