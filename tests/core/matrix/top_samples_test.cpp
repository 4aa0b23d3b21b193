#include "core/matrix/top_samples.h"

#include "core/base/check.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

TEST(TopSamples, AreThoseWithTheLargestTermsOfC) {
  const Matrix a = randomMatrix(500, 6, 1, 2);
  const Matrix b = randomMatrix(500, 9, 2, 2);
  const CellIndex pair{4, 8};
  for (const TopEnd end : {TopEnd::Largest, TopEnd::Smallest}) {
    const auto samples = topSamples(a, b, pair, 20, end);
    ASSERT_EQ(samples.size(), 20u);
    const float sign = end == TopEnd::Largest ? 1.0f : -1.0f;
    for (std::size_t k = 0; k < samples.size(); ++k) {
      EXPECT_EQ(samples[k].a, a.at(samples[k].sample, 4));
      EXPECT_EQ(samples[k].b, b.at(samples[k].sample, 8));
      EXPECT_EQ(samples[k].product, samples[k].a * samples[k].b);
      if (k > 0) {
        EXPECT_LE(sign * samples[k].product, sign * samples[k - 1].product);
      }
    }
    int beyond = 0;
    for (std::int64_t n = 0; n < 500; ++n) {
      beyond += sign * a.at(n, 4) * b.at(n, 8) > sign * samples.back().product ? 1 : 0;
    }
    EXPECT_EQ(beyond, 19);
  }
}

TEST(TopSamples, TogetherGiveTheCorrelation) {
  const Matrix a = randomMatrix(64, 3, 5, 1);
  const Matrix b = randomMatrix(64, 3, 6, 1);
  double sum = 0;
  for (const TopSample& sample : topSamples(a, b, {1, 2}, 1000)) {
    sum += sample.product;
  }
  double expected = 0;
  for (std::int64_t n = 0; n < 64; ++n) {
    expected += static_cast<double>(a.at(n, 1)) * b.at(n, 2);
  }
  EXPECT_NEAR(sum, expected, 1e-5);
}

TEST(TopSamples, KeepTheOrderOfEqualOnesAndLeaveNanOut) {
  const Matrix a = Matrix::generated(
      5, 1, [](std::int64_t n, std::int64_t) { return n == 2 ? std::nanf("") : 1.0f; });
  const auto samples = topSamples(a, a, {0, 0}, 10);
  ASSERT_EQ(samples.size(), 4u);
  EXPECT_EQ(samples[0].sample, 0);
  EXPECT_EQ(samples[2].sample, 3);
  EXPECT_THROW(topSamples(a, a, {0, 1}, 1), CheckFailure);
  EXPECT_THROW(topSamples(a, randomMatrix(4, 1, 1), {0, 0}, 1), CheckFailure);
}

TEST(ActivationEnds, AreTheMostAndTheLeastActivatingSamples) {
  const Matrix z = Matrix::generated(7, 2, [](std::int64_t n, std::int64_t d) {
    return d == 0 ? 0.0f : n == 4 ? std::nanf("") : static_cast<float>((n * 3) % 7);
  });
  const ActivationEnds ends = activationEnds(z, 1, 2);  // 0 3 6 2 NaN 1 4
  EXPECT_EQ(ends.most, (std::vector<Activation>{{2, 6}, {6, 4}}));
  EXPECT_EQ(ends.least, (std::vector<Activation>{{0, 0}, {5, 1}}));
  EXPECT_EQ(activationEnds(z, 0, 100).most.front().sample, 0);
  EXPECT_EQ(activationEnds(z, 1, 100).least.size(), 6u);
  EXPECT_THROW(activationEnds(z, 2, 1), CheckFailure);
}

}  // namespace
}  // namespace barlow
