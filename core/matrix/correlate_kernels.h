#pragma once

#include <cstdint>

namespace barlow {

/// The loop behind crossCorrelation, compiled for every kind of vector. All processors with fused
/// multiply-add (x86-64-v3 and later) give the same bits.
inline constexpr std::int64_t kTileRows = 6;  // 6 x 16 sums fit the registers of AVX2 and AVX-512
inline constexpr std::int64_t kTileColumns = 16;

/// out[r, c] += sum over n of a[n, r] b[n, c] for a tile of kTileRows x kTileColumns. a: [n,
/// kTileRows], b: [n, kTileColumns], out: kTileColumns floats a row, all packed.
void addTile(const float* a, const float* b, std::int64_t n, float* out);

}  // namespace barlow
