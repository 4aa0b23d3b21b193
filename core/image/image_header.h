#pragma once

#include "core/base/result.h"
#include "core/report/scan_report.h"

#include <cstddef>
#include <span>

namespace barlow {

enum class ImageFormat { Jpeg, Png, Bmp, WebP };

struct ImageHeader {
  ImageFormat format = ImageFormat::Jpeg;
  PixelSize size;
};

/// Format and size from the first bytes, by our own reading: no decoder sees a file that claims too
/// much. Also checks that a whole file ends where its header or its end mark says; `isWhole` false:
/// `bytes` is only the beginning.
Result<ImageHeader> readImageHeader(std::span<const std::byte> bytes, bool isWhole);

}  // namespace barlow
