#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace barlow {

/// What becomes of every colour, as tables: a device only looks up, and the results are the CPU
/// kernels' bytes whatever its arithmetic. A colour is a whole number R | G << 8 | B << 16, and so
/// is H | S << 8 | V << 16. The formulas, with their sources, are those of core/augment/kernels.h.
inline constexpr std::size_t kColors = 1u << 24;

/// values[color] is the grey level of a colour. All of these take kColors values.
void fillGrayOfColors(std::span<std::uint8_t> values);
/// 8-bit HSV of a colour, and back.
void fillHsvOfColors(std::span<std::int32_t> values);
void fillColorsOfHsv(std::span<std::int32_t> values);

/// [kThresholds, 3, 256] what a level of a channel is for the network, once solarised with a
/// threshold: normalizeInto() of all levels (core/augment/augment.h). The last threshold, 256,
/// changes no level.
inline constexpr std::int64_t kThresholds = 257;
inline constexpr std::int64_t kLevelsOfThreshold = 3 * 256;
std::vector<float> normalizedLevels(const std::array<double, 3>& mean,
                                    const std::array<double, 3>& std);

}  // namespace barlow
