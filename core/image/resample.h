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

/// How a line of `in` positions becomes one of `out`, as Pillow computes it (precompute_coeffs,
/// normalize_coeffs_8bpc): for every output position the first input, how many, and their weights.
struct ResampleWeights {
  static constexpr int kBits = 32 - 8 - 2;  // weights are in units of 2^-22: 8 bits of value, 2 of
                                            // overshoot
  int most = 0;                             // inputs of one output
  std::vector<int> first;                   // [out]
  std::vector<int> count;                   // [out]
  std::vector<std::int32_t> values;         // [out, most]
};
ResampleWeights resampleWeights(int in, int out, ResampleFilter filter);

/// Which direction is resized first. What lies between the two passes is rounded, so that the order
/// shows: mostly by one or two levels.
enum class PassOrder { AcrossFirst, DownFirst };

/// The order in which Pillow of this major version makes inWidth x inHeight to width x height.
/// Until 12: across first. From 13 on (python-pillow/Pillow#9549, ImagingResampleInner): down first
/// where that takes away more than twice as many lines as columns. (12.2 and 12.3 go down first
/// where a picture is more than 100 times as high as wide, Image.resize; no crop of a recipe is.)
PassOrder passOrder(int pillow, int inWidth, int inHeight, int width, int height);

/// Cuts out `rect` and resizes it to width x height as Pillow's `Image.crop(...).resize(...)` does:
/// the filter's support grows when shrinking (antialiasing), 8-bit arithmetic with 22 fractional
/// bits, one direction after the other, rounded in between. Equal to Pillow to the grey level
/// (Pillow src/libImaging/Resample.c).
RgbImage resample(const RgbImage& image,
                  const PixelRect& rect,
                  int width,
                  int height,
                  ResampleFilter filter,
                  PassOrder order = PassOrder::AcrossFirst);

/// The part `window` of what resample() gives, and no more work than that part takes.
RgbImage resampleWindow(const RgbImage& image,
                        const PixelRect& rect,
                        int width,
                        int height,
                        const PixelRect& window,
                        ResampleFilter filter,
                        PassOrder order);

}  // namespace barlow
