#include "core/augment/kernels.h"
#include "core/augment/pixel_planes.h"
#include "core/base/vector_versions.h"

#include <algorithm>
#include <array>

namespace barlow {
namespace {

constexpr int kBlock = kPlanePixels;
using FloatPlane = std::array<float, kBlock>;

// Where a maximum is: its sector of the hue circle begins at twice this.
enum Highest : std::int32_t { kRed = 0, kGreen = 1, kBlue = 2 };

// Convert.c rgb2hsv_row: float arithmetic, every channel truncated to 8 bits; then the hue turned
// by `shift`. Red, green and blue become hue, saturation and value. Every loop does one kind of
// thing: a choice between two computations would be a branch.
BARLOW_BODY void turnToHsv(Plane& first, Plane& second, Plane& third, std::int32_t shift) {
  FloatPlane range{};
  FloatPlane forward{};
  FloatPlane backward{};
  Plane highest{};
  Plane high{};
  for (std::size_t i = 0; i < kBlock; ++i) {
    const std::int32_t r = first[i];
    const std::int32_t g = second[i];
    const std::int32_t b = third[i];
    const std::int32_t most = std::max(std::max(r, g), b);
    const std::int32_t least = std::min(std::min(r, g), b);
    const std::int32_t which = r == most ? kRed : g == most ? kGreen : kBlue;
    range[i] = static_cast<float>(most - least);
    // The channel after the highest on the circle, and the one before it.
    forward[i] = static_cast<float>(most - (which == kRed ? b : which == kGreen ? r : g));
    backward[i] = static_cast<float>(most - (which == kRed ? g : which == kGreen ? b : r));
    highest[i] = which;
    high[i] = most;
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float divisor = std::max(range[i], 1.0f);
    forward[i] /= divisor;
    backward[i] /= divisor;
    range[i] /= std::max(static_cast<float>(high[i]), 1.0f);  // the saturation
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    // In float for red, in double for the others.
    const float whenRed = forward[i] - backward[i];
    const auto whenOther =
        static_cast<float>(2.0 * static_cast<double>(highest[i]) + static_cast<double>(forward[i]) -
                           static_cast<double>(backward[i]));
    const float sector = highest[i] == kRed ? whenRed : whenOther;
    // fmod(x, 1) of what lies between 5/6 and 11/6
    const double turns = static_cast<double>(sector) / 6.0 + 1.0;
    const auto hue = static_cast<float>(turns - (turns >= 1.0 ? 1.0 : 0.0));
    const auto level = static_cast<std::int32_t>(static_cast<double>(hue) * 255.0);
    const auto saturation = static_cast<std::int32_t>(static_cast<double>(range[i]) * 255.0);
    first[i] = ((saturation == 0 && range[i] == 0.0f ? 0 : level) + shift) & 255;
    second[i] = saturation;
    third[i] = high[i];
  }
}

// A choice by masks: never a branch.
BARLOW_BODY std::int32_t pick(bool isFirst, std::int32_t first, std::int32_t second) {
  const std::int32_t mask = -static_cast<std::int32_t>(isFirst);
  return (first & mask) | (second & ~mask);
}

// Halves go up, as with C's round() for what is not negative.
BARLOW_BODY std::int32_t rounded(double value) { return static_cast<std::int32_t>(value + 0.5); }

// Convert.c hsv2rgb, with its mixture of float and double: it decides about ties.
BARLOW_BODY void turnToRgb(Plane& first, Plane& second, Plane& third) {
  Plane sector{};
  Plane low{};
  Plane falling{};
  Plane rising{};
  for (std::size_t i = 0; i < kBlock; ++i) {
    const double turned = static_cast<double>(first[i]) * 6.0 / 255.0;
    const auto whole = static_cast<std::int32_t>(turned);
    const double rest = static_cast<float>(turned - static_cast<double>(whole));
    const double saturation = static_cast<float>(static_cast<double>(second[i]) / 255.0);
    const auto value = static_cast<double>(third[i]);
    low[i] = rounded(value * (1.0 - saturation));
    falling[i] = rounded(value * (1.0 - saturation * rest));
    rising[i] = rounded(value * (1.0 - saturation * (1.0 - rest)));
    sector[i] = whole;
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    // 0: v t p, 1: q v p, 2: p v t, 3: p q v, 4: t p v, 5: v p q; hue 255 is sector 6, which is 0
    const std::int32_t k = sector[i] == 6 ? 0 : sector[i];
    const std::int32_t v = third[i];
    const std::int32_t p = low[i];
    const std::int32_t q = falling[i];
    const std::int32_t t = rising[i];
    const std::int32_t red = pick(k == 1, q, pick((k == 2) | (k == 3), p, pick(k == 4, t, v)));
    const std::int32_t green = pick(k == 0, t, pick(k == 3, q, pick((k == 4) | (k == 5), p, v)));
    const std::int32_t blue = pick((k == 0) | (k == 1), p, pick(k == 2, t, pick(k == 5, q, v)));
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
