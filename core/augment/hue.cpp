#include "core/augment/kernels.h"
#include "core/augment/pixel_planes.h"
#include "core/base/vector_versions.h"

#include <algorithm>
#include <array>

namespace barlow {
namespace {

constexpr int kBlock = kPlanePixels;
using FloatPlane = std::array<float, kBlock>;

// A choice by masks: never a branch.
BARLOW_BODY std::int32_t pick(bool isFirst, std::int32_t first, std::int32_t second) {
  const std::int32_t mask = -static_cast<std::int32_t>(isFirst);
  return (first & mask) | (second & ~mask);
}

// Convert.c rgb2hsv_row: float arithmetic, every channel truncated to 8 bits; then the hue turned
// by `shift`. Red, green and blue become hue, saturation and value. Convert.c divides the distances
// of all three channels from the highest by the range; of these quotients one is 0, one 1, so that
// only the middle channel's is worked out here. Every loop does one kind of thing.
BARLOW_BODY void turnToHsv(Plane& first, Plane& second, Plane& third, std::int32_t shift) {
  FloatPlane range{};
  FloatPlane middle{};
  FloatPlane sector{};
  Plane sign{};
  Plane high{};
  for (std::size_t i = 0; i < kBlock; ++i) {
    const std::int32_t r = first[i];
    const std::int32_t g = second[i];
    const std::int32_t b = third[i];
    const std::int32_t most = std::max(std::max(r, g), b);
    const std::int32_t least = std::min(std::min(r, g), b);
    const bool isRed = r == most;
    const bool isGreen = g == most;
    // The channel after the highest on the circle: where it is the lowest, the hue grows with the
    // middle one.
    const std::int32_t next = pick(isRed, b, pick(isGreen, r, g));
    sign[i] = pick(next == least, -1, 1);
    sector[i] = static_cast<float>(pick(isRed, 0, pick(isGreen, 2, 4)));
    range[i] = static_cast<float>(most - least);
    middle[i] = static_cast<float>(2 * most + least - (r + g + b));  // most - middle
    high[i] = most;
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    middle[i] /= std::max(range[i], 1.0f);
    range[i] /= std::max(static_cast<float>(high[i]), 1.0f);  // the saturation
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    // middle - 1 where sign is 1, 1 - middle where it is -1; in float for red, in double for the
    // others, which is the same but for the last step.
    const auto direction = static_cast<double>(sign[i]);
    const double turned =
        static_cast<double>(sector[i]) + direction * (static_cast<double>(middle[i]) - 1.0);
    // fmod(x, 1) of what lies between 5/6 and 11/6
    const double turns = static_cast<double>(static_cast<float>(turned)) / 6.0 + 1.0;
    const auto hue = static_cast<float>(turns - (turns >= 1.0 ? 1.0 : 0.0));
    const auto level = static_cast<std::int32_t>(static_cast<double>(hue) * 255.0);
    const auto saturation = static_cast<std::int32_t>(static_cast<double>(range[i]) * 255.0);
    first[i] = (pick(range[i] == 0.0f, 0, level) + shift) & 255;
    second[i] = saturation;
    third[i] = high[i];
  }
}

// Halves go up, as with C's round() for what is not negative.
BARLOW_BODY std::int32_t rounded(double value) { return static_cast<std::int32_t>(value + 0.5); }

// Convert.c hsv2rgb, with its mixture of float and double: it decides about ties. Of its three
// other levels one is a quotient of whole numbers that is never a tie, and of the falling and the
// rising one a sector needs only one.
BARLOW_BODY void turnToRgb(Plane& first, Plane& second, Plane& third) {
  Plane sector{};
  Plane low{};
  Plane slope{};
  FloatPlane share{};
  FloatPlane rest{};
  for (std::size_t i = 0; i < kBlock; ++i) {
    const std::int32_t turned = first[i] * 6;  // in 255ths of a sector
    const std::int32_t whole = turned / 255;
    share[i] = static_cast<float>(second[i]);
    rest[i] = static_cast<float>(turned - 255 * whole);
    low[i] = (2 * third[i] * (255 - second[i]) + 255) / 510;
    sector[i] = whole;
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    share[i] /= 255.0f;
    rest[i] /= 255.0f;
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    const double along = static_cast<double>(rest[i]);
    const double part = (sector[i] & 1) != 0 ? along : 1.0 - along;
    slope[i] =
        rounded(static_cast<double>(third[i]) * (1.0 - static_cast<double>(share[i]) * part));
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    // x: falling or rising. 0: v x p, 1: x v p, 2: p v x, 3: p x v, 4: x p v, 5: v p x; hue 255 is
    // sector 6, which is 0
    const std::int32_t k = sector[i] == 6 ? 0 : sector[i];
    const std::int32_t v = third[i];
    const std::int32_t p = low[i];
    const std::int32_t x = slope[i];
    const std::int32_t red = pick((k == 1) | (k == 4), x, pick((k == 2) | (k == 3), p, v));
    const std::int32_t green = pick((k == 0) | (k == 3), x, pick((k == 4) | (k == 5), p, v));
    const std::int32_t blue = pick((k == 2) | (k == 5), x, pick(k < 2, p, v));
    const bool isGray = second[i] == 0;
    first[i] = pick(isGray, v, red);
    second[i] = pick(isGray, v, green);
    third[i] = pick(isGray, v, blue);
  }
}

BARLOW_VECTOR_VERSIONS void turnHue(std::uint8_t* pixels, std::size_t count, std::int32_t shift) {
  PixelPlanes planes;
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    const std::size_t size = std::min<std::size_t>(kBlock, count - begin);
    readPlanes(pixels + 3 * begin, size, planes);
    turnToHsv(planes.red, planes.green, planes.blue, shift);
    turnToRgb(planes.red, planes.green, planes.blue);
    writePlanes(planes, size, pixels + 3 * begin);
  }
}

}  // namespace

void adjustHue(RgbImage& image, double turns) {
  // torchvision adds numpy.array(turns * 255).astype("uint8"): truncated towards zero, then modulo
  // 256.
  const auto shift = static_cast<std::uint8_t>(static_cast<int>(turns * 255.0));
  turnHue(image.pixels.data(), image.pixels.size() / 3, shift);
}

}  // namespace barlow
