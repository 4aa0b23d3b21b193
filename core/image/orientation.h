#pragma once

#include "core/base/rgb_image.h"
#include "core/image/byte_source.h"
#include "core/image/image_header.h"

namespace barlow {

/// How a picture wants to be turned, as EXIF counts it: 1 as it is, 2 mirrored, 3 upside down, 4
/// both, 5 to 8 the same with rows as columns. From the EXIF data of a JPEG, PNG or WebP file, or,
/// where these say nothing, from XMP data, as Pillow's getexif() looks for it. 1 for TIFF, whose
/// decoder turns the picture, and wherever nothing or nonsense is told.
int readOrientation(ByteSource& file, ImageFormat format);

/// As Pillow's ImageOps.exif_transpose().
RgbImage turned(RgbImage image, int orientation);

}  // namespace barlow
