#pragma once

#include "core/base/result.h"
#include "core/base/rgb_image.h"
#include "core/report/scan_report.h"

#include <cstddef>
#include <span>
#include <string>

namespace barlow {

struct PixelClasses;

/// One decoder per format, for decode.cpp; of several pictures the first. `claimed` is what
/// readImageHeader read: a decoder that reads another size refuses before it takes memory for
/// pixels. What is damaged or missing is an error; nothing is printed. Alpha is dropped, not
/// blended; a gray picture gets three equal channels; of 16 bits the upper eight are kept.

Result<RgbImage> decodeJpeg(std::span<const std::byte> bytes, const PixelSize& claimed);
Result<RgbImage> decodePng(std::span<const std::byte> bytes, const PixelSize& claimed);
/// As readMask().
Result<PixelClasses> decodePngValues(std::span<const std::byte> bytes, const PixelSize& claimed);
Result<RgbImage> decodeWebP(std::span<const std::byte> bytes, const PixelSize& claimed);
Result<RgbImage> decodeBmp(std::span<const std::byte> bytes, const PixelSize& claimed);
/// Turned as the file says, which is part of the format.
Result<RgbImage> decodeTiff(std::span<const std::byte> bytes, const PixelSize& claimed);
Result<RgbImage> decodePnm(std::span<const std::byte> bytes, const PixelSize& claimed);

/// The libraries and their versions; BMP and PNM need none.
std::string jpegLibraryName();
std::string pngLibraryName();
std::string webpLibraryName();
std::string tiffLibraryName();

}  // namespace barlow
