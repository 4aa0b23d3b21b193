#include "core/augment/kernels.h"

#include "core/augment/pixel_planes.h"
#include "core/base/vector_versions.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace barlow {
namespace {

// Blend.c: base + factor (value - base), truncated; clipped where the factor leaves 0..1.
BARLOW_BODY std::uint8_t blend(float base, float value, float factor) {
  const float result = base + factor * (value - base);
  return static_cast<std::uint8_t>(static_cast<std::int32_t>(std::clamp(result, 0.0f, 255.0f)));
}

// With one constant grey. (A table of 256 levels takes one look-up a byte; this is vectors.)
BARLOW_VECTOR_VERSIONS void blendBytes(std::uint8_t* bytes,
                                       std::size_t count,
                                       float level,
                                       float factor) {
  for (std::size_t i = 0; i < count; ++i) {
    bytes[i] = blend(level, static_cast<float>(bytes[i]), factor);
  }
}

void blendWithLevel(RgbImage& image, int level, double factor) {
  blendBytes(image.pixels.data(),
             image.pixels.size(),
             static_cast<float>(level),
             static_cast<float>(factor));
}

BARLOW_BODY std::int32_t grayOf(std::int32_t red, std::int32_t green, std::int32_t blue) {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

BARLOW_VECTOR_VERSIONS std::uint64_t graySum(const std::uint8_t* pixels, std::size_t count) {
  std::uint64_t total = 0;
  PixelPlanes planes;
  for (std::size_t begin = 0; begin < count; begin += kPlanePixels) {
    const std::size_t size = std::min(kPlanePixels, count - begin);
    readPlanes(pixels + 3 * begin, size, planes);
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
      sum += grayOf(planes.red[i], planes.green[i], planes.blue[i]);
    }
    total += static_cast<std::uint64_t>(sum);
  }
  return total;
}

BARLOW_VECTOR_VERSIONS void grayPixels(std::uint8_t* pixels, std::size_t count) {
  PixelPlanes planes;
  for (std::size_t begin = 0; begin < count; begin += kPlanePixels) {
    const std::size_t size = std::min(kPlanePixels, count - begin);
    readPlanes(pixels + 3 * begin, size, planes);
    for (std::size_t i = 0; i < kPlanePixels; ++i) {
      planes.red[i] = planes.green[i] = planes.blue[i] =
          grayOf(planes.red[i], planes.green[i], planes.blue[i]);
    }
    writePlanes(planes, size, pixels + 3 * begin);
  }
}

BARLOW_VECTOR_VERSIONS void solarizeBytes(std::uint8_t* bytes, std::size_t count, int threshold) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t value = bytes[i];
    bytes[i] = static_cast<std::uint8_t>(value < threshold ? value : 255 - value);
  }
}

}  // namespace

void flipHorizontally(RgbImage& image) {
  struct Pixel {
    std::uint8_t rgb[3];
  };
  static_assert(sizeof(Pixel) == 3);
  std::vector<Pixel> line(static_cast<std::size_t>(image.width));
  for (int y = 0; y < image.height; ++y) {
    std::memcpy(line.data(), image.row(y), line.size() * sizeof(Pixel));
    std::reverse(line.begin(), line.end());
    std::memcpy(image.row(y), line.data(), line.size() * sizeof(Pixel));
  }
}

void toGray(RgbImage& image) { grayPixels(image.pixels.data(), image.pixels.size() / 3); }

void adjustBrightness(RgbImage& image, double factor) { blendWithLevel(image, 0, factor); }

void adjustContrast(RgbImage& image, double factor) {
  const std::uint64_t sum = graySum(image.pixels.data(), image.pixels.size() / 3);
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
      gray[i] = grayOf(planes.red[i], planes.green[i], planes.blue[i]);
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
  solarizeBytes(image.pixels.data(), image.pixels.size(), threshold);
}

}  // namespace barlow
