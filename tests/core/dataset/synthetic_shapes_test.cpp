#include "core/dataset/synthetic_shapes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace barlow {
namespace {

TEST(SyntheticShapes, AreBalancedAndNoneRepeats) {
  const SyntheticShapes train(SyntheticShapes::Part::Train);
  const SyntheticShapes test(SyntheticShapes::Part::Test);
  EXPECT_EQ(train.size(), 6000);
  EXPECT_EQ(test.size(), 1000);
  std::array<int, 8> counts{};
  std::set<std::vector<std::uint8_t>> seen;
  for (std::int64_t i = 0; i < train.size(); ++i) {
    seen.insert(train.image(i)->pixels);
    ++counts.at(static_cast<std::size_t>(train.label(i)));
  }
  for (const int count : counts) {
    EXPECT_EQ(count, 750);
  }
  EXPECT_EQ(seen.size(), 6000u);
  for (std::int64_t i = 0; i < test.size(); ++i) {
    EXPECT_FALSE(seen.contains(test.image(i)->pixels));
  }
}

TEST(SyntheticShapes, MeanColourDoesNotTellTheClass) {
  const SyntheticShapes data(SyntheticShapes::Part::Train);
  std::array<std::array<double, 3>, 8> centers{};
  const auto meanOf = [&](std::int64_t index) {
    std::array<double, 3> mean{};
    const RgbImage image = *data.image(index);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      mean[i % 3] += image.pixels[i] / 1024.0;
    }
    return mean;
  };
  for (std::int64_t i = 0; i < 4000; ++i) {
    const auto mean = meanOf(i);
    for (std::size_t c = 0; c < 3; ++c) {
      centers[static_cast<std::size_t>(data.label(i))][c] += mean[c] / 500.0;
    }
  }
  int hits = 0;
  for (std::int64_t i = 4000; i < 6000; ++i) {
    const auto mean = meanOf(i);
    std::size_t best = 0;
    double bestDistance = 1e9;
    for (std::size_t k = 0; k < centers.size(); ++k) {
      double distance = 0;
      for (std::size_t c = 0; c < 3; ++c) {
        distance += (mean[c] - centers[k][c]) * (mean[c] - centers[k][c]);
      }
      best = distance < bestDistance ? k : best;
      bestDistance = std::min(distance, bestDistance);
    }
    hits += best == static_cast<std::size_t>(data.label(i)) ? 1 : 0;
  }
  EXPECT_LT(hits / 2000.0, 0.2) << "chance is 0.125";
}

}  // namespace
}  // namespace barlow
