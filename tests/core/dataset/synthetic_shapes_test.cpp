#include "core/dataset/synthetic_shapes.h"

#include "core/base/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <span>
#include <vector>

namespace barlow {
namespace {

using Part = SyntheticShapes::Part;
using Edition = SyntheticShapes::Edition;

class Shapes : public testing::TestWithParam<Edition> {};
INSTANTIATE_TEST_SUITE_P(Editions, Shapes, testing::Values(Edition::First, Edition::Second));

TEST_P(Shapes, AreBalancedAndNoneRepeats) {
  const SyntheticShapes train(Part::Train, GetParam());
  const SyntheticShapes test(Part::Test, GetParam());
  EXPECT_EQ(train.size(), 6000);
  EXPECT_EQ(test.size(), 1000);
  std::vector<std::int64_t> counts(train.classNames().size());
  std::set<std::vector<std::uint8_t>> seen;
  for (std::int64_t i = 0; i < train.size(); ++i) {
    seen.insert(train.image(i)->pixels);
    ++counts.at(static_cast<std::size_t>(train.label(i)));
  }
  for (const std::int64_t count : counts) {
    EXPECT_EQ(count, 6000 / static_cast<std::int64_t>(counts.size()));
  }
  EXPECT_EQ(seen.size(), 6000u);
  for (std::int64_t i = 0; i < test.size(); ++i) {
    EXPECT_FALSE(seen.contains(test.image(i)->pixels));
  }
}

using Features = std::vector<double>;

// Accuracy of the nearest class mean, learned on two thirds of the training images.
double nearestMeanAccuracy(const SyntheticShapes& data,
                           const std::function<Features(const RgbImage&)>& featuresOf) {
  const std::size_t classes = data.classNames().size();
  std::vector<Features> means(classes);
  for (std::int64_t i = 0; i < 4000; ++i) {
    const Features features = featuresOf(*data.image(i));
    Features& mean = means[static_cast<std::size_t>(data.label(i))];
    mean.resize(features.size());
    for (std::size_t k = 0; k < features.size(); ++k) {
      mean[k] += features[k] / (4000.0 / static_cast<double>(classes));
    }
  }
  int hits = 0;
  for (std::int64_t i = 4000; i < 6000; ++i) {
    const Features features = featuresOf(*data.image(i));
    std::vector<double> distances;
    for (const Features& mean : means) {
      double distance = 0;
      for (std::size_t k = 0; k < features.size(); ++k) {
        distance += (features[k] - mean[k]) * (features[k] - mean[k]);
      }
      distances.push_back(distance);
    }
    const auto best = std::min_element(distances.begin(), distances.end()) - distances.begin();
    hits += best == data.label(i) ? 1 : 0;
  }
  return hits / 2000.0;
}

// Means over fields of 8 x 8 pixels: of red minus green and blue minus green, which hold no
// luminance's pattern, or of the luminance.
Features fieldsOf(const RgbImage& image, bool isColor) {
  Features fields(isColor ? 32 : 16);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* pixel = image.row(y);
    for (int x = 0; x < image.width; ++x, pixel += 3) {
      const auto field = static_cast<std::size_t>(y / 8 * 4 + x / 8);
      const double red = pixel[0];
      const double green = pixel[1];
      const double blue = pixel[2];
      if (isColor) {
        fields[field] += (red - green) / 64;
        fields[field + 16] += (blue - green) / 64;
      } else {
        fields[field] += (0.299 * red + 0.587 * green + 0.114 * blue) / 64;
      }
    }
  }
  return fields;
}

TEST_P(Shapes, ColourDoesNotTellTheClass) {
  const SyntheticShapes data(Part::Train, GetParam());
  const double chance = 1.0 / static_cast<double>(data.classNames().size());
  EXPECT_LT(nearestMeanAccuracy(data, [](const RgbImage& image) { return fieldsOf(image, true); }),
            chance + 0.08);
}

TEST(SecondShapes, BrightnessAndPlacesDoNotTellTheClass) {
  const SyntheticShapes data(Part::Train, Edition::Second);
  EXPECT_LT(nearestMeanAccuracy(data, [](const RgbImage& image) { return fieldsOf(image, false); }),
            0.2)
      << "chance is 0.083";
}

// Runs of older programs go on with the very pictures that they began with.
TEST(FirstShapes, AreThoseOfOlderPrograms) {
  const SyntheticShapes data(Part::Test, Edition::First);
  std::vector<std::uint8_t> pixels;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const RgbImage image = *data.image(i);
    pixels.insert(pixels.end(), image.pixels.begin(), image.pixels.end());
  }
  EXPECT_EQ(sha256(std::as_bytes(std::span(pixels))),
            "b5d35f60be0262ea29f561439313d32bb481b97b7cd3ad90688a06fcede06fb7");
}

}  // namespace
}  // namespace barlow
