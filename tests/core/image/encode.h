#pragma once

#include "core/base/rgb_image.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace barlow {

/// Files in memory, made by the libraries' own writers.
using FileBytes = std::vector<std::byte>;

/// What a PNG may be; `rows` are packed as in the file before filtering.
struct PngKind {
  int width = 0;
  int height = 0;
  int colorType = 2;
  int bits = 8;
  bool isInterlaced = false;
  std::vector<std::uint8_t> palette;       // red, green, blue, ...
  std::vector<std::uint8_t> paletteAlpha;  // with `palette`
};
FileBytes encodePng(const PngKind& kind, std::span<const std::uint8_t> rows);
FileBytes encodePng(const RgbImage& image);
FileBytes encodeJpeg(const RgbImage& image);
FileBytes encodeGrayJpeg(int width, int height, std::span<const std::uint8_t> pixels);
FileBytes encodeWebP(const RgbImage& image);
/// `rgba`: four bytes a pixel, of which nothing is lost, also where alpha is 0.
FileBytes encodeLosslessWebP(int width, int height, std::span<const std::uint8_t> rgba);
/// 24 bits, from the lowest row up.
FileBytes encodeBmp(const RgbImage& image);

/// What a TIFF may be; one byte a sample. `tile` > 0: in squares of that side, else in strips of
/// seven rows.
struct TiffKind {
  int compression = 1;  // COMPRESSION_NONE
  int photometric = 2;  // PHOTOMETRIC_RGB
  int channels = 3;
  int bits = 8;
  int tile = 0;
  bool isInPlanes = false;
  int orientation = 1;
  int alpha = -1;  // EXTRASAMPLE_*, for four channels
};
/// `samples`: [height, width, channels].
FileBytes encodeTiff(const TiffKind& kind,
                     int width,
                     int height,
                     std::span<const std::uint8_t> samples);
/// 24 bits.
FileBytes encodePpm(const RgbImage& image);

/// ".png", ".jpg", ".webp", ".tif", ".ppm" or ".bmp".
FileBytes encodeAs(const std::string& ending, const RgbImage& image);

/// `value` in `count` bytes, the lowest first, at the end of `bytes`.
void appendNumber(FileBytes& bytes, std::uint64_t value, int count);
/// The same, the highest first.
void appendBigNumber(FileBytes& bytes, std::uint64_t value, int count);
void appendText(FileBytes& bytes, std::string_view text);

}  // namespace barlow
