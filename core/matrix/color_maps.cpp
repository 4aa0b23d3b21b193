#include "core/matrix/color_maps.h"

#include "core/matrix/color_map.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace barlow {
namespace {

using Steps = std::array<std::uint32_t, kColorSteps>;

std::uint32_t packed(std::array<double, 3> rgb) {  // 0 to 1
  std::uint32_t color = 0xff;
  for (const double channel : rgb) {
    color =
        color << 8 | static_cast<std::uint32_t>(std::lround(std::clamp(channel, 0.0, 1.0) * 255));
  }
  return color;
}

// Oklab (B. Ottosson, 2020) to linear sRGB.
std::array<double, 3> linearRgb(double lightness, double chroma, double hueDegrees) {
  const double hue = hueDegrees * std::numbers::pi / 180;
  const double a = chroma * std::cos(hue);
  const double b = chroma * std::sin(hue);
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
  const double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
  const double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

double gammaEncoded(double x) {
  return x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055;
}

// The colour of this lightness and hue; chroma gives way where the screen has no such colour.
std::uint32_t oklch(double lightness, double chroma, double hueDegrees) {
  std::array<double, 3> rgb{};
  for (int attempt = 0; attempt < 60; ++attempt, chroma *= 0.97) {
    rgb = linearRgb(lightness, chroma, hueDegrees);
    if (std::all_of(rgb.begin(), rgb.end(), [](double x) { return x >= -1e-4 && x <= 1.0001; })) {
      break;
    }
  }
  return packed({gammaEncoded(rgb[0]), gammaEncoded(rgb[1]), gammaEncoded(rgb[2])});
}

// `color`(x) for x from -1 (entry 0) over 0 (the middle) to 1.
template <class Function>
Steps stepsOf(Function color) {
  Steps steps{};
  constexpr int kMiddle = kColorSteps / 2;
  for (int i = 0; i < kColorSteps; ++i) {
    steps[static_cast<std::size_t>(i)] = color(static_cast<double>(i - kMiddle) / kMiddle);
  }
  return steps;
}

// Lightness falls evenly to both sides; chroma rises over the first two thirds.
Steps twoHues(double lowHue, double highHue) {
  return stepsOf([&](double x) {
    const double size = std::abs(x);
    const double rise = std::min(size / 0.65, 1.0);
    return oklch(0.975 - 0.605 * size, 0.15 * rise * (2 - rise), x < 0 ? lowHue : highHue);
  });
}

// The 256 colours of divergingMap(), with colours between them.
Steps vik() {
  return stepsOf([](double x) {
    const double position = (x + 1) * 127.5;
    const auto low = std::min(static_cast<std::size_t>(position), std::size_t{254});
    const double share = position - static_cast<double>(low);
    std::array<double, 3> rgb{};
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[c] = ((1 - share) * divergingMap()[low][c] + share * divergingMap()[low + 1][c]) / 255;
    }
    return packed(rgb);
  });
}

Steps grayMagnitude(bool isReversed) {
  return stepsOf([&](double x) {
    const double size = isReversed ? 1 - std::abs(x) : std::abs(x);
    return oklch(0.98 - 0.88 * size, 0, 0);
  });
}

Steps lightnessSteps() {
  return stepsOf([](double x) {
    const double t = (x + 1) / 2;
    return oklch(0.2 + 0.75 * t, 0.13, 300 - 200 * t);
  });
}

Steps makeSteps(ColorMapName name, bool isReversed) {
  Steps steps{};
  switch (name) {
    case ColorMapName::Vik:
      steps = vik();
      break;
    case ColorMapName::RedBlue:
      steps = twoHues(255, 25);
      break;
    case ColorMapName::PurpleOrange:
      steps = twoHues(300, 60);
      break;
    case ColorMapName::BlueGold:
      steps = twoHues(260, 85);
      break;
    case ColorMapName::GrayMagnitude:
      return grayMagnitude(isReversed);
    case ColorMapName::LightnessSteps:
      steps = lightnessSteps();
      break;
  }
  if (isReversed) {
    std::reverse(steps.begin(), steps.end());
  }
  return steps;
}

}  // namespace

const std::vector<ColorMapName>& colorMapNames() {
  static const std::vector<ColorMapName> kNames = {ColorMapName::Vik,
                                                   ColorMapName::RedBlue,
                                                   ColorMapName::PurpleOrange,
                                                   ColorMapName::BlueGold,
                                                   ColorMapName::GrayMagnitude,
                                                   ColorMapName::LightnessSteps};
  return kNames;
}

std::string_view toText(ColorMapName name) {
  switch (name) {
    case ColorMapName::Vik:
      return "Vik";
    case ColorMapName::RedBlue:
      return "Red and blue";
    case ColorMapName::PurpleOrange:
      return "Purple and orange";
    case ColorMapName::BlueGold:
      return "Blue and gold";
    case ColorMapName::GrayMagnitude:
      return "Gray by magnitude";
    case ColorMapName::LightnessSteps:
      break;
  }
  return "Lightness steps";
}

bool isDiverging(ColorMapName name) {
  return name != ColorMapName::LightnessSteps && name != ColorMapName::GrayMagnitude;
}

const std::array<std::uint32_t, kColorSteps>& colorSteps(ColorMapName name, bool isReversed) {
  static const std::vector<std::array<Steps, 2>> kAll = [] {
    std::vector<std::array<Steps, 2>> all;
    for (const ColorMapName each : colorMapNames()) {
      all.push_back({makeSteps(each, false), makeSteps(each, true)});
    }
    return all;
  }();
  return kAll[static_cast<std::size_t>(name)][isReversed ? 1 : 0];
}

}  // namespace barlow
