#pragma once

#include "core/base/rgb_image.h"

#include <vector>

namespace barlow {

/// Distortions without randomness, in place. Each equals Pillow's (and so torchvision's on Pillow
/// images) to the grey level; the sources named are Pillow's C files.

void flipHorizontally(RgbImage& image);

/// Image.convert("L") in all three channels: (19595 R + 38470 G + 7471 B + 0x8000) >> 16
/// (Convert.c).
void toGray(RgbImage& image);

/// ImageEnhance.Brightness / Contrast / Color: the picture blended with black, its mean grey, its
/// grey version (Blend.c).
void adjustBrightness(RgbImage& image, double factor);
void adjustContrast(RgbImage& image, double factor);
void adjustSaturation(RgbImage& image, double factor);

/// torchvision adjust_hue on a Pillow image: 8-bit HSV, hue turned by `turns` (-0.5 to 0.5) of the
/// circle (Convert.c).
void adjustHue(RgbImage& image, double turns);

/// ImageFilter.GaussianBlur(sigma): three box blurs with fractional ends (BoxBlur.c).
void gaussianBlur(RgbImage& image, double sigma);

/// ImageOps.solarize: levels at or above `threshold` are inverted.
void solarize(RgbImage& image, int threshold);

}  // namespace barlow
