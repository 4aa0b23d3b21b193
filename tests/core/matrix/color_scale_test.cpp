#include "core/matrix/color_scale.h"

#include "core/base/error.h"
#include "core/matrix/color_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <vector>

namespace barlow {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

std::array<double, 3> channels(std::uint32_t color) {
  return {static_cast<double>(color >> 16 & 0xff),
          static_cast<double>(color >> 8 & 0xff),
          static_cast<double>(color & 0xff)};
}

std::array<double, 3> linear(std::uint32_t color) {
  std::array<double, 3> rgb = channels(color);
  for (double& c : rgb) {
    c /= 255;
    c = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return rgb;
}

// CIE lightness, 0 to 100.
double lightness(std::uint32_t color) {
  const auto rgb = linear(color);
  const double y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  return y > 0.008856 ? 116 * std::cbrt(y) - 16 : 903.3 * y;
}

double distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

// What a person without red (0) or green (1) cones sees, in linear RGB (Vienot, Brettel, Mollon
// 1999).
std::array<double, 3> dichromatic(const std::array<double, 3>& rgb, int missing) {
  const double r = rgb[0];
  const double g = rgb[1];
  const double b = rgb[2];
  if (missing == 0) {
    return {0.11238 * r + 0.88762 * g, 0.11238 * r + 0.88762 * g, 0.00401 * (r - g) + b};
  }
  return {0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * (r - g) + b};
}

constexpr int kMiddle = kColorSteps / 2;

TEST(ColorMaps, DivergingOnesFallInLightnessAlikeOnBothSides) {
  for (const ColorMapName name : colorMapNames()) {
    if (!isDiverging(name)) {
      continue;
    }
    const auto& steps = colorSteps(name, false);
    EXPECT_GT(lightness(steps[kMiddle]), 93) << toText(name);
    for (std::size_t i = 1; i <= kMiddle; ++i) {
      EXPECT_LE(lightness(steps[kMiddle + i]), lightness(steps[kMiddle + i - 1]) + 0.6);
      EXPECT_LE(lightness(steps[kMiddle - i]), lightness(steps[kMiddle - i + 1]) + 0.6);
      EXPECT_NEAR(lightness(steps[kMiddle + i]), lightness(steps[kMiddle - i]), 12)
          << toText(name) << " at " << i;
    }
  }
}

TEST(ColorMaps, TheSidesStayApartForPeopleWithoutRedOrGreenCones) {
  for (const ColorMapName name : colorMapNames()) {
    if (!isDiverging(name)) {
      continue;
    }
    const auto& steps = colorSteps(name, false);
    for (const int missing : {0, 1}) {
      const auto low = dichromatic(linear(steps[200]), missing);
      const auto high = dichromatic(linear(steps[kColorSteps - 201]), missing);
      EXPECT_GT(distance(low, high), 0.15) << toText(name) << " without " << missing;
    }
  }
}

TEST(ColorMaps, GrayAndSequentialRiseEvenly) {
  const auto& gray = colorSteps(ColorMapName::GrayMagnitude, false);
  const auto& steps = colorSteps(ColorMapName::LightnessSteps, false);
  for (std::size_t i = 1; i < kColorSteps; ++i) {
    EXPECT_GE(lightness(steps[i]), lightness(steps[i - 1]) - 0.6) << i;
    EXPECT_EQ(gray[i], gray[kColorSteps - 1 - i]);
  }
  EXPECT_GT(lightness(gray[kMiddle]), 95);
  EXPECT_LT(lightness(gray[0]), 10);
  EXPECT_LT(lightness(colorSteps(ColorMapName::GrayMagnitude, true)[kMiddle]), 10);
}

TEST(ColorMaps, ReverseSwapsTheEnds) {
  for (const ColorMapName name : colorMapNames()) {
    if (name != ColorMapName::GrayMagnitude) {
      EXPECT_EQ(colorSteps(name, true)[0], colorSteps(name, false)[kColorSteps - 1]);
      EXPECT_EQ(colorSteps(name, true)[kMiddle], colorSteps(name, false)[kMiddle]);
    }
  }
  EXPECT_EQ(std::set<std::string_view>({toText(ColorMapName::Vik),
                                        toText(ColorMapName::RedBlue),
                                        toText(ColorMapName::PurpleOrange),
                                        toText(ColorMapName::BlueGold),
                                        toText(ColorMapName::GrayMagnitude),
                                        toText(ColorMapName::LightnessSteps)})
                .size(),
            colorMapNames().size());
}

TEST(ColorMaps, NanAndClippedColoursOccurInNoMap) {
  const ColorSettings settings;
  for (const ColorMapName name : colorMapNames()) {
    for (const std::uint32_t color : colorSteps(name, false)) {
      for (const std::uint32_t special : {settings.nan, settings.under, settings.over}) {
        ASSERT_GT(distance(channels(color), channels(special)), 40) << toText(name);
      }
    }
  }
}

TEST(ColorScale, AgreesWithTheMapOfReports) {
  const ColorScale scale({});
  for (int i = -100; i <= 100; ++i) {
    const float value = static_cast<float>(i) / 100;
    const Rgb expected = divergingColor(value);
    EXPECT_LT(distance(channels(scale.color(value)),
                       {static_cast<double>(expected[0]),
                        static_cast<double>(expected[1]),
                        static_cast<double>(expected[2])}),
              5)
        << value;
  }
}

TEST(ColorScale, ShowsNanAndClippedValuesApart) {
  const ColorSettings settings{.low = -0.5f, .high = 0.5f};
  const ColorScale scale(settings);
  const auto& steps = colorSteps(settings.map, false);
  EXPECT_EQ(scale.color(std::nanf("")), settings.nan);
  EXPECT_EQ(scale.color(0.51f), settings.over);
  EXPECT_EQ(scale.color(kInf), settings.over);
  EXPECT_EQ(scale.color(-0.51f), settings.under);
  EXPECT_EQ(scale.color(-kInf), settings.under);
  EXPECT_EQ(scale.color(0.5f), steps.back());
  EXPECT_EQ(scale.color(0.5000001f), steps.back()) << "rounding is no clipping";
  EXPECT_EQ(scale.color(-0.5f), steps.front());
  EXPECT_EQ(scale.color(0), steps[kMiddle]);
  ColorSettings quiet = settings;
  quiet.showsClipped = false;
  EXPECT_EQ(ColorScale(quiet).color(7), steps.back());
  EXPECT_EQ(ColorScale(quiet).color(-kInf), steps.front());
  EXPECT_EQ(ColorScale(quiet).color(std::nanf("")), settings.nan);
}

TEST(ColorScale, SpreadsValuesByItsFormula) {
  for (const ScaleKind kind : {ScaleKind::Linear, ScaleKind::SymmetricLog, ScaleKind::Gamma}) {
    for (const auto& [low, high] :
         std::vector<std::pair<float, float>>{{-1, 1}, {-0.2f, 3}, {0, 1}}) {
      const ColorSettings settings{
          .low = low, .high = high, .scale = kind, .linearThreshold = 0.003f, .gamma = 0.4f};
      const ColorScale scale(settings);
      const auto formula = [&](double v) {
        const double size = std::abs(v);
        const double scaled = kind == ScaleKind::Linear ? size
                              : kind == ScaleKind::SymmetricLog
                                  ? std::log1p(size / settings.linearThreshold)
                                  : std::pow(size, settings.gamma);
        return v < 0 ? -scaled : scaled;
      };
      for (int i = 0; i <= 997; ++i) {
        const double t = i / 997.0;
        const auto value = static_cast<float>(low + t * (static_cast<double>(high) - low));
        const double position = (formula(value) - formula(low)) / (formula(high) - formula(low));
        ASSERT_NEAR(scale.position(value), position, 3e-6) << value;
        ASSERT_NEAR(scale.valueAt(scale.position(value)), value, 2e-5);
        const double step = position * (kColorSteps - 1);
        const double share = step - std::floor(step);
        if (std::abs(share - 0.5) > 0.01) {  // at the border between two colours both are right
          ASSERT_EQ(scale.color(value),
                    colorSteps(settings.map, false)[static_cast<std::size_t>(std::lround(step))]);
        }
      }
    }
  }
}

TEST(ColorScale, ColoursRowsAsItColoursValues) {
  for (const ScaleKind kind : {ScaleKind::Linear, ScaleKind::SymmetricLog, ScaleKind::Gamma}) {
    const ColorScale scale({.scale = kind});
    std::vector<float> values;
    for (int i = -150; i <= 150; ++i) {
      values.push_back(static_cast<float>(i) / 127);
    }
    values.insert(values.end(), {kInf, -kInf, std::nanf(""), 1e-38f, -0.0f, 3e38f});
    std::vector<std::uint32_t> colors(values.size());
    scale.colors(values.data(), static_cast<std::int64_t>(values.size()), colors.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(colors[i], scale.color(values[i])) << values[i];
    }
  }
}

TEST(ColorScale, RefusesLimitsWithoutARange) {
  EXPECT_THROW(ColorScale({.low = 1, .high = 1}), Exception);
  EXPECT_THROW(ColorScale({.low = 1, .high = -1}), Exception);
  EXPECT_THROW(ColorScale({.low = std::nanf(""), .high = 1}), Exception);
  EXPECT_THROW(ColorScale({.low = 0, .high = kInf}), Exception);
  EXPECT_THROW(ColorScale({.linearThreshold = 0}), Exception);
  EXPECT_THROW(ColorScale({.gamma = -1}), Exception);
}

}  // namespace
}  // namespace barlow
