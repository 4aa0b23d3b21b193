#pragma once

#include "core/base/rgb_image.h"
#include "core/matrix/pyramid.h"
#include "core/report/live_snapshot.h"

#include <span>
#include <vector>

namespace barlow {

/// The whole matrix under Peak on the fixed scale -1 to 1 beside a colour bar. `size`: side of the
/// matrix part in pixels; a small matrix is magnified by a whole factor, a larger one pooled.
RgbImage drawMatrix(const MatrixPyramid& matrix, int size);

/// Rows of images: view A left of view B, the small crops below them, all magnified by one whole
/// factor that makes A and B at least 64 pixels wide.
RgbImage drawSampleViews(std::span<const SampleViews> samples);
/// The views on such a sheet, A and B of `side` pixels and `crops` small ones of `cropSide`; which
/// images they are of (sample -1) and what was drawn for them is not known. Empty when it is no
/// such sheet.
std::vector<SampleViews> sampleViewsOn(const RgbImage& sheet, int side, int crops, int cropSide);

}  // namespace barlow
