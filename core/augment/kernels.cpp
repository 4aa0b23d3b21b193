#include "core/augment/kernels.h"

#include "core/augment/pixel_planes.h"
#include "core/base/vector_versions.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace barlow {
namespace {

BARLOW_BODY std::uint8_t grayOf(const std::uint8_t* pixel) {
  return static_cast<std::uint8_t>(
      (pixel[0] * 19595u + pixel[1] * 38470u + pixel[2] * 7471u + 0x8000u) >> 16);
}

// Blend.c: base + factor (value - base), truncated; clipped where the factor leaves 0..1.
BARLOW_BODY std::uint8_t blend(float base, float value, float factor) {
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

namespace {

// Blend.c with a grey of its own for every pixel: base + factor (value - base), truncated, clipped.
BARLOW_BODY void blendPlane(const Plane& gray, float factor, Plane& values) {
  for (std::size_t i = 0; i < kPlanePixels; ++i) {
    const auto base = static_cast<float>(gray[i]);
    const float result = base + factor * (static_cast<float>(values[i]) - base);
    values[i] = std::clamp(static_cast<std::int32_t>(result), 0, 255);
  }
}

BARLOW_VECTOR_VERSIONS void saturate(std::uint8_t* pixels, std::size_t count, float factor) {
  PixelPlanes planes;
  Plane gray{};
  for (std::size_t begin = 0; begin < count; begin += kPlanePixels) {
    const std::size_t size = std::min(kPlanePixels, count - begin);
    readPlanes(pixels + 3 * begin, size, planes);
    for (std::size_t i = 0; i < kPlanePixels; ++i) {
      gray[i] =
          (planes.red[i] * 19595 + planes.green[i] * 38470 + planes.blue[i] * 7471 + 0x8000) >> 16;
    }
    blendPlane(gray, factor, planes.red);
    blendPlane(gray, factor, planes.green);
    blendPlane(gray, factor, planes.blue);
    writePlanes(planes, size, pixels + 3 * begin);
  }
}

}  // namespace

void adjustSaturation(RgbImage& image, double factor) {
  saturate(image.pixels.data(), image.pixels.size() / 3, static_cast<float>(factor));
}

void solarize(RgbImage& image, int threshold) {
  for (std::uint8_t& value : image.pixels) {
    value = value < threshold ? value : static_cast<std::uint8_t>(255 - value);
  }
}

}  // namespace barlow
