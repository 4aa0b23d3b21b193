#include "core/dataset/color_field.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace barlow {

ColorField::ColorField(Rng& rng)
    : blue_(rng.uniform(-30.0, 30.0)),
      red_(rng.uniform(-30.0, 30.0)),
      blueWaves_{drawWave(rng), drawWave(rng)},
      redWaves_{drawWave(rng), drawWave(rng)} {}

std::array<double, 3> ColorField::at(int x, int y, double luminance) const {
  const double cb = blue_ + blueWaves_[0].at(x, y) + blueWaves_[1].at(x, y);
  const double cr = red_ + redWaves_[0].at(x, y) + redWaves_[1].at(x, y);
  return {luminance + 1.402 * cr, luminance - 0.344 * cb - 0.714 * cr, luminance + 1.772 * cb};
}

RgbImage ColorField::painted(int width,
                             int height,
                             const std::function<double(int x, int y)>& luminance) const {
  RgbImage image(width, height);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* pixel = image.row(y);
    for (int x = 0; x < width; ++x) {
      for (const double value : at(x, y, luminance(x, y))) {
        *pixel++ = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  }
  return image;
}

double ColorField::Wave::at(int x, int y) const {
  return amplitude * std::cos(kx * x + ky * y + phase);
}

ColorField::Wave ColorField::drawWave(Rng& rng) {
  const double length = rng.uniform(8.0, 40.0);  // pixels
  const double angle = rng.uniform(0.0, 2.0 * std::numbers::pi);
  const double k = 2.0 * std::numbers::pi / length;
  return {k * std::cos(angle),
          k * std::sin(angle),
          rng.uniform(0.0, 2.0 * std::numbers::pi),
          rng.uniform(30.0, 70.0)};
}

}  // namespace barlow
