#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace barlow {

/// What becomes of every colour, as tables: a device only looks up, and the results are the CPU
/// kernels' bytes whatever its arithmetic. A colour is a whole number R | G << 8 | B << 16, and so
/// is H | S << 8 | V << 16. The formulas, with their sources, are those of core/augment/kernels.h.
inline constexpr std::size_t kColors = 1u << 24;

/// [kColors] the grey level of a colour.
std::vector<std::uint8_t> grayOfColors();
/// [kColors] 8-bit HSV of a colour, and back.
std::vector<std::int32_t> hsvOfColors();
std::vector<std::int32_t> colorsOfHsv();

/// [kThresholds, 3, 256] what a level of a channel is for the network, once solarised with a
/// threshold: normalizeInto() of all levels (core/augment/augment.h). The last threshold, 256,
/// changes no level.
inline constexpr std::int64_t kThresholds = 257;
inline constexpr std::int64_t kLevelsOfThreshold = 3 * 256;
std::vector<float> normalizedLevels(const std::array<double, 3>& mean,
                                    const std::array<double, 3>& std);

}  // namespace barlow
