#include "core/matrix/statistics_kernels.h"

#include "core/base/vector_versions.h"

namespace barlow {

BARLOW_VECTOR_VERSIONS void binIndices(const float* __restrict values,
                                       std::int64_t count,
                                       const Binning& binning,
                                       std::int32_t* __restrict out) {
  const float low = binning.low;
  const float high = binning.high;
  const float scale = binning.binsPerUnit;
  const float last = binning.bins;
  for (std::int64_t k = 0; k < count; ++k) {
    const float value = values[k];
    float at = (value - low) * scale + 1.0f;
    at = at > 1.0f ? at : 1.0f;
    at = at < last ? at : last;
    float index = value > high ? last + 1.0f : at;
    index = value < low ? 0.0f : index;
    index = value != value ? last + 2.0f : index;
    out[k] = static_cast<std::int32_t>(index);
  }
}

BARLOW_VECTOR_VERSIONS void magnitudeIndices(const float* __restrict values,
                                             std::int64_t count,
                                             std::int32_t* __restrict out) {
  constexpr auto kNan = static_cast<std::int32_t>(MagnitudeHistogram::kBins);
  for (std::int64_t k = 0; k < count; ++k) {
    const std::int32_t bits = __builtin_bit_cast(std::int32_t, values[k]) & 0x7fffffff;
    out[k] = bits > 0x7f800000 ? kNan : bits >> 15;
  }
}

BARLOW_VECTOR_VERSIONS double sumOfSquares(const float* values, std::int64_t count) {
  constexpr std::int64_t kLanes = 16;
  double sums[kLanes] = {};
  std::int64_t k = 0;
  for (; k + kLanes <= count; k += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[k + lane];
      sums[lane] += value * value;
    }
  }
  double total = 0;
  for (const double sum : sums) {
    total += sum;
  }
  for (; k < count; ++k) {
    const double value = values[k];
    total += value * value;
  }
  return total;
}

BARLOW_VECTOR_VERSIONS bool hasBeyond(const float* values,
                                      std::int64_t count,
                                      float low,
                                      float high) {
  std::int32_t found = 0;
  for (std::int64_t k = 0; k < count; ++k) {
    found |=
        static_cast<std::int32_t>(values[k] > high) | static_cast<std::int32_t>(values[k] < low);
  }
  return found != 0;
}

}  // namespace barlow
