#include "ui/inspector/compared_numbers.h"

#include "tests/ui/inspector/inspection_values.h"

#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

std::shared_ptr<Inspection> withDiagonal(float value, std::int64_t step) {
  return inspectionOf(nearIdentity(
      8, {.n = 9, .lambda = 0.5, .step = step}, [=](std::int64_t i, std::int64_t j, float other) {
        return i == j ? value : other;
      }));
}

// Issue 16: a comparison showed the numbers of one side only.
TEST(ComparedNumbers, ShowsBothSidesAndTheirDifference) {
  ComparedNumbers numbers;
  numbers.setInspections(withDiagonal(0.75F, 20), withDiagonal(0.5F, 1), {});
  const auto mean = numbers.texts(NumberKey::MeanDiagonal);
  EXPECT_EQ(mean.first, QStringLiteral("0.75"));
  EXPECT_EQ(mean.second, QStringLiteral("0.5"));
  EXPECT_EQ(mean.difference, QStringLiteral("+0.25"));
  EXPECT_EQ(numbers.texts(NumberKey::MinDiagonal).first, QStringLiteral("0.75")) << "no place";
  EXPECT_EQ(numbers.texts(NumberKey::RankA).difference, QStringLiteral("–")) << "not known";
}

TEST(ComparedNumbers, WhatIsStillCountedHasNoDifference) {
  ComparedNumbers numbers;
  auto second = withDiagonal(0.5F, 1);
  second->statistics.reset();
  numbers.setInspections(withDiagonal(0.75F, 20), second, {});
  const auto loss = numbers.texts(NumberKey::Loss);
  EXPECT_NE(loss.first, QStringLiteral("…"));
  EXPECT_EQ(loss.second, QStringLiteral("…"));
  EXPECT_EQ(loss.difference, QStringLiteral("–"));
}

TEST(ComparedNumbers, TwoMomentsOfOneRunAreNamedByTheirSteps) {
  const MatrixOrigin last{.name = "2026-11-26-091618-9231-quick-shapes", .step = 460};
  MatrixOrigin other = last;
  other.step = 1;
  EXPECT_EQ(titlesOf(last, other).first, QStringLiteral("step 460"));
  EXPECT_EQ(titlesOf(last, other).second, QStringLiteral("step 1"));
  other.name = "another";
  EXPECT_EQ(titlesOf(last, other).second, QStringLiteral("another, step 1"));
  EXPECT_TRUE(titlesOf(last, other).first.contains(QStringLiteral("quick-shapes")));
  const MatrixOrigin newest{.step = 461};
  EXPECT_EQ(titlesOf(newest, last, QString::fromStdString(last.name)).second,
            QStringLiteral("step 460"));
  EXPECT_EQ(titlesOf(newest, other, QString::fromStdString(last.name)).first,
            QStringLiteral("2026-11-26-091618-9231-quick-shapes, step 461"));
}

}  // namespace
}  // namespace barlow::ui
