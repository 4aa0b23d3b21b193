#include "core/objectives/barlow_twins_loss.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "tests/data/read_golden.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>

namespace barlow {
namespace {

using torch::Tensor;

constexpr double kLambda = 0.0051;

Tensor random(std::int64_t n,
              std::int64_t d,
              std::uint64_t seed,
              torch::ScalarType type = torch::kFloat64) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return torch::randn({n, d}, generator, torch::kFloat64).to(type);
}

// Two views of the same thing: B is A with noise.
std::pair<Tensor, Tensor> randomViews(std::int64_t n,
                                      std::int64_t d,
                                      torch::ScalarType type = torch::kFloat64) {
  const Tensor a = random(n, d, 1);
  return {a.to(type), (a + 0.7 * random(n, d, 2)).to(type)};
}

struct Gradients {
  BarlowTwinsTerms terms;
  Tensor a;
  Tensor b;
};

Gradients gradientsOf(const Tensor& zA, const Tensor& zB, double lambda, LossForm form) {
  const Tensor a = zA.clone().requires_grad_();
  const Tensor b = zB.clone().requires_grad_();
  Gradients result{.terms = barlowTwinsLoss(a, b, lambda, form)};
  result.terms.loss.backward();
  result.a = a.grad();
  result.b = b.grad();
  return result;
}

std::string nameOf(LossForm form) { return form == LossForm::Direct ? "direct" : "gram"; }

class BothForms : public testing::TestWithParam<LossForm> {};
INSTANTIATE_TEST_SUITE_P(BarlowTwinsLoss,
                         BothForms,
                         testing::Values(LossForm::Direct, LossForm::Gram),
                         [](const auto& form) { return nameOf(form.param); });

TEST_P(BothForms, MatchTheReferenceImplementation) {
  const auto golden = readGolden(BARLOW_TEST_SOURCE_DATA, "loss.json");
  for (const auto& [name, example] : golden.items()) {
    SCOPED_TRACE(name);
    const std::int64_t n = example.at("n");
    const std::int64_t d = example.at("d");
    const Tensor a = tensorOf(example.at("a"), {n, d});
    const Tensor b = tensorOf(example.at("b"), {n, d});
    const double lambda = example.at("lambda");
    const auto [terms, gradA, gradB] = gradientsOf(a, b, lambda, GetParam());
    EXPECT_NEAR(terms.loss.item<double>(), example.at("loss").get<double>(), 1e-11);
    EXPECT_NEAR(terms.onDiagonal.item<double>(), example.at("on").get<double>(), 1e-11);
    EXPECT_NEAR(terms.offDiagonal.item<double>(), example.at("off").get<double>(), 1e-11);
    const Tensor c = tensorOf(example.at("c"), {d, d});
    EXPECT_LT(largestDifference(crossCorrelation(a, b), c), 1e-12);
    EXPECT_LT(largestDifference(terms.diagonal, torch::diagonal(c)), 1e-12);
    EXPECT_LT(largestDifference(torch::mm(terms.standardA.t(), terms.standardB) / n, c), 1e-12);
    EXPECT_LT(largestDifference(gradA, tensorOf(example.at("grad_a"), {n, d})), 1e-11);
    EXPECT_LT(largestDifference(gradB, tensorOf(example.at("grad_b"), {n, d})), 1e-11);
  }
}

// Computed by hand and in another program; not from PyTorch.
TEST_P(BothForms, MatchNumbersFromAnIndependentProgram) {
  const Tensor a =
      torch::tensor({{1., 0., -1.}, {2., 1., 0.}, {3., -1., 1.}, {6., 2., 2.}}, torch::kFloat64);
  const Tensor b =
      torch::tensor({{.5, 1., -1.}, {2.5, 0., .5}, {2., -2., 1.}, {7., 1., 1.5}}, torch::kFloat64);
  const auto [terms, gradA, gradB] = gradientsOf(a, b, kLambda, GetParam());
  EXPECT_NEAR(terms.onDiagonal.item<double>(), 0.075902245, 1e-9);
  EXPECT_NEAR(terms.offDiagonal.item<double>(), 2.291455111, 1e-9);
  EXPECT_NEAR(terms.loss.item<double>(), 0.087588666, 1e-9);
  EXPECT_NEAR(barlowTwinsLoss(a, b, 0.005, GetParam()).loss.item<double>(), 0.087359521, 1e-9);
  const Tensor expected = torch::tensor({{-0.0006641, -0.1402735, 0.0063367},
                                         {-0.0023667, 0.0382656, -0.0079760},
                                         {0.0042625, 0.0807615, -0.0030575},
                                         {-0.0012317, 0.0212464, 0.0046968}},
                                        torch::kFloat64);
  EXPECT_LT(largestDifference(gradA, expected), 1e-6);
}

TEST_P(BothForms, GradientIsThatOfFiniteDifferences) {
  for (const auto& [n, d] : {std::pair<int, int>{5, 4}, {4, 9}}) {
    const auto [a, b] = randomViews(n, d);
    const auto [terms, gradA, gradB] = gradientsOf(a, b, 0.3, GetParam());
    const double h = 1e-5;
    for (std::int64_t i = 0; i < a.numel(); ++i) {
      Tensor shift = torch::zeros_like(a);
      shift.view(-1)[i] = h;
      const auto slope = [&](const Tensor& dA, const Tensor& dB) {
        return (barlowTwinsLoss(a + dA, b + dB, 0.3, GetParam()).loss.item<double>() -
                barlowTwinsLoss(a - dA, b - dB, 0.3, GetParam()).loss.item<double>()) /
               (2 * h);
      };
      const Tensor none = torch::zeros_like(a);
      EXPECT_NEAR(gradA.view(-1)[i].item<double>(), slope(shift, none), 1e-7);
      EXPECT_NEAR(gradB.view(-1)[i].item<double>(), slope(none, shift), 1e-7);
    }
  }
}

TEST_P(BothForms, ScaleTheGradientWithWhatComesFromAbove) {
  const auto [a, b] = randomViews(6, 10);
  const Tensor once = gradientsOf(a, b, kLambda, GetParam()).a;
  const Tensor x = a.clone().requires_grad_();
  (3 * barlowTwinsLoss(x, b, kLambda, GetParam()).loss).backward();
  EXPECT_LT(largestDifference(x.grad(), 3 * once), 1e-12);
}

// Joint statistics of both views would break this: a mistake that was shipped elsewhere for long.
TEST_P(BothForms, IgnoreScaleAndShiftOfEachView) {
  const auto [a, b] = randomViews(16, 24);
  const auto loss = [&](const Tensor& x, const Tensor& y) {
    return barlowTwinsLoss(x, y, kLambda, GetParam()).loss.item<double>();
  };
  const double expected = loss(a, b);
  // Not exact because of the epsilon beside the variance.
  EXPECT_NEAR(loss(a, 2 * b + 4), expected, 1e-3 * expected);
  EXPECT_NEAR(loss(5 * a - 3, b), expected, 1e-3 * expected);
  const Tensor scales = 1 + wave({1, 24}, 0.2).abs();
  EXPECT_NEAR(loss(a * scales, b), expected, 1e-3 * expected);
}

TEST_P(BothForms, IgnoreTheOrderOfSamples) {
  const auto [a, b] = randomViews(12, 20);
  const Tensor order = torch::tensor({7, 3, 11, 0, 5, 9, 1, 10, 2, 8, 6, 4});
  const auto [before, gradBefore, unused] = gradientsOf(a, b, kLambda, GetParam());
  const auto [after, gradAfter, unusedToo] =
      gradientsOf(a.index_select(0, order), b.index_select(0, order), kLambda, GetParam());
  EXPECT_NEAR(after.loss.item<double>(), before.loss.item<double>(), 1e-11);
  EXPECT_LT(largestDifference(gradAfter, gradBefore.index_select(0, order)), 1e-12);
}

TEST_P(BothForms, SwapGradientsWhenViewsAreSwapped) {
  const auto [a, b] = randomViews(12, 20);
  const auto [terms, gradA, gradB] = gradientsOf(a, b, kLambda, GetParam());
  const auto [swapped, swappedA, swappedB] = gradientsOf(b, a, kLambda, GetParam());
  EXPECT_NEAR(swapped.loss.item<double>(), terms.loss.item<double>(), 1e-11);
  EXPECT_LT(largestDifference(swappedA, gradB), 1e-12);
  EXPECT_LT(largestDifference(swappedB, gradA), 1e-12);
}

TEST_P(BothForms, StayAboveTheFloor) {
  for (const auto& [n, d, lambda] :
       {std::tuple<int, int, double>{9, 48, 0.05}, {17, 64, 0.0051}, {33, 20, 0.05}}) {
    const auto [a, b] = randomViews(n, d);
    EXPECT_GE(barlowTwinsLoss(a, b, lambda, GetParam()).loss.item<double>(),
              lossFloor(n, d, lambda));
    EXPECT_GE(barlowTwinsLoss(a, a, lambda, GetParam()).loss.item<double>(),
              lossFloor(n, d, lambda));
  }
}

TEST_P(BothForms, LeaveInputsAsTheyWereAndDetachTheRest) {
  const auto [a, b] = randomViews(8, 12);
  const Tensor copyA = a.clone();
  const Tensor copyB = b.clone();
  const auto [terms, gradA, gradB] = gradientsOf(a, b, kLambda, GetParam());
  EXPECT_TRUE(torch::equal(a, copyA));
  EXPECT_TRUE(torch::equal(b, copyB));
  EXPECT_TRUE(terms.loss.requires_grad());
  for (const Tensor& part :
       {terms.onDiagonal, terms.offDiagonal, terms.diagonal, terms.standardA, terms.standardB}) {
    EXPECT_FALSE(part.requires_grad());
  }
  // The correlation is still the correlation after the backward pass.
  EXPECT_LT(largestDifference(torch::mm(terms.standardA.t(), terms.standardB) / 8,
                              crossCorrelation(a, b)),
            1e-14);
  EXPECT_NEAR(terms.loss.item<double>(),
              terms.onDiagonal.item<double>() + kLambda * terms.offDiagonal.item<double>(),
              1e-12);
}

TEST_P(BothForms, ComputeInFloatWhatComesInHalf) {
  const auto [a, b] = randomViews(8, 12, torch::kBFloat16);
  const BarlowTwinsTerms terms = barlowTwinsLoss(a, b, kLambda, GetParam());
  EXPECT_EQ(terms.loss.scalar_type(), torch::kFloat32);
  const BarlowTwinsTerms exact =
      barlowTwinsLoss(a.to(torch::kFloat64), b.to(torch::kFloat64), kLambda, GetParam());
  EXPECT_NEAR(
      terms.loss.item<double>(), exact.loss.item<double>(), 1e-5 * exact.loss.item<double>());
}

TEST_P(BothForms, RefuseABatchOfOneAndAWidthOfOneInASentence) {
  const auto messageOf = [](const std::function<void()>& call) {
    try {
      call();
    } catch (const Exception& error) {
      return error.info().message;
    }
    return std::string("nothing was thrown");
  };
  const Tensor one = torch::zeros({1, 8});
  EXPECT_THAT(
      messageOf([&] { barlowTwinsLoss(one, one, kLambda, GetParam()); }),
      testing::AllOf(testing::HasSubstr("batch of 1"), testing::HasSubstr("at least 2 images")));
  EXPECT_THAT(messageOf([&] { crossCorrelation(one, one); }), testing::HasSubstr("batch of 1"));
  const Tensor narrow = random(8, 1, 3);
  EXPECT_THAT(messageOf([&] { barlowTwinsLoss(narrow, narrow, kLambda, GetParam()); }),
              testing::HasSubstr("at least 2"));
  const Tensor other = torch::zeros({8, 9});
  EXPECT_THROW(barlowTwinsLoss(narrow, other, kLambda, GetParam()), CheckFailure);
  EXPECT_THROW(crossCorrelation(narrow, other), CheckFailure);
}

TEST_P(BothForms, GiveNoNumberForEmbeddingsThatAreNotFinite) {
  auto [a, b] = randomViews(8, 12);
  a.view(-1)[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(barlowTwinsLoss(a, b, kLambda, GetParam()).loss.isfinite().item<bool>());
}

TEST(BarlowTwinsLoss, FormsAgreeInDouble) {
  for (const auto& [n, d] : {std::pair<int, int>{8, 32}, {32, 8}, {24, 24}, {2, 5}}) {
    const auto [a, b] = randomViews(n, d);
    const auto direct = gradientsOf(a, b, kLambda, LossForm::Direct);
    const auto gram = gradientsOf(a, b, kLambda, LossForm::Gram);
    const double scale = direct.terms.loss.item<double>();
    EXPECT_NEAR(gram.terms.loss.item<double>(), scale, 1e-12 * scale) << n << " x " << d;
    EXPECT_NEAR(
        gram.terms.offDiagonal.item<double>(), direct.terms.offDiagonal.item<double>(), 1e-10);
    EXPECT_LT(largestDifference(gram.a, direct.a), 1e-12);
    EXPECT_LT(largestDifference(gram.b, direct.b), 1e-12);
  }
}

TEST(BarlowTwinsLoss, FormsAgreeInFloat) {
  for (const auto& [n, d] : {std::pair<int, int>{32, 256}, {64, 64}}) {
    const auto [a, b] = randomViews(n, d, torch::kFloat32);
    const auto direct = gradientsOf(a, b, kLambda, LossForm::Direct);
    const auto gram = gradientsOf(a, b, kLambda, LossForm::Gram);
    const double scale = direct.terms.loss.item<double>();
    EXPECT_EQ(gram.terms.loss.scalar_type(), torch::kFloat32);
    EXPECT_NEAR(gram.terms.loss.item<double>(), scale, 1e-5 * scale);
    EXPECT_LT(largestDifference(gram.a, direct.a), 1e-5 * direct.a.abs().max().item<double>());
    EXPECT_LT(largestDifference(gram.b, direct.b), 1e-5 * direct.b.abs().max().item<double>());
  }
}

// In float both forms give the same numbers up to rounding, so equality to the bit tells which one
// ran.
TEST(BarlowTwinsLoss, AutoTakesTheCheaperForm) {
  const auto ran = [](std::int64_t n, std::int64_t d) {
    const auto [a, b] = randomViews(n, d, torch::kFloat32);
    const Tensor automatic = gradientsOf(a, b, kLambda, LossForm::Auto).a;
    const bool isGram = torch::equal(automatic, gradientsOf(a, b, kLambda, LossForm::Gram).a);
    const bool isDirect = torch::equal(automatic, gradientsOf(a, b, kLambda, LossForm::Direct).a);
    return std::pair{isGram, isDirect};
  };
  const std::pair gram{true, false};
  const std::pair direct{false, true};
  EXPECT_EQ(ran(48, 65), gram);
  EXPECT_EQ(ran(48, 64), direct);
  EXPECT_EQ(ran(48, 16), direct);
}

TEST(BarlowTwinsLoss, DirectFormCrossesItsTiles) {
  // 1100 columns are three tiles, the last one short.
  const auto [a, b] = randomViews(40, 1100);
  const auto direct = gradientsOf(a, b, kLambda, LossForm::Direct);
  const auto gram = gradientsOf(a, b, kLambda, LossForm::Gram);
  EXPECT_NEAR(direct.terms.loss.item<double>() / gram.terms.loss.item<double>(), 1, 1e-12);
  EXPECT_LT(largestDifference(direct.terms.diagonal, gram.terms.diagonal), 1e-12);
  EXPECT_LT(largestDifference(direct.a, gram.a), 1e-11);
  EXPECT_LT(largestDifference(direct.b, gram.b), 1e-11);
}

TEST(BarlowTwinsLoss, DirectFormNeedsNoGradient) {
  const auto [a, b] = randomViews(12, 5);
  const double expected = gradientsOf(a, b, kLambda, LossForm::Gram).terms.loss.item<double>();
  torch::NoGradGuard noGrad;
  EXPECT_NEAR(
      barlowTwinsLoss(a, b, kLambda, LossForm::Direct).loss.item<double>(), expected, 1e-10);
}

TEST(BarlowTwinsLoss, RefusesASecondDerivativeOfTheGramForm) {
  const auto [a, b] = randomViews(6, 10);
  const Tensor x = a.clone().requires_grad_();
  const Tensor loss = barlowTwinsLoss(x, b, kLambda, LossForm::Gram).loss;
  EXPECT_ANY_THROW(
      torch::autograd::grad({loss}, {x}, {}, /*retain_graph=*/true, /*create_graph=*/true));
}

TEST(CrossCorrelation, IsTransposedWhenViewsAreSwapped) {
  const auto [a, b] = randomViews(12, 20);
  EXPECT_LT(largestDifference(crossCorrelation(b, a), crossCorrelation(a, b).t()), 1e-14);
}

TEST(CrossCorrelation, OfTwoSamplesIsPlusOrMinusOne) {
  const Tensor c = crossCorrelation(random(2, 6, 1), random(2, 6, 2));
  EXPECT_LT(largestDifference(c.abs(), torch::ones({6, 6})), 1e-2);
}

// With the unbiased deviation the diagonal could not pass (N - 1) / N = 0.75.
TEST(Standardize, UsesTheBiasedVariance) {
  const Tensor a = 10 * random(4, 3, 5);
  EXPECT_GT(crossCorrelation(a, a).diagonal().min().item<double>(), 0.999);
  const Tensor standard = standardize(a);
  EXPECT_LT(largestDifference(standard.mean(0), torch::zeros(3)), 1e-14);
  EXPECT_LT(largestDifference(standard.var(0, /*unbiased=*/false), torch::ones(3)), 1e-5);
}

// method numbers of the paper's pseudo-code, computed elsewhere; rows of length 1 change nothing
// here that a test could miss: it is checked against its formula.
TEST(Standardize, HasTheHsicVariant) {
  const Tensor z = random(7, 3, 5);
  const Tensor rows = z / z.square().sum(1, true).sqrt();
  const Tensor centred = rows - rows.mean(0);
  const Tensor expected = centred / (centred.square().sum(0) / 6).sqrt();
  EXPECT_LT(largestDifference(standardize(z, Standardization::Hsic), expected), 1e-12);

  BarlowTwinsParams params;
  params.standardization = Standardization::Hsic;
  const BarlowTwinsTerms terms = barlowTwinsLoss(z, z, params);
  EXPECT_LT(largestDifference(terms.diagonal, torch::full({3}, 6.0 / 7.0, torch::kFloat64)), 1e-12)
      << "(N - 1) / N";
}

// The ablations of the paper's tables 5 and 6, against their formulas by autograd.

Tensor offDiagonalOf(const Tensor& c) {
  return c.masked_select(torch::eye(c.size(0), torch::kBool).logical_not());
}

struct Ablation {
  std::string name;
  BarlowTwinsParams params;
  std::function<Tensor(const Tensor& c)> loss;
};

class Ablations : public testing::TestWithParam<Ablation> {};
INSTANTIATE_TEST_SUITE_P(
    BarlowTwinsLoss,
    Ablations,
    testing::Values(Ablation{"invariance",
                             {.terms = BarlowTerms::Invariance},
                             [](const Tensor& c) { return (c.diagonal() - 1).square().sum(); }},
                    Ablation{
                        "redundancy",
                        {.terms = BarlowTerms::Redundancy},
                        [](const Tensor& c) { return kLambda * offDiagonalOf(c).square().sum(); }},
                    Ablation{"cross_entropy",
                             {.criterion = BarlowCriterion::CrossEntropy, .temperature = 0.3},
                             [](const Tensor& c) {
                               return -(c.diagonal() / 0.3).exp().sum().log() +
                                      kLambda *
                                          (torch::relu(offDiagonalOf(c)) / 0.3).exp().sum().log();
                             }}),
    [](const auto& test) { return test.param.name; });

TEST_P(Ablations, AreTheirFormulas) {
  const auto [a, b] = randomViews(12, 7);
  const auto gradientsBy = [&](const std::function<Tensor(const Tensor&, const Tensor&)>& lossOf) {
    const Tensor x = a.clone().requires_grad_();
    const Tensor y = b.clone().requires_grad_();
    const Tensor loss = lossOf(x, y);
    loss.backward();
    return std::tuple{loss.item<double>(), x.grad(), y.grad()};
  };
  const auto [found, foundA, foundB] = gradientsBy([](const Tensor& x, const Tensor& y) {
    return barlowTwinsLoss(x, y, GetParam().params).loss;
  });
  const auto [expected, expectedA, expectedB] = gradientsBy([](const Tensor& x, const Tensor& y) {
    return GetParam().loss(torch::mm(standardize(x).t(), standardize(y)) / x.size(0));
  });
  EXPECT_NEAR(found, expected, 1e-12);
  EXPECT_LT(largestDifference(foundA, expectedA), 1e-12);
  EXPECT_LT(largestDifference(foundB, expectedB), 1e-12);

  const BarlowTwinsTerms terms = barlowTwinsLoss(a, b, GetParam().params);
  const BarlowTwinsTerms plain = barlowTwinsLoss(a, b, kLambda);
  EXPECT_LT(largestDifference(terms.diagonal, plain.diagonal), 1e-12);
  EXPECT_NEAR(terms.squares.item<double>(), plain.offDiagonal.item<double>(), 1e-10);
  EXPECT_TRUE(std::isnan(lossFloor(12, 7, GetParam().params)));
}

TEST_P(BothForms, StopTheGradientOfTheSecondView) {
  const auto [zA, zB] = randomViews(8, 12);
  const Tensor a = zA.clone().requires_grad_();
  const Tensor b = zB.clone().requires_grad_();
  BarlowTwinsParams params;
  params.form = GetParam();
  params.stopGradient = true;
  barlowTwinsLoss(a, b, params).loss.backward();
  EXPECT_FALSE(b.grad().defined());
  EXPECT_TRUE(torch::equal(a.grad(), gradientsOf(zA, zB, kLambda, GetParam()).a));
}

TEST(Standardize, HasThePapersAblations) {
  const Tensor z = 3 * random(7, 4, 5) + 2;
  const Tensor rows = standardize(z, Standardization::Features);
  EXPECT_LT(largestDifference(rows.square().sum(1), torch::full({7}, 4.0)), 1e-12)
      << "of the length sqrt(D), so that C_ii can be 1";
  const Tensor batch = standardize(z);
  EXPECT_LT(largestDifference(rows / rows.norm(2, 1, true), batch / batch.norm(2, 1, true)), 1e-12);
  EXPECT_LT(largestDifference(standardize(z, Standardization::None), z - z.mean(0)), 1e-12);
  BarlowTwinsParams params;
  EXPECT_EQ(lossFloor(9, 48, params), lossFloor(9, 48, kLambda));
  params.standardization = Standardization::None;
  EXPECT_TRUE(std::isnan(lossFloor(9, 48, params)));
}

TEST(LossFloor, IsReachedByDescentAndZeroForNarrowEmbeddings) {
  EXPECT_NEAR(lossFloor(9, 48, 0.05), 9.6, 1e-12);
  EXPECT_NEAR(lossFloor(17, 64, 0.0051), 0.96444, 1e-5);
  EXPECT_NEAR(lossFloor(2048, 8192, 0.0051), 123.5, 0.1);
  EXPECT_EQ(lossFloor(256, 128, 0.0051), 0.0);
  EXPECT_EQ(lossFloor(65, 64, 0.0051), 0.0);
  EXPECT_THROW(lossFloor(1, 64, 0.0051), CheckFailure);

  // Plain gradient descent on free embeddings comes close to the floor and never below it.
  const double floor = lossFloor(9, 48, 0.05);
  Tensor a = random(9, 48, 1);
  Tensor b = a + 0.1 * random(9, 48, 2);
  double loss = 0;
  for (int step = 0; step < 400; ++step) {
    const auto result = gradientsOf(a, b, 0.05, LossForm::Gram);
    loss = result.terms.loss.item<double>();
    ASSERT_GE(loss, floor - 1e-9);
    a = a - 2 * result.a;
    b = b - 2 * result.b;
  }
  EXPECT_NEAR(loss, floor, 0.002 * floor);
}

}  // namespace
}  // namespace barlow
