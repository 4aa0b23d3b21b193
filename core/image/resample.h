#pragma once

#include "core/base/rgb_image.h"

#include <cstdint>
#include <vector>

namespace barlow {

enum class ResampleFilter { Bilinear, Bicubic };

/// A part of a picture, in pixels; inside it.
struct PixelRect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// Cuts out `rect` and resizes it to width x height as Pillow's `Image.crop(...).resize(...)` does:
/// the filter's support grows when shrinking (antialiasing), 8-bit arithmetic with 22 fractional
/// bits, rows first, rounded in between. Equal to Pillow to the grey level (Pillow
/// src/libImaging/Resample.c).
RgbImage resample(
    const RgbImage& image, const PixelRect& rect, int width, int height, ResampleFilter filter);

}  // namespace barlow
