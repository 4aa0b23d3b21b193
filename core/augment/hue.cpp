#include "core/augment/kernels.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace barlow {
namespace {

struct Hsv {
  std::uint8_t hue;
  std::uint8_t saturation;
  std::uint8_t value;
};

std::uint8_t clip(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

// Convert.c rgb2hsv_row: float arithmetic, every channel truncated to 8 bits.
Hsv toHsv(const std::uint8_t* pixel) {
  const std::uint8_t high = std::max({pixel[0], pixel[1], pixel[2]});
  const std::uint8_t low = std::min({pixel[0], pixel[1], pixel[2]});
  if (high == low) {
    return {0, 0, high};
  }
  const auto range = static_cast<float>(high - low);
  const float saturation = range / static_cast<float>(high);
  const float red = static_cast<float>(high - pixel[0]) / range;
  const float green = static_cast<float>(high - pixel[1]) / range;
  const float blue = static_cast<float>(high - pixel[2]) / range;
  float hue = 0;
  if (pixel[0] == high) {
    hue = blue - green;
  } else if (pixel[1] == high) {
    hue = static_cast<float>(2.0 + static_cast<double>(red) - static_cast<double>(blue));
  } else {
    hue = static_cast<float>(4.0 + static_cast<double>(green) - static_cast<double>(red));
  }
  hue = static_cast<float>(std::fmod(static_cast<double>(hue) / 6.0 + 1.0, 1.0));
  return {clip(static_cast<int>(static_cast<double>(hue) * 255.0)),
          clip(static_cast<int>(static_cast<double>(saturation) * 255.0)),
          high};
}

// Convert.c hsv2rgb.
void toRgb(const Hsv& hsv, std::uint8_t* pixel) {
  if (hsv.saturation == 0) {
    pixel[0] = pixel[1] = pixel[2] = hsv.value;
    return;
  }
  // The same mixture of float and double as in Convert.c: it decides about ties.
  const double turned = static_cast<double>(hsv.hue) * 6.0 / 255.0;
  const auto sector = static_cast<int>(std::floor(turned));
  const double rest = static_cast<float>(turned - static_cast<double>(static_cast<float>(sector)));
  const double saturation = static_cast<float>(static_cast<double>(hsv.saturation) / 255.0);
  const auto value = static_cast<double>(hsv.value);
  const std::uint8_t v = hsv.value;
  const std::uint8_t p = clip(static_cast<int>(std::round(value * (1.0 - saturation))));
  const std::uint8_t q = clip(static_cast<int>(std::round(value * (1.0 - saturation * rest))));
  const std::uint8_t t =
      clip(static_cast<int>(std::round(value * (1.0 - saturation * (1.0 - rest)))));
  const std::array<std::array<std::uint8_t, 3>, 6> sectors = {
      {{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}}};
  const auto& color = sectors[static_cast<std::size_t>(sector % 6)];
  std::copy(color.begin(), color.end(), pixel);
}

}  // namespace

void adjustHue(RgbImage& image, double turns) {
  // torchvision adds numpy.array(turns * 255).astype("uint8"): truncated towards zero, then modulo
  // 256.
  const auto shift = static_cast<std::uint8_t>(static_cast<int>(turns * 255.0));
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    Hsv hsv = toHsv(&image.pixels[i]);
    hsv.hue = static_cast<std::uint8_t>(hsv.hue + shift);
    toRgb(hsv, &image.pixels[i]);
  }
}

}  // namespace barlow
