#include "core/matrix/order_kernels.h"

#include "core/base/vector_versions.h"

#include <limits>

namespace barlow {

BARLOW_VECTOR_VERSIONS float smallestPenalized(const float* __restrict row,
                                               const float* __restrict penalty,
                                               std::int64_t count) {
  constexpr std::int64_t kLanes = 32;
  float smallest[kLanes];
  for (float& lane : smallest) {
    lane = std::numeric_limits<float>::infinity();
  }
  std::int64_t k = 0;
  for (; k + kLanes <= count; k += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float value = row[k + lane] + penalty[k + lane];
      smallest[lane] = value < smallest[lane] ? value : smallest[lane];
    }
  }
  float result = std::numeric_limits<float>::infinity();
  for (const float lane : smallest) {
    result = lane < result ? lane : result;
  }
  for (; k < count; ++k) {
    const float value = row[k] + penalty[k];
    result = value < result ? value : result;
  }
  return result;
}

BARLOW_VECTOR_VERSIONS void mixRows(const float* __restrict a,
                                    float wa,
                                    const float* __restrict b,
                                    float wb,
                                    std::int64_t count,
                                    float* __restrict out) {
  for (std::int64_t k = 0; k < count; ++k) {
    const float low = a[k] < b[k] ? a[k] : b[k];
    const float high = a[k] < b[k] ? b[k] : a[k];
    float mixed = wa * a[k] + wb * b[k];
    mixed = mixed < low ? low : mixed;
    out[k] = mixed > high ? high : mixed;
  }
}

BARLOW_VECTOR_VERSIONS double dotProduct(const float* __restrict a,
                                         const double* __restrict b,
                                         std::int64_t count) {
  constexpr std::int64_t kLanes = 16;
  double sums[kLanes] = {};
  std::int64_t k = 0;
  for (; k + kLanes <= count; k += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += static_cast<double>(a[k + lane]) * b[k + lane];
    }
  }
  double total = 0;
  for (const double sum : sums) {
    total += sum;
  }
  for (; k < count; ++k) {
    total += static_cast<double>(a[k]) * b[k];
  }
  return total;
}

}  // namespace barlow
