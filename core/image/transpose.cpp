#include "core/image/transpose.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace barlow {

RgbImage transposed(const RgbImage& image, int left, int top, int width, int height) {
  constexpr int kTile = 16;  // pixels: both sides of a tile stay in the cache
  RgbImage result(height, width);
  const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(image.width) * 3;
  for (int tileY = 0; tileY < height; tileY += kTile) {
    const int endY = std::min(tileY + kTile, height);
    for (int tileX = 0; tileX < width; tileX += kTile) {
      const int endX = std::min(tileX + kTile, width);
      for (int x = tileX; x < endX; ++x) {
        std::uint8_t* target = result.row(x) + 3 * tileY;
        const std::uint8_t* source = image.row(top + tileY) + 3 * (left + x);
        // Four bytes at a time, of which the next pixel overwrites the last; not so the tile's last
        // pixel, behind which something else, or nothing, may lie.
        for (int y = tileY; y + 1 < endY; ++y, target += 3, source += stride) {
          std::uint32_t pixel = 0;
          std::memcpy(&pixel, source, sizeof(pixel));
          std::memcpy(target, &pixel, sizeof(pixel));
        }
        std::memcpy(target, source, 3);
      }
    }
  }
  return result;
}

}  // namespace barlow
