#pragma once

#include "core/base/result.h"
#include "core/image/byte_source.h"
#include "core/report/scan_report.h"

namespace barlow {

enum class ImageFormat { Jpeg, Png, Bmp, WebP, Tiff, Pnm };

struct ImageHeader {
  ImageFormat format = ImageFormat::Jpeg;
  PixelSize size;  // of what the decoder gives, before a turn that EXIF data ask for
};

/// Format and size, by our own reading: no decoder sees a file that claims too much. The one
/// function for everybody who wants to know a size; how much else stands before it (EXIF data,
/// colour profiles, previews) does not matter. Says what a file is that is no picture for us.
Result<ImageHeader> readImageHeader(ByteSource& file);

}  // namespace barlow
