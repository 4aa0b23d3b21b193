#pragma once

#include <array>
#include <cstdint>

namespace barlow {

using Rgb = std::array<std::uint8_t, 3>;

/// Diverging map for values in [-1, 1]: blue, white at zero, red-brown; lightness falls alike on
/// both sides, and no pair of colours depends on telling red from green. 256 entries; entry 0 is
/// -1, entry 255 is +1.
const std::array<Rgb, 256>& divergingMap();

/// The colour of a value: clamped to [-1, 1]; NaN is magenta, which occurs nowhere else.
Rgb divergingColor(float value);

}  // namespace barlow
