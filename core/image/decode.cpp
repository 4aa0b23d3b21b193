#include "core/image/decode.h"

#include "core/base/atomic_file.h"
#include "core/image/decoders.h"
#include "core/image/image_header.h"
#include "core/image/png_writer.h"

#include <fmt/format.h>

#include <fstream>

namespace barlow {
namespace {

constexpr std::uint64_t kMaxFileBytes = 256ull << 20;

Result<std::vector<std::byte>> contentOf(const std::filesystem::path& path) {
  try {
    return readFileBytes(path, kMaxFileBytes);
  } catch (const Exception& error) {
    return error.info();
  }
}

}  // namespace

Result<PixelSize> probeImage(const std::filesystem::path& path) {
  constexpr std::size_t kEnough =
      256 << 10;  // EXIF data and thumbnails come before a JPEG's frame header
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return ErrorInfo{"it cannot be opened", ""};
  }
  std::vector<std::byte> bytes(kEnough);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(kEnough));
  const auto count = static_cast<std::size_t>(file.gcount());
  bytes.resize(count);
  const Result<ImageHeader> header = readImageHeader(bytes, count < kEnough);
  if (!header) {
    return header.error();
  }
  return header->size;
}

Result<RgbImage> decodeImage(std::span<const std::byte> bytes) {
  const Result<ImageHeader> header = readImageHeader(bytes, true);
  if (!header) {
    return header.error();
  }
  switch (header->format) {
    case ImageFormat::Jpeg:
      return decodeJpeg(bytes, header->size);
    case ImageFormat::Png:
      return decodePng(bytes, header->size);
    case ImageFormat::WebP:
      return decodeWebP(bytes, header->size);
    case ImageFormat::Bmp:
      return decodeBmp(bytes, header->size);
  }
  return ErrorInfo{"it is of an unknown format", ""};
}

Result<RgbImage> readImage(const std::filesystem::path& path) {
  const auto bytes = contentOf(path);
  if (!bytes) {
    return bytes.error();
  }
  return decodeImage(*bytes);
}

std::string decoderName() {
  return fmt::format("{}, {}, {}", jpegLibraryName(), pngLibraryName(), webpLibraryName());
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
