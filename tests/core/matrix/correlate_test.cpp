#include "core/matrix/correlate.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stop_token>

namespace barlow {
namespace {

// The definition, in double.
double correlation(const Matrix& a, const Matrix& b, std::int64_t i, std::int64_t j) {
  double sum = 0;
  for (std::int64_t n = 0; n < a.rows(); ++n) {
    sum += static_cast<double>(a.at(n, i)) * b.at(n, j);
  }
  return sum / static_cast<double>(a.rows());
}

struct Shape {
  std::int64_t samples;
  std::int64_t left;
  std::int64_t right;
};

class Correlation : public testing::TestWithParam<Shape> {};

TEST_P(Correlation, IsTheMeanOfProducts) {
  const auto [samples, left, right] = GetParam();
  const Matrix a = randomMatrix(samples, left, 1);
  const Matrix b = randomMatrix(samples, right, 2);
  const auto c = crossCorrelation(a, b, {.threads = 1});
  ASSERT_TRUE(c);
  ASSERT_EQ(c->rows(), left);
  ASSERT_EQ(c->columns(), right);
  EXPECT_EQ(c->origin().n, samples);
  for (std::int64_t i = 0; i < left; ++i) {
    for (std::int64_t j = 0; j < right; ++j) {
      ASSERT_NEAR(c->at(i, j), correlation(a, b, i, j), 3e-6) << i << ", " << j;
    }
  }
  const auto twice = crossCorrelation(a, b, {.threads = 2});
  for (std::int64_t k = 0; k < left * right; ++k) {
    ASSERT_EQ(c->values()[k], twice->values()[k]) << "the same bits for any number of threads";
  }
}

// Below, at and beyond whole tiles, bands and chunks.
INSTANTIATE_TEST_SUITE_P(Shapes,
                         Correlation,
                         testing::Values(Shape{2, 1, 1},
                                         Shape{5, 6, 16},
                                         Shape{7, 97, 33},
                                         Shape{600, 200, 17},
                                         Shape{1025, 13, 100}));

TEST(Correlation, OfOneViewWithItselfHasAUnitDiagonal) {
  const Matrix z = standardized(randomMatrix(64, 40, 3));
  const auto c = crossCorrelation(z, z);
  for (std::int64_t i = 0; i < 40; ++i) {
    ASSERT_NEAR(c->at(i, i), 1.0f, 5e-4f);  // less by the epsilon beside the variance
    for (std::int64_t j = 0; j < i; ++j) {
      ASSERT_EQ(c->at(i, j), c->at(j, i));
    }
  }
}

TEST(Correlation, GivesNothingAfterAStop) {
  std::stop_source stop;
  stop.request_stop();
  const Matrix a = randomMatrix(8, 8, 1);
  EXPECT_FALSE(crossCorrelation(a, a, {.stop = stop.get_token()}));
  EXPECT_THROW(crossCorrelation(a, randomMatrix(7, 8, 1)), CheckFailure);
}

TEST(Standardized, IsIndifferentToScaleAndPlace) {
  const Matrix z = randomMatrix(50, 12, 4);
  const Matrix moved =
      Matrix::generated(50, 12, [&](auto i, auto j) { return 100 * z.at(i, j) + 7.0f; });
  const Matrix plain = standardized(z);
  const Matrix other = standardized(moved);
  for (std::int64_t j = 0; j < 12; ++j) {
    double sum = 0;
    double squares = 0;
    for (std::int64_t i = 0; i < 50; ++i) {
      sum += plain.at(i, j);
      squares += static_cast<double>(plain.at(i, j)) * plain.at(i, j);
      ASSERT_NEAR(plain.at(i, j), other.at(i, j), 1e-3);
    }
    EXPECT_NEAR(sum / 50, 0, 1e-6);
    EXPECT_NEAR(squares / 50, 1, 1e-3);
  }
}

TEST(Standardized, KeepsNanToItsColumnAndConstantsAtZero) {
  const Matrix z = Matrix::generated(6, 3, [](auto i, auto j) {
    return j == 0             ? 2.5f
           : j == 1 && i == 3 ? std::numeric_limits<float>::quiet_NaN()
                              : static_cast<float>(i);
  });
  const Matrix standard = standardized(z);
  for (std::int64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(standard.at(i, 0), 0);
    EXPECT_TRUE(std::isnan(standard.at(i, 1)));
    EXPECT_TRUE(std::isfinite(standard.at(i, 2)));
  }
  EXPECT_THROW(standardized(randomMatrix(1, 3, 1)), Exception);
}

TEST(DeadDimensions, AreThoseThatHardlyMove) {
  EXPECT_EQ(deadDimensions(std::vector<double>{1, 2e-9, 1.5, 0, 1}),
            (std::vector<std::int32_t>{1, 3}));
  EXPECT_EQ(deadDimensions(std::vector<double>{0, 0, 0, 1}), (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_TRUE(deadDimensions({}).empty());
}

TEST(SmallVariances, HoldTheDiagonalBackByWhatTheNoteSays) {
  const std::vector<double> unit(2048, 1.0 / 2048);  // rows of length 1
  EXPECT_NEAR(diagonalCeiling(unit, unit), 0.97993, 1e-5);
  const std::string note = smallVarianceNote(unit, unit);
  EXPECT_NE(note.find("0.98"), std::string::npos) << note;
  EXPECT_NE(note.find("about 46 "), std::string::npos) << note;  // sqrt(2048) = 45.3
  const std::vector<double> tiny = {1e-6, 1e-6, 0};
  const std::vector<double> mixed = {1e-6, 1, 1};
  EXPECT_NEAR(diagonalCeiling(tiny, tiny), 1.0 / 11, 1e-12)
      << "dead dimensions have their own word";
  EXPECT_NEAR(
      diagonalCeiling(tiny, mixed), (1.0 / 11 + std::sqrt(1.0 / 11 / (1 + 1e-5))) / 2, 1e-12);
}

TEST(SmallVariances, AreNoWordWhereThereIsNoDiagonalOrNoEffect) {
  const std::vector<double> usual(8, 0.5);
  const std::vector<double> dead(8, 0.0);
  const std::vector<double> broken(8, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(smallVarianceNote(usual, usual), "");
  EXPECT_EQ(smallVarianceNote(dead, dead), "");
  EXPECT_EQ(smallVarianceNote(broken, usual), "");
  EXPECT_EQ(smallVarianceNote(std::vector<double>(8, 1e-6), std::vector<double>(7, 1e-6)), "");
  EXPECT_EQ(smallVarianceNote({}, {}), "");
}

}  // namespace
}  // namespace barlow
