#include "core/augment/augment.h"
#include "core/augment/fast_color.h"
#include "core/augment/kernels.h"
#include "core/base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace barlow {
namespace {

// Smooth coloured waves with noise: most levels well inside 0 to 255, some at the ends.
RgbImage picture(std::uint64_t seed) {
  Rng rng(seed);
  RgbImage image(96, 80);
  const double pace = rng.uniform(0.03, 0.3);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double level =
            128 + 90 * std::sin(pace * (x + (c + 1) * y) + c) + rng.uniform(-25, 25);
        image.row(y)[3 * x + c] = static_cast<std::uint8_t>(std::clamp(level, 0.0, 255.0));
      }
    }
  }
  return image;
}

struct Distance {
  double mean = 0;
  int largest = 0;
};

// Between the fast and the exact way to do one thing, over some pictures and values.
Distance distance(const std::function<void(RgbImage&, double)>& exact,
                  const std::function<void(RgbImage&, double)>& fast,
                  const std::vector<double>& values) {
  Distance result;
  double count = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (const double value : values) {
      RgbImage a = picture(seed);
      RgbImage b = a;
      exact(a, value);
      fast(b, value);
      for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        const int difference = std::abs(a.pixels[i] - b.pixels[i]);
        result.largest = std::max(result.largest, difference);
        result.mean += difference;
        count += 1;
      }
    }
  }
  result.mean /= count;
  testing::Test::RecordProperty("mean", std::to_string(result.mean));
  testing::Test::RecordProperty("largest", result.largest);
  return result;
}

std::function<void(RgbImage&, double)> fastJitter(double ViewPlan::Jitter::*factor) {
  return [factor](RgbImage& image, double value) {
    ViewPlan::Jitter jitter;
    jitter.*factor = value;
    applyColorAtOnce(image, {.jitter = jitter});
  };
}

void expectWithin(const Distance& found, double mean, int largest) {
  EXPECT_LE(found.mean, mean);
  EXPECT_LE(found.largest, largest);
}

// The bounds are those that core/augment/fast_color.h states.
const std::vector<double> kFactors = {0.6, 0.8, 1.2, 1.4};

TEST(FastDistance, Brightness) {
  expectWithin(
      distance(adjustBrightness, fastJitter(&ViewPlan::Jitter::brightness), kFactors), 0.6, 1);
}

TEST(FastDistance, Contrast) {
  expectWithin(distance(adjustContrast, fastJitter(&ViewPlan::Jitter::contrast), kFactors), 0.7, 2);
}

TEST(FastDistance, Saturation) {
  expectWithin(
      distance(adjustSaturation, fastJitter(&ViewPlan::Jitter::saturation), kFactors), 0.7, 2);
}

TEST(FastDistance, Hue) {
  expectWithin(
      distance(adjustHue, fastJitter(&ViewPlan::Jitter::hue), {-0.1, -0.04, 0.04, 0.1}), 17, 112);
}

TEST(FastDistance, Gray) {
  expectWithin(distance([](RgbImage& image, double) { toGray(image); },
                        [](RgbImage& image, double) { applyColorAtOnce(image, {.gray = true}); },
                        {0}),
               0.1,
               1);
}

TEST(FastDistance, Blur) {
  expectWithin(distance(gaussianBlur, gaussianBlurFast, {0.1, 0.5, 1.0, 1.5, 2.0}), 1.5, 20);
}

}  // namespace
}  // namespace barlow
