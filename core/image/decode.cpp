#include "core/image/decode.h"

#include "core/base/atomic_file.h"
#include "core/base/system.h"
#include "core/base/text.h"
#include "core/image/decoders.h"
#include "core/image/image_header.h"
#include "core/image/orientation.h"
#include "core/image/png_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

namespace barlow {
namespace {

// Bytes that a decoded picture takes, twice: some decoders need as much again.
std::uint64_t bytesFor(const PixelSize& size) {
  return static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height) * 3 * 2;
}

// What would end the program where there is no memory for it, as the system lends more than it has.
// Nothing is asked about pictures and files of the usual size.
std::optional<ErrorInfo> lackOfMemory(std::uint64_t bytes) {
  constexpr std::uint64_t kUsual = 300ull << 20;
  const std::uint64_t free = bytes > kUsual ? availableMemoryBytes() : 0;
  if (free == 0 || bytes <= free) {
    return std::nullopt;
  }
  return ErrorInfo{
      fmt::format(
          "it takes {} of memory to read, {} are free", formatBytes(bytes), formatBytes(free)),
      ""};
}

// A pipe would be waited for, and a device never ends.
std::optional<ErrorInfo> noPlainFile(const std::filesystem::path& path) {
  std::error_code ignored;  // no such file: opening it says so
  const auto status = std::filesystem::status(path, ignored);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)
             ? std::optional(ErrorInfo{"it is a folder, a pipe or a device and no file", ""})
             : std::nullopt;
}

Result<std::vector<std::byte>> contentOf(const std::filesystem::path& path) {
  constexpr std::uint64_t kMaxFileBytes = 2ull << 30;
  if (const auto problem = noPlainFile(path)) {
    return *problem;
  }
  std::error_code ignored;  // as above
  const std::uint64_t bytes = std::filesystem::file_size(path, ignored);
  if (const auto problem = ignored ? std::nullopt : lackOfMemory(bytes)) {
    return *problem;
  }
  try {
    return readFileBytes(path, kMaxFileBytes);
  } catch (const Exception& error) {
    return error.info();
  }
}

Result<RgbImage> decodePixels(std::span<const std::byte> bytes, const ImageHeader& header) {
  switch (header.format) {
    case ImageFormat::Jpeg:
      return decodeJpeg(bytes, header.size);
    case ImageFormat::Png:
      return decodePng(bytes, header.size);
    case ImageFormat::WebP:
      return decodeWebP(bytes, header.size);
    case ImageFormat::Bmp:
      return decodeBmp(bytes, header.size);
    case ImageFormat::Tiff:
      return decodeTiff(bytes, header.size);
    case ImageFormat::Pnm:
      return decodePnm(bytes, header.size);
  }
  return ErrorInfo{"it is of an unknown format", ""};
}

}  // namespace

Result<PixelSize> probeImage(const std::filesystem::path& path, ExifTurn exif) {
  if (const auto problem = noPlainFile(path)) {
    return *problem;
  }
  ByteSource file(path);
  if (!file.isOpen()) {
    return ErrorInfo{"it cannot be opened", ""};
  }
  const Result<ImageHeader> header = readImageHeader(file);
  if (!header) {
    return header.error();
  }
  PixelSize size = header->size;
  if (exif == ExifTurn::Apply && readOrientation(file, header->format) >= 5) {
    std::swap(size.width, size.height);
  }
  return size;
}

Result<RgbImage> decodeImage(std::span<const std::byte> bytes, ExifTurn exif) {
  ByteSource file(bytes);
  const Result<ImageHeader> header = readImageHeader(file);
  if (!header) {
    return header.error();
  }
  if (const auto problem = lackOfMemory(bytesFor(header->size))) {
    return *problem;
  }
  try {
    Result<RgbImage> image = decodePixels(bytes, *header);
    return image && exif == ExifTurn::Apply
               ? turned(std::move(*image), readOrientation(file, header->format))
               : std::move(image);
  } catch (const std::bad_alloc&) {
    return ErrorInfo{"there is not enough memory to read it", ""};
  }
}

Result<RgbImage> readImage(const std::filesystem::path& path, ExifTurn exif) {
  const auto bytes = contentOf(path);
  if (!bytes) {
    return bytes.error();
  }
  return decodeImage(*bytes, exif);
}

Result<PixelClasses> readMask(const std::filesystem::path& path) {
  const auto bytes = contentOf(path);
  if (!bytes) {
    return bytes.error();
  }
  ByteSource file(*bytes);
  const Result<ImageHeader> header = readImageHeader(file);
  if (!header) {
    return header.error();
  }
  if (header->format != ImageFormat::Png) {
    return ErrorInfo{"it is no PNG, and other formats may change the numbers of classes", ""};
  }
  if (const auto problem = lackOfMemory(bytesFor(header->size))) {
    return *problem;
  }
  try {
    return decodePngValues(*bytes, header->size);
  } catch (const std::bad_alloc&) {
    return ErrorInfo{"there is not enough memory to read it", ""};
  }
}

bool asksForTurn(const std::filesystem::path& path) {
  if (noPlainFile(path)) {
    return false;
  }
  ByteSource file(path);
  const Result<ImageHeader> header = readImageHeader(file);
  return header && readOrientation(file, header->format) != 1;
}

bool hasPictureEnding(const std::filesystem::path& path) {
  static constexpr std::array<std::string_view, 12> kEndings = {".jpg",
                                                                ".jpeg",
                                                                ".jpe",
                                                                ".jfif",
                                                                ".png",
                                                                ".webp",
                                                                ".bmp",
                                                                ".tif",
                                                                ".tiff",
                                                                ".ppm",
                                                                ".pgm",
                                                                ".pnm"};
  const std::string ending = lowerCase(path.extension().string());
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

std::string decoderName() {
  return fmt::format(
      "{}, {}, {}, {}", jpegLibraryName(), pngLibraryName(), webpLibraryName(), tiffLibraryName());
}

void writePng(const std::filesystem::path& path, const RgbImage& image) {
  std::vector<std::byte> encoded;
  PngWriter writer({.width = image.width, .height = image.height, .palette = {}, .isPhoto = true},
                   [&](std::span<const std::byte> piece) {
                     encoded.insert(encoded.end(), piece.begin(), piece.end());
                   });
  writer.writeRows(image.pixels.data(), image.height);
  writer.finish();
  writeFileAtomically(path, encoded);
}

}  // namespace barlow
