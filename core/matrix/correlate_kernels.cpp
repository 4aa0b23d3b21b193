#include "core/matrix/correlate_kernels.h"

#include "core/base/vector_versions.h"

#include <cstring>

namespace barlow {

// Sums of kTileRows vectors stay in registers; GCC lowers a vector of 16 to what the processor has.
BARLOW_VECTOR_VERSIONS void addTile(const float* a, const float* b, std::int64_t n, float* out) {
  typedef float Vector __attribute__((vector_size(kTileColumns * sizeof(float))));
  Vector sums[kTileRows] = {};
  for (std::int64_t i = 0; i < n; ++i) {
    Vector columns;
    std::memcpy(&columns, b + i * kTileColumns, sizeof(columns));
    const float* rows = a + i * kTileRows;
    for (std::int64_t r = 0; r < kTileRows; ++r) {
      sums[r] += rows[r] * columns;
    }
  }
  for (std::int64_t r = 0; r < kTileRows; ++r) {
    Vector before;
    std::memcpy(&before, out + r * kTileColumns, sizeof(before));
    before += sums[r];
    std::memcpy(out + r * kTileColumns, &before, sizeof(before));
  }
}

}  // namespace barlow
