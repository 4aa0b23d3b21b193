#pragma once

#include "core/base/result.h"
#include "core/base/rgb_image.h"
#include "core/params/data_params.h"
#include "core/report/scan_report.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace barlow {

/// The only place that turns files into pixels.
/// JPEG, PNG, BMP, WebP, TIFF, PGM and PPM are recognised by their first bytes, never by their
/// name; anything else is refused. Refused as well: more than 200 megapixels, or more than memory
/// has room for (seen in the header, before any is taken), and truncated or damaged data, also
/// where the decoder would only warn. Where all pixels are there, what is odd besides does not
/// matter, and nothing is printed. Of an animation the first frame. Any thread may call.
///
/// A turn that EXIF data ask for is taken where `exif` says so (data.exif).

/// Reads the header only: the size of what readImage() will give.
Result<PixelSize> probeImage(const std::filesystem::path& path, ExifTurn exif = ExifTurn::Ignore);
Result<RgbImage> readImage(const std::filesystem::path& path, ExifTurn exif = ExifTurn::Ignore);
Result<RgbImage> decodeImage(std::span<const std::byte> bytes, ExifTurn exif = ExifTurn::Ignore);
/// What a PNG stores for every pixel, rows from the top: the grey level, or the number of a colour
/// in its palette, never the colour.
struct PixelClasses {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> values;
};
/// Refuses what is no PNG, colours without a palette and 16 bits.
Result<PixelClasses> readMask(const std::filesystem::path& path);
/// Whether EXIF data ask for a turn. Reads headers only; false where nothing can be read.
bool asksForTurn(const std::filesystem::path& path);
/// Whether a file is called like a picture that is read: jpg, jpeg, jpe, jfif, png, webp, bmp, tif,
/// tiff, ppm, pgm, pnm, in any case.
bool hasPictureEnding(const std::filesystem::path& path);
/// The libraries that decode, with their versions: another one may round differently.
std::string decoderName();

/// PNG. Throws Exception naming the path.
void writePng(const std::filesystem::path& path, const RgbImage& image);

}  // namespace barlow
