#pragma once

#include "core/params/augment_params.h"

#include <cstdint>
#include <vector>

namespace barlow {

/// The weights with which every extent up to `most` is resized to `side`: those of
/// core/image/resample.cpp, whole numbers in units of 2^-22, in two halves of their bits. Floats
/// hold both and every partial sum of their products with levels exactly, whatever the order, for
/// windows of up to 128 positions: extents up to 32 times the side.
struct ResampleTable {
  ResampleTable(int most, int side, Interpolation interpolation);
  /// The place of an extent, and of the same mirrored.
  static std::int32_t entry(int extent, bool isMirrored) {
    return 2 * extent + (isMirrored ? 1 : 0);
  }

  std::int64_t entries = 0;
  std::int64_t side = 0;
  std::int64_t window = 0;  // positions of the widest filter, and a zero at either end
  /// [entries, 2, side, window]: high parts in units of 2^-12 of a level, low parts in units of
  /// 2^-10 of such a unit.
  std::vector<float> values;
  /// [entries, side]: position x of an extent has its weight at x + shift, cut to the window.
  std::vector<std::int64_t> shift;

 private:
  void fill(int extent, Interpolation interpolation);
};

}  // namespace barlow
