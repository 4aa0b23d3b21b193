#pragma once

#include "core/base/result.h"
#include "core/base/rgb_image.h"
#include "core/report/scan_report.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace barlow {

/// The only place that turns files into pixels.
/// JPEG, PNG, BMP and WebP are recognised by their first bytes, never by their name; anything else
/// is refused. Refused as well: more than 50 megapixels (checked in the header, before memory is
/// taken), truncated or damaged data (also where the decoder would only warn). EXIF orientation is
/// ignored, as torchvision's loader does. Any thread may call.

/// Reads the header only.
Result<PixelSize> probeImage(const std::filesystem::path& path);
Result<RgbImage> readImage(const std::filesystem::path& path);
Result<RgbImage> decodeImage(std::span<const std::byte> bytes);
/// The libraries that decode, with their versions: another one may round differently.
std::string decoderName();

/// PNG. Throws Exception naming the path.
void writePng(const std::filesystem::path& path, const RgbImage& image);

}  // namespace barlow
