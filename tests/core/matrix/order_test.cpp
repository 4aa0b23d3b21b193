#include "core/matrix/order.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/matrix/similarity.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow {
namespace {

TEST(Order, SortsByKeysWithNanLast) {
  const std::vector<float> keys = {
      0.5f, std::nanf(""), 2.0f, 0.5f, -std::numeric_limits<float>::infinity()};
  EXPECT_EQ(orderByKeys(keys), (Order{2, 0, 3, 4, 1}));
  EXPECT_EQ(orderByKeys({}), Order());
  const Matrix matrix = randomMatrix(3, 4, 1);
  EXPECT_EQ(rowKeys(matrix, 2)[3], matrix.at(2, 3));
  EXPECT_THROW(rowKeys(matrix, 3), CheckFailure);
}

TEST(Order, KnowsWhatAnOrderIs) {
  EXPECT_TRUE(isOrderOf({2, 0, 1}, 3));
  EXPECT_TRUE(isOrderOf({}, 0));
  EXPECT_FALSE(isOrderOf({0, 1}, 3));
  EXPECT_FALSE(isOrderOf({0, 0, 1}, 3));
  EXPECT_FALSE(isOrderOf({0, 1, 3}, 3));
  EXPECT_FALSE(isOrderOf({0, -1, 1}, 3));
  EXPECT_EQ(placesOf({2, 0, 1}), (Order{1, 2, 0}));
}

TEST(Similarity, IsSymmetricAndFinite) {
  Matrix c = Matrix::generated(70, 70, [](std::int64_t i, std::int64_t j) {
    return i == 3 && j == 5 ? std::nanf("")
                            : static_cast<float>(
                                  std::sin(static_cast<double>(i) + 2.3 * static_cast<double>(j)));
  });
  const auto s = similarity(c);
  for (std::int64_t i = 0; i < 70; ++i) {
    for (std::int64_t j = 0; j < 70; ++j) {
      const float expected = 0.5f * std::abs(c.at(i, j) + c.at(j, i));
      ASSERT_EQ(s[i * 70 + j], i == j || std::isnan(expected) ? 0 : expected);
    }
  }
  EXPECT_THROW(similarity(randomMatrix(3, 4, 1)), Exception);
}

// Dimension shuffled[k] stands at place k of a chain in which only neighbours are alike.
Matrix chainOf(const Order& shuffled) {
  const Order places = placesOf(shuffled);
  const auto side = static_cast<std::int64_t>(shuffled.size());
  return Matrix::generated(side, side, [&](std::int64_t i, std::int64_t j) {
    const double apart =
        std::abs(places[static_cast<std::size_t>(i)] - places[static_cast<std::size_t>(j)]);
    return static_cast<float>(std::exp(-apart * apart / 18));
  });
}

Order shuffledOrder(std::int64_t size, std::uint64_t seed) {
  Rng rng(seed);
  Order order = originalOrder(size);
  for (std::size_t k = order.size() - 1; k > 0; --k) {
    std::swap(order[k], order[rng.below(k + 1)]);
  }
  return order;
}

TEST(SpectralOrder, FindsAChainThatWasShuffled) {
  const Order shuffled = shuffledOrder(64, 12);
  const auto order = spectralOrder(chainOf(shuffled));
  ASSERT_TRUE(order.has_value());
  const Order reversed(order->rbegin(), order->rend());
  EXPECT_TRUE(*order == shuffled || reversed == shuffled);
  EXPECT_EQ(spectralOrder(chainOf(shuffled), {.threads = 1}), order);
}

TEST(SpectralOrder, PutsGroupsTogetherAndStrangersLast) {
  // Three groups in turn; dimension 10 resembles nothing. Noise of both signs.
  Rng rng(3);
  const Matrix c = Matrix::generated(90, 90, [&](std::int64_t i, std::int64_t j) {
    const double noise = rng.uniform(-0.1, 0.1);
    return i == 10 || j == 10 ? 0.0f : static_cast<float>((i % 3 == j % 3 ? 0.6 : 0) + noise);
  });
  const auto order = spectralOrder(c);
  ASSERT_TRUE(order.has_value() && isOrderOf(*order, 90));
  EXPECT_EQ(order->back(), 10);
  int changes = 0;
  for (std::size_t k = 1; k + 1 < order->size(); ++k) {
    changes += (*order)[k] % 3 != (*order)[k - 1] % 3 ? 1 : 0;
  }
  EXPECT_LE(changes,
            6);  // the second direction need not part the two that the first leaves together
}

TEST(SpectralOrder, TakesWhatIsTooSmallOrEmptyAsItIs) {
  for (const std::int64_t side : {1, 2, 5}) {
    const auto order = spectralOrder(identityMatrix(side));
    EXPECT_EQ(order, originalOrder(side));
  }
  EXPECT_TRUE(isOrderOf(*spectralOrder(randomMatrix(2, 2, 1)), 2));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(spectralOrder(identityMatrix(9), {.stop = stop.get_token()}).has_value());
}

}  // namespace
}  // namespace barlow
