#pragma once

#include "core/base/rgb_image.h"

namespace barlow {

/// What evaluation feeds to the network, without randomness: the short side resized (antialiased,
/// bilinear) to side * 256 / 224 and the centre side x side cut out; images that are side x side
/// already pass unchanged. The same for every augment.pillow: a square is made of a square, which
/// all versions resize across first (passOrder()).
RgbImage evaluationView(const RgbImage& image, int side);

/// A picture for lists: fits into side x side, aspect kept.
RgbImage thumbnail(const RgbImage& image, int side);

}  // namespace barlow
