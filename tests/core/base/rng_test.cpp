#include "core/base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace barlow {
namespace {

TEST(Rng, GivesSplitMix64sSequence) {
  Rng rng(1234567);  // reference values of the public-domain splitmix64.c
  EXPECT_EQ(rng.next(), 6457827717110365317ULL);
  EXPECT_EQ(rng.next(), 3203168211198807973ULL);
}

TEST(Rng, KeysGiveStreamsOfTheirOwn) {
  std::set<std::uint64_t> first;
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    for (std::uint64_t sample = 0; sample < 50; ++sample) {
      for (std::uint64_t view = 0; view < 2; ++view) {
        first.insert(Rng::keyed(7, {Rng::kView, epoch, sample, view}).next());
      }
    }
  }
  EXPECT_EQ(first.size(), 2000u);
  EXPECT_EQ(Rng::keyed(7, {1, 2}).next(), Rng::keyed(7, {1, 2}).next());
  EXPECT_NE(Rng::keyed(7, {1, 2}).next(), Rng::keyed(8, {1, 2}).next());
}

TEST(Rng, UniformFillsItsInterval) {
  Rng rng(3);
  double sum = 0;
  std::vector<int> histogram(7);
  for (int i = 0; i < 70'000; ++i) {
    const double u = rng.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    ++histogram[rng.below(7)];
  }
  EXPECT_NEAR(sum / 70'000, 0.5, 0.005);
  for (const int count : histogram) {
    EXPECT_NEAR(count, 10'000, 400);  // four standard deviations
  }
}

// Golden: label subsets stand in runs, and are the same on every machine and in every version.
TEST(Rng, ADrawIsTheBeginningOfEveryLongerOne) {
  const std::vector<int> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::vector<int> three = drawSome(all, 3, Rng::keyed(5, {Rng::kLabels, 2}));
  EXPECT_EQ(three, (std::vector<int>{9, 4, 8}));
  const std::vector<int> every = drawSome(all, 99, Rng::keyed(5, {Rng::kLabels, 2}));
  EXPECT_TRUE(std::equal(three.begin(), three.end(), every.begin()));
  EXPECT_EQ(std::set<int>(every.begin(), every.end()).size(), 10u);
  EXPECT_TRUE(drawSome(std::vector<int>{}, 3, Rng(1)).empty());
}

}  // namespace
}  // namespace barlow
