#include "core/matrix/color_map.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

struct ControlPoint {
  double position;  // 0 to 1
  std::array<double, 3> rgb;
};

constexpr std::array<ControlPoint, 9> kPoints = {{{0.000, {8, 29, 88}},
                                                  {0.125, {25, 76, 140}},
                                                  {0.250, {67, 133, 185}},
                                                  {0.375, {152, 195, 222}},
                                                  {0.500, {247, 247, 247}},
                                                  {0.625, {244, 195, 152}},
                                                  {0.750, {216, 126, 78}},
                                                  {0.875, {165, 62, 36}},
                                                  {1.000, {90, 17, 14}}}};

Rgb interpolated(double position) {
  std::size_t upper = 1;
  while (upper + 1 < kPoints.size() && kPoints[upper].position < position) {
    ++upper;
  }
  const ControlPoint& low = kPoints[upper - 1];
  const ControlPoint& high = kPoints[upper];
  const double t = (position - low.position) / (high.position - low.position);
  Rgb color{};
  for (std::size_t c = 0; c < 3; ++c) {
    color[c] = static_cast<std::uint8_t>(std::lround(low.rgb[c] + t * (high.rgb[c] - low.rgb[c])));
  }
  return color;
}

}  // namespace

const std::array<Rgb, 256>& divergingMap() {
  static const std::array<Rgb, 256> map = [] {
    std::array<Rgb, 256> entries{};
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i] = interpolated(static_cast<double>(i) / 255.0);
    }
    return entries;
  }();
  return map;
}

Rgb divergingColor(float value) {
  if (std::isnan(value)) {
    return {255, 0, 255};
  }
  const float clamped = std::clamp(value, -1.0f, 1.0f);
  return divergingMap()[static_cast<std::size_t>(std::lround((clamped + 1.0f) * 127.5f))];
}

}  // namespace barlow
