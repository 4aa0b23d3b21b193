#include "core/augment/kernels.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace barlow {
namespace {

std::uint8_t grayOf(const std::uint8_t* pixel) {
  return static_cast<std::uint8_t>(
      (pixel[0] * 19595u + pixel[1] * 38470u + pixel[2] * 7471u + 0x8000u) >> 16);
}

// Blend.c: base + factor (value - base), truncated; clipped where the factor leaves 0..1.
std::uint8_t blend(float base, float value, float factor) {
  const float result = base + factor * (value - base);
  return static_cast<std::uint8_t>(std::clamp(result, 0.0f, 255.0f));
}

// Blending with one constant grey is a table.
void blendWithLevel(RgbImage& image, int level, double factor) {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t value = 0; value < table.size(); ++value) {
    table[value] =
        blend(static_cast<float>(level), static_cast<float>(value), static_cast<float>(factor));
  }
  for (std::uint8_t& value : image.pixels) {
    value = table[value];
  }
}

}  // namespace

void flipHorizontally(RgbImage& image) {
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* row = image.row(y);
    for (int left = 0, right = image.width - 1; left < right; ++left, --right) {
      std::swap_ranges(row + 3 * left, row + 3 * left + 3, row + 3 * right);
    }
  }
}

void toGray(RgbImage& image) {
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    const std::uint8_t gray = grayOf(&image.pixels[i]);
    image.pixels[i] = image.pixels[i + 1] = image.pixels[i + 2] = gray;
  }
}

void adjustBrightness(RgbImage& image, double factor) { blendWithLevel(image, 0, factor); }

void adjustContrast(RgbImage& image, double factor) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    sum += grayOf(&image.pixels[i]);
  }
  const double mean = static_cast<double>(sum) / (static_cast<double>(image.pixels.size()) / 3.0);
  blendWithLevel(
      image, static_cast<int>(mean + 0.5), factor);  // ImageEnhance.Contrast rounds the mean
}

void adjustSaturation(RgbImage& image, double factor) {
  const auto alpha = static_cast<float>(factor);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    const auto gray = static_cast<float>(grayOf(&image.pixels[i]));
    for (std::size_t c = 0; c < 3; ++c) {
      image.pixels[i + c] = blend(gray, static_cast<float>(image.pixels[i + c]), alpha);
    }
  }
}

void solarize(RgbImage& image, int threshold) {
  for (std::uint8_t& value : image.pixels) {
    value = value < threshold ? value : static_cast<std::uint8_t>(255 - value);
  }
}

}  // namespace barlow
