#pragma once

#include "core/base/vector_versions.h"

#include <cstdint>

namespace barlow {

/// A bfloat16 given as its bits.
BARLOW_BODY float wide(std::uint16_t bits) {
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16);
}

/// The nearest bfloat16, of two the even one.
BARLOW_BODY std::uint16_t rounded(float value) {
  const auto bits = __builtin_bit_cast(std::uint32_t, value);
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

}  // namespace barlow
