#pragma once

#include "core/base/vector_versions.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace barlow {

/// Some pixels with a plane for each channel: without threes, so that the compiler makes vectors of
/// what is done with them. Pixels beyond those read hold what was there before. Internal to
/// core/augment.
inline constexpr std::size_t kPlanePixels = 256;
using Plane = std::array<std::int32_t, kPlanePixels>;
struct PixelPlanes {
  Plane red{};
  Plane green{};
  Plane blue{};
};

BARLOW_BODY void readPlanes(const std::uint8_t* pixels, std::size_t count, PixelPlanes& planes) {
  for (std::size_t i = 0; i < count; ++i) {
    planes.red[i] = pixels[3 * i];
    planes.green[i] = pixels[3 * i + 1];
    planes.blue[i] = pixels[3 * i + 2];
  }
}

BARLOW_BODY void writePlanes(const PixelPlanes& planes, std::size_t count, std::uint8_t* pixels) {
  for (std::size_t i = 0; i < count; ++i) {
    pixels[3 * i] = static_cast<std::uint8_t>(planes.red[i]);
    pixels[3 * i + 1] = static_cast<std::uint8_t>(planes.green[i]);
    pixels[3 * i + 2] = static_cast<std::uint8_t>(planes.blue[i]);
  }
}

}  // namespace barlow
