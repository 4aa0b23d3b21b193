#pragma once

#include "core/base/rgb_image.h"
#include "core/matrix/pyramid.h"
#include "core/report/snapshot.h"

#include <span>
#include <vector>

namespace barlow {

/// The whole matrix under Peak on the fixed scale -1 to 1 beside a colour bar. `size`: side of the
/// matrix part in pixels; a small matrix is magnified by a whole factor, a larger one pooled.
RgbImage drawMatrix(const MatrixPyramid& matrix, int size);

/// Rows of pairs, A left of B, each view magnified by a whole factor to at least 64 pixels.
RgbImage drawViewPairs(std::span<const ViewPair> pairs);
/// The views on such a sheet, of `side` pixels; which images they are of (sample -1) and what was
/// drawn for them is not known. Empty when it is no such sheet.
std::vector<ViewPair> viewPairsOn(const RgbImage& sheet, int side);

}  // namespace barlow
