#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace barlow {

/// Colour maps for matrices. The first four are diverging (lightest in the middle, as light on one
/// side as on the other), and no reading of them depends on telling red from green.
enum class ColorMapName {
  Vik,             // blue, white, red-brown: divergingMap(), in finer steps
  RedBlue,         // blue, white, red
  PurpleOrange,    // purple, white, orange
  BlueGold,        // blue, white, gold-brown: told apart with any kind of colour blindness
  GrayMagnitude,   // white in the middle, black at both ends: |C| at a glance
  LightnessSteps,  // sequential from dark violet to light yellow, lightness rising evenly
};
const std::vector<ColorMapName>& colorMapNames();
/// "Vik", "Red and blue", ...
std::string_view toText(ColorMapName name);
bool isDiverging(ColorMapName name);

/// An odd number, so that the middle has an entry of its own.
inline constexpr int kColorSteps = 1023;
/// 0xffRRGGBB from the low end to the high one. Reversed: the same colours from the other end, and
/// for GrayMagnitude black in the middle. Made once; any thread.
const std::array<std::uint32_t, kColorSteps>& colorSteps(ColorMapName name, bool isReversed);

}  // namespace barlow
