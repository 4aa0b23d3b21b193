#pragma once

#include "core/base/rgb_image.h"
#include "core/report/view_plan.h"

namespace barlow {

/// Jitter and gray as one affine map of the colours, applied in one pass: no rounding and clipping
/// between the steps, and the hue turned in the YIQ plane instead of HSV. Without hue it stays
/// within 3 grey levels of the exact steps (each of which truncates) where nothing is clipped; with
/// hue it differs by design (the same family of colours, another path through them).
void applyColorAtOnce(RgbImage& image, const ViewPlan& plan);

/// A true Gaussian of the given sigma, kernel cut at 2.5 sigma, instead of Pillow's three boxes.
void gaussianBlurFast(RgbImage& image, double sigma);

}  // namespace barlow
