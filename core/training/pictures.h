#pragma once

#include "core/base/rgb_image.h"
#include "core/report/snapshot.h"

#include <span>

namespace barlow {

enum class MatrixLayer { Peak, Mean, Rms };

/// The matrix on the fixed scale -1 to 1 beside a colour bar. `size`: side of the matrix part in
/// pixels; values are magnified without interpolation, or for a larger matrix pooled as the layer
/// pools.
RgbImage drawMatrix(const MatrixPicture& matrix, MatrixLayer layer, int size);

/// Rows of pairs, A left of B, each view magnified by a whole factor to at least 64 pixels.
RgbImage drawViewPairs(std::span<const ViewPair> pairs);

}  // namespace barlow
