#include "core/objectives/embedding_rows.h"
#include "core/objectives/info_nce_loss.h"
#include "core/objectives/negative_cosine_loss.h"
#include "core/objectives/nt_xent_loss.h"
#include "tests/core/objectives/golden_views.h"
#include "tests/support/messages.h"

#include <gmock/gmock.h>

#include <cmath>

namespace barlow {
namespace {

using torch::Tensor;

LossOfViews ntXent(double temperature) {
  return [=](const Tensor& a, const Tensor& b) { return ntXentLoss({a, b}, temperature).loss; };
}

TEST(NtXentLoss, HasThePublishedValues) {
  expectGolden(ntXent(0.2), 5.759604074833, {.046337380333, .068190052229, .112617525435});
  expectGolden(ntXent(0.5), 3.313795626446, {.010564664689, .044003007944, .063816390734});
  expectGolden(
      [](const Tensor& a, const Tensor& b) {
        return ntXentLoss({a, b, goldenSmall()}, 0.2).loss;
      },
      4.940370019723,
      {.015790525265, -.116606876583, -.081166050556});
  EXPECT_NEAR(ntXent(0.2)(goldenA(), goldenA()).item<double>(), .715613342510, 1e-12);
}

TEST(NtXentLoss, SeesDirectionsOnlyAndNoOrder) {
  expectNoLengths(ntXent(0.2));
  expectNoOrder(ntXent(0.2));
  EXPECT_NEAR(ntXent(0.2)(goldenB(), goldenA()).item<double>(), 5.759604074833, 1e-11);
}

TEST(NtXentLoss, CountsRightAnswersAndNoneUnderCollapse) {
  const Tensor apart = torch::eye(6, torch::kFloat64);
  const ContrastTerms all = ntXentLoss({apart, apart}, 0.2);
  EXPECT_EQ(all.accuracy.item<double>(), 1);
  EXPECT_NEAR(all.similarity.item<double>(), 1, 1e-12);
  const Tensor equal = torch::full({6, 5}, 0.3f);
  const ContrastTerms none = ntXentLoss({equal, equal}, 0.2);
  EXPECT_EQ(none.accuracy.item<double>(), 0);
  EXPECT_NEAR(none.similarity.item<double>(), 1, 1e-6);
  EXPECT_NEAR(none.loss.item<double>(), std::log(11), 1e-5) << "ln(2N - 1)";
}

// exp(1 / 0.001) is beyond every float.
TEST(NtXentLoss, DoesNotOverflow) {
  const Tensor a = goldenA().to(torch::kFloat32).requires_grad_();
  const Tensor loss = ntXentLoss({a, goldenB().to(torch::kFloat32)}, 0.001).loss;
  loss.backward();
  EXPECT_TRUE(loss.isfinite().item<bool>());
  EXPECT_TRUE(a.grad().isfinite().all().item<bool>());
}

TEST(NtXentLoss, ComputesInFloatWhatComesInHalf) {
  const Tensor a = goldenA().to(torch::kBFloat16);
  const Tensor b = goldenB().to(torch::kBFloat16);
  const Tensor loss = ntXentLoss({a, b}, 0.2).loss;
  EXPECT_EQ(loss.scalar_type(), torch::kFloat32);
  EXPECT_NEAR(loss.item<double>(),
              ntXentLoss({a.to(torch::kFloat64), b.to(torch::kFloat64)}, 0.2).loss.item<double>(),
              1e-4);
}

TEST(NtXentLoss, TakesZeroRowsAsTheyAre) {
  const Tensor a = goldenA();
  a[2].zero_();
  const ContrastTerms terms = ntXentLoss({a, goldenB()}, 0.2);
  EXPECT_TRUE(terms.loss.isfinite().item<bool>());
}

TEST(NtXentLoss, RefusesOneImage) {
  const Tensor one = torch::ones({1, 5});
  EXPECT_THAT(
      messageOf([&] {
        ntXentLoss({one, one}, 0.2);
      }),
      testing::AllOf(testing::HasSubstr("batch of 1"), testing::HasSubstr("at least 2 images")));
}

LossOfViews moco() {
  return [](const Tensor& a, const Tensor& b) {
    return (infoNceLoss(a, goldenTargetB(), goldenQueueB(), 0.2).loss +
            infoNceLoss(b, goldenTargetA(), goldenQueueA(), 0.2).loss) /
           2;
  };
}

TEST(InfoNceLoss, HasThePublishedValues) {
  const LossOfViews oneWay = [](const Tensor& a, const Tensor&) {
    return infoNceLoss(a, goldenTargetB(), goldenQueueB(), 0.2).loss;
  };
  expectGolden(oneWay, 5.316037147886, {.013879481849, .063076916200, .222182443340});
  expectGolden(moco(), 5.087766272240, {.006939740924, .031538458100, .111091221670});
}

TEST(InfoNceLoss, SeesDirectionsOnlyAndGivesKeysNoGradient) {
  expectNoLengths(moco());
  const Tensor a = goldenA().requires_grad_();
  const Tensor key = goldenTargetB().requires_grad_();
  const Tensor queue = goldenQueueB().requires_grad_();
  infoNceLoss(a, key, queue, 0.2).loss.backward();
  EXPECT_TRUE(a.grad().defined());
  EXPECT_FALSE(key.grad().defined());
  EXPECT_FALSE(queue.grad().defined());
}

TEST(InfoNceLoss, CountsRightAnswers) {
  const Tensor apart = torch::eye(5, torch::kFloat64);
  EXPECT_EQ(infoNceLoss(apart, apart, -apart, 0.2).accuracy.item<double>(), 1);
  EXPECT_EQ(infoNceLoss(apart, apart, apart, 0.2).accuracy.item<double>(), 0);
}

LossOfViews byol() {
  return [](const Tensor& a, const Tensor& b) {
    return byolLoss({a, b}, {goldenTargetA(), goldenTargetB()});
  };
}
LossOfViews simsiam() {
  return [](const Tensor& a, const Tensor& b) {
    return simsiamLoss(a, b, goldenTargetA(), goldenTargetB());
  };
}

TEST(NegativeCosineLoss, HasThePublishedValues) {
  expectGolden(byol(), 4.325630229700, {-.010552598402, .061415222441, .091138653353});
  expectGolden(simsiam(), .081407557425, {-.002638149600, .015353805610, .022784663338});
}

TEST(NegativeCosineLoss, SeesDirectionsOnlyAndGivesTargetsNoGradient) {
  expectNoLengths(byol());
  expectNoLengths(simsiam());
  const Tensor a = goldenA().requires_grad_();
  const Tensor target = goldenTargetB().requires_grad_();
  meanCosine(a, target).backward();
  EXPECT_TRUE(a.grad().defined());
  EXPECT_FALSE(target.grad().defined());
}

// Every crop predicts both targets, but not its own.
TEST(NegativeCosineLoss, SumsOverAllCrops) {
  const Tensor targetA = goldenTargetA();
  const Tensor targetB = goldenTargetB();
  const Tensor small = goldenSmall();
  const double all = byolLoss({goldenA(), goldenB(), small}, {targetA, targetB}).item<double>();
  const double ofSmall =
      4 - 2 * (meanCosine(small, targetA) + meanCosine(small, targetB)).item<double>();
  EXPECT_NEAR(all, 4.325630229700 + ofSmall, 1e-11);
}

TEST(DirectionSpread, HasThePublishedValues) {
  EXPECT_NEAR(directionSpread({goldenA()}).item<double>(), 0.437934324772, 1e-12);
  EXPECT_NEAR(directionSpread({goldenB()}).item<double>(), 0.341779576168, 1e-12);
  EXPECT_NEAR(directionSpread({goldenA(), goldenB()}).item<double>(),
              (0.437934324772 + 0.341779576168) / 2,
              1e-12);
  EXPECT_NEAR(directionSpread({torch::full({6, 5}, 2.0)}).item<double>(), 0, 1e-7);
}

}  // namespace
}  // namespace barlow
