#pragma once

#include "core/base/rgb_image.h"

namespace barlow {

/// What evaluation feeds to the network, without randomness: torchvision's Resize(side * 256 / 224)
/// (short side, bilinear, antialiased) and CenterCrop(side), to the grey level; pictures that are
/// side x side already pass unchanged. As Pillow 13 does it, whatever augment.pillow says: Pillow
/// 12 differs by a level or two where a picture is more than twice as high as wide (passOrder()).
RgbImage evaluationView(const RgbImage& image, int side);

/// A picture for lists: fits into side x side, aspect kept.
RgbImage thumbnail(const RgbImage& image, int side);

}  // namespace barlow
