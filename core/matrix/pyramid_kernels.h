#pragma once

#include <bit>
#include <cstdint>

namespace barlow {

/// Loops over arrays behind MatrixPyramid and renderViewport, compiled for every kind of vector. No
/// fused multiply-add, so that all of them give the same bits.

/// Of two values the one of larger magnitude, the first of equal ones; NaN wins over everything, so
/// that it is never hidden by its neighbours.
inline float strongerOf(float a, float b) {
  // Bits of magnitudes rank as their values do, with NaN above infinity.
  constexpr std::int32_t kMagnitude = 0x7fffffff;
  const auto bitsA = std::bit_cast<std::int32_t>(a) & kMagnitude;
  const auto bitsB = std::bit_cast<std::int32_t>(b) & kMagnitude;
  return bitsB > bitsA ? b : a;
}

/// One row of a layer of the pyramid.
struct LayerRows {
  const float* peak;
  const float* mean;
  const float* meanSquare;  // null: the values themselves, as in level 0
};
struct LayerRowsOut {
  float* peak;
  float* mean;
  float* meanSquare;
};

/// Two rows of a level to one of the next: cell j of `out` from cells 2j and 2j + 1 of both, all of
/// the same extent.
void reduceRowPair(const LayerRows& upper,
                   const LayerRows& lower,
                   std::int64_t cells,
                   const LayerRowsOut& out);

/// out[j] = strongerOf(a[j], b[j]).
void strongerRow(const float* a, const float* b, std::int64_t count, float* out);
/// out[j] = wa a[j] + wb b[j].
void weightedRow(
    const float* a, float wa, const float* b, float wb, std::int64_t count, float* out);
/// out[j] = wa a[j]^2 + wb b[j]^2.
void weightedSquareRow(
    const float* a, float wa, const float* b, float wb, std::int64_t count, float* out);

/// out[x] from line[first[x]] and line[second[x]].
void gatherStronger(const float* line,
                    const std::int32_t* first,
                    const std::int32_t* second,
                    std::int64_t count,
                    float* out);
void gatherWeighted(const float* line,
                    const std::int32_t* first,
                    const std::int32_t* second,
                    const float* firstWeight,
                    const float* secondWeight,
                    std::int64_t count,
                    float* out);

}  // namespace barlow
