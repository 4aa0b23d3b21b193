#pragma once

#include "core/base/rgb_image.h"

namespace barlow {

/// Rows become columns: pixel (x, y) of the result is pixel (y, x) of `image`, within the given
/// part of it. What works along columns is fast, as it takes whole rows at a time; this makes it
/// serve for rows as well.
RgbImage transposed(const RgbImage& image, int left, int top, int width, int height);
inline RgbImage transposed(const RgbImage& image) {
  return transposed(image, 0, 0, image.width, image.height);
}

}  // namespace barlow
