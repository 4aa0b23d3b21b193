#include "core/device/resample_table.h"

#include "core/image/resample.h"

#include <cmath>

namespace barlow {
namespace {

constexpr int kLowBits = 10;

ResampleFilter filterOf(Interpolation interpolation) {
  return interpolation == Interpolation::Bicubic ? ResampleFilter::Bicubic
                                                 : ResampleFilter::Bilinear;
}

}  // namespace

ResampleTable::ResampleTable(int most, int side_, Interpolation interpolation)
    : entries(2 * (static_cast<std::int64_t>(most) + 1)),
      side(side_),
      window(resampleWeights(most, side_, filterOf(interpolation)).most + 2) {
  values.resize(static_cast<std::size_t>(entries * 2 * side * window));
  shift.resize(static_cast<std::size_t>(entries * side));
  for (int extent = 1; extent <= most; ++extent) {
    fill(extent, interpolation);
  }
}

void ResampleTable::fill(int extent, Interpolation interpolation) {
  const ResampleWeights weights =
      resampleWeights(extent, static_cast<int>(side), filterOf(interpolation));
  for (std::int64_t i = 0; i < side; ++i) {
    const int low = weights.first[static_cast<std::size_t>(i)];
    const int count = weights.count[static_cast<std::size_t>(i)];
    const std::int32_t* const line = weights.values.data() + i * weights.most;
    for (const bool isMirrored : {false, true}) {
      const std::int64_t row = entry(extent, isMirrored);
      const std::int64_t target = isMirrored ? side - 1 - i : i;
      shift[static_cast<std::size_t>(row * side + target)] = 1 - low;
      for (int x = 0; x < count; ++x) {
        const std::int32_t whole = line[x];
        const std::int32_t top = (whole + (1 << (kLowBits - 1))) >> kLowBits;
        const std::int32_t rest = whole - top * (1 << kLowBits);
        float* const first = values.data() + (row * 2 * side + target) * window + x + 1;
        first[0] = std::ldexp(static_cast<float>(top), kLowBits - ResampleWeights::kBits);
        first[side * window] = std::ldexp(static_cast<float>(rest), -kLowBits);
      }
    }
  }
}

}  // namespace barlow
