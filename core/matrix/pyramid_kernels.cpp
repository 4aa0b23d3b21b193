#include "core/matrix/pyramid_kernels.h"

#include "core/base/vector_versions.h"

namespace barlow {
namespace {

// As strongerOf(), which GCC does not inline into the versions. Whole numbers are compared: with
// floats GCC 12 makes branches of it and no vectors.
BARLOW_BODY std::int32_t magnitude(float value) {
  return __builtin_bit_cast(std::int32_t, value) & 0x7fffffff;
}
BARLOW_BODY float stronger(float a, float b) { return magnitude(b) > magnitude(a) ? b : a; }

BARLOW_VECTOR_VERSIONS void reducePeak(const float* __restrict upper,
                                       const float* __restrict lower,
                                       std::int64_t cells,
                                       float* __restrict out) {
  for (std::int64_t j = 0; j < cells; ++j) {
    out[j] = stronger(stronger(upper[2 * j], upper[2 * j + 1]),
                      stronger(lower[2 * j], lower[2 * j + 1]));
  }
}

BARLOW_VECTOR_VERSIONS void reduceMean(const float* __restrict upper,
                                       const float* __restrict lower,
                                       std::int64_t cells,
                                       float* __restrict out) {
  for (std::int64_t j = 0; j < cells; ++j) {
    out[j] = 0.25f * ((upper[2 * j] + upper[2 * j + 1]) + (lower[2 * j] + lower[2 * j + 1]));
  }
}

BARLOW_VECTOR_VERSIONS void reduceSquares(const float* __restrict upper,
                                          const float* __restrict lower,
                                          std::int64_t cells,
                                          float* __restrict out) {
  for (std::int64_t j = 0; j < cells; ++j) {
    const float a = upper[2 * j];
    const float b = upper[2 * j + 1];
    const float c = lower[2 * j];
    const float d = lower[2 * j + 1];
    out[j] = 0.25f * ((a * a + b * b) + (c * c + d * d));
  }
}

}  // namespace

void reduceRowPair(const LayerRows& upper,
                   const LayerRows& lower,
                   std::int64_t cells,
                   const LayerRowsOut& out) {
  reducePeak(upper.peak, lower.peak, cells, out.peak);
  reduceMean(upper.mean, lower.mean, cells, out.mean);
  if (upper.meanSquare == nullptr) {
    reduceSquares(upper.mean, lower.mean, cells, out.meanSquare);
  } else {
    reduceMean(upper.meanSquare, lower.meanSquare, cells, out.meanSquare);
  }
}

BARLOW_VECTOR_VERSIONS void strongerRow(const float* __restrict a,
                                        const float* __restrict b,
                                        std::int64_t count,
                                        float* __restrict out) {
  for (std::int64_t j = 0; j < count; ++j) {
    out[j] = stronger(a[j], b[j]);
  }
}

BARLOW_VECTOR_VERSIONS void weightedRow(const float* __restrict a,
                                        float wa,
                                        const float* __restrict b,
                                        float wb,
                                        std::int64_t count,
                                        float* __restrict out) {
  for (std::int64_t j = 0; j < count; ++j) {
    out[j] = wa * a[j] + wb * b[j];
  }
}

BARLOW_VECTOR_VERSIONS void weightedSquareRow(const float* __restrict a,
                                              float wa,
                                              const float* __restrict b,
                                              float wb,
                                              std::int64_t count,
                                              float* __restrict out) {
  for (std::int64_t j = 0; j < count; ++j) {
    out[j] = wa * (a[j] * a[j]) + wb * (b[j] * b[j]);
  }
}

void gatherStronger(const float* __restrict line,
                    const std::int32_t* __restrict first,
                    const std::int32_t* __restrict second,
                    std::int64_t count,
                    float* __restrict out) {
  for (std::int64_t x = 0; x < count; ++x) {
    out[x] = stronger(line[first[x]], line[second[x]]);
  }
}

void gatherWeighted(const float* __restrict line,
                    const std::int32_t* __restrict first,
                    const std::int32_t* __restrict second,
                    const float* __restrict firstWeight,
                    const float* __restrict secondWeight,
                    std::int64_t count,
                    float* __restrict out) {
  for (std::int64_t x = 0; x < count; ++x) {
    out[x] = firstWeight[x] * line[first[x]] + secondWeight[x] * line[second[x]];
  }
}

}  // namespace barlow
