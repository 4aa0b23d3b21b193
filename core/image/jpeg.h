#pragma once

#include "core/base/result.h"
#include "core/base/rgb_image.h"

#include <cstddef>
#include <span>
#include <string>

namespace barlow {

/// Decodes a JPEG whose size was already looked at; whatever the decoder would only warn of is an
/// error here.
Result<RgbImage> decodeJpeg(std::span<const std::byte> bytes);

/// The library and its version.
std::string jpegLibraryName();

}  // namespace barlow
