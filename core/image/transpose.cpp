#include "core/image/transpose.h"

#include <algorithm>

namespace barlow {

RgbImage transposed(const RgbImage& image, int left, int top, int width, int height) {
  constexpr int kTile = 16;  // pixels: both sides of a tile stay in the cache
  RgbImage result(height, width);
  for (int tileY = 0; tileY < height; tileY += kTile) {
    const int endY = std::min(tileY + kTile, height);
    for (int tileX = 0; tileX < width; tileX += kTile) {
      const int endX = std::min(tileX + kTile, width);
      for (int x = tileX; x < endX; ++x) {
        std::uint8_t* target = result.row(x) + 3 * tileY;
        for (int y = tileY; y < endY; ++y, target += 3) {
          const std::uint8_t* source = image.row(top + y) + 3 * (left + x);
          target[0] = source[0];
          target[1] = source[1];
          target[2] = source[2];
        }
      }
    }
  }
  return result;
}

}  // namespace barlow
