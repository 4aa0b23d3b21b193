#pragma once

#include "core/matrix/histogram.h"

#include <cstdint>

namespace barlow {

/// Loops over arrays behind computeStatistics, for every kind of vector.

struct Binning {
  float low;
  float high;
  float binsPerUnit;
  float bins;
};
Binning binningOf(const Histogram& histogram);

/// out[k]: 0 below, 1 + bin, bins + 1 above, bins + 2 for NaN.
void binIndices(const float* values, std::int64_t count, const Binning& binning, std::int32_t* out);
/// out[k]: bin of MagnitudeHistogram, kBins for NaN.
void magnitudeIndices(const float* values, std::int64_t count, std::int32_t* out);
double sumOfSquares(const float* values, std::int64_t count);
/// Whether any value is above `high` or below `low`.
bool hasBeyond(const float* values, std::int64_t count, float low, float high);

}  // namespace barlow
