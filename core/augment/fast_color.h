#pragma once

#include "core/base/rgb_image.h"
#include "core/report/view_plan.h"

namespace barlow {

/// Jitter and gray as one affine map of the colours, applied in one pass: no rounding and clipping
/// between the steps, and the hue turned in the YIQ plane instead of HSV. Distance from the exact
/// steps in grey levels, mean and largest, over the pictures of fast_distance_test.cpp:
///   brightness 0.6, 1   contrast 0.7, 2   saturation 0.7, 2   gray 0.1, 1
///   hue by up to a tenth of a turn 17, 112: another path through the same family of colours
/// All of them in a row stay within 3 without hue where nothing is clipped.
void applyColorAtOnce(RgbImage& image, const ViewPlan& plan);

/// A true Gaussian of the given sigma, kernel cut at 2.5 sigma, instead of Pillow's three boxes:
/// 1.5 grey levels away in the mean, at most 20.
void gaussianBlurFast(RgbImage& image, double sigma);

}  // namespace barlow
