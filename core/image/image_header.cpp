#include "core/image/image_header.h"

#include "core/image/jpeg_segments.h"
#include "core/image/pnm_header.h"
#include "core/image/tiff_directory.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace barlow {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kMostPixels = 200'000'000;
constexpr std::uint64_t kMostSide = 1'000'000;

ErrorInfo failure(std::string reason) { return {std::move(reason), ""}; }

struct Size {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
};

Size jpegSize(ByteSource& file) {
  std::uint64_t next = 2;
  while (const auto segment = nextJpegSegment(file, next)) {
    if (segment->isFrame()) {
      return {file.big(segment->content + 3, 2), file.big(segment->content + 1, 2)};
    }
  }
  return {};
}

Size pngSize(ByteSource& file) {
  const Size size{file.big(16, 4), file.big(20, 4)};
  return file.holds("IHDR", 12) ? size : Size{};
}

Size bmpSize(ByteSource& file) {
  if (file.little(14, 4) == 12) {  // OS/2
    return {file.little(18, 2), file.little(20, 2)};
  }
  const auto height = static_cast<std::int32_t>(file.little(22, 4));  // below 0: from the top down
  return {file.little(18, 4),
          static_cast<std::uint64_t>(height < 0 ? -std::int64_t{height} : std::int64_t{height})};
}

Size webpSize(ByteSource& file) {
  file.big(12, 8);  // not even a chunk: too short
  if (file.holds("VP8 ", 12)) {
    return {file.little(26, 2) & 0x3FFF, file.little(28, 2) & 0x3FFF};
  }
  if (file.holds("VP8L", 12)) {
    const std::uint64_t bits = file.little(21, 4);
    return {(bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
  }
  return file.holds("VP8X", 12) ? Size{file.little(24, 3) + 1, file.little(27, 3) + 1} : Size{};
}

Size tiffSize(ByteSource& file) {
  const auto directory = TiffDirectory::find(file);
  Size size{directory->number(TiffDirectory::kWidth).value_or(0),
            directory->number(TiffDirectory::kHeight).value_or(0)};
  if (orientationOf(*directory) >= 5) {  // part of the format, and not of EXIF data
    std::swap(size.width, size.height);
  }
  return size;
}

Size pnmSize(ByteSource& file) {
  const auto header = readPnmHeader(file);
  return header ? Size{header->width, header->height} : Size{};
}

std::optional<ImageFormat> formatOf(ByteSource& file) {
  if (file.holds("\xFF\xD8\xFF", 0)) {
    return ImageFormat::Jpeg;
  }
  if (file.holds("\x89PNG\r\n\x1A\n", 0)) {
    return ImageFormat::Png;
  }
  if (file.holds("BM", 0)) {
    return ImageFormat::Bmp;
  }
  if (file.holds("RIFF", 0) && file.holds("WEBP", 8)) {
    return ImageFormat::WebP;
  }
  if (file.holds("P5", 0) || file.holds("P6", 0)) {
    return ImageFormat::Pnm;
  }
  return TiffDirectory::find(file) ? std::optional(ImageFormat::Tiff) : std::nullopt;
}

Size sizeOf(ByteSource& file, ImageFormat format) {
  switch (format) {
    case ImageFormat::Jpeg:
      return jpegSize(file);
    case ImageFormat::Png:
      return pngSize(file);
    case ImageFormat::Bmp:
      return bmpSize(file);
    case ImageFormat::WebP:
      return webpSize(file);
    case ImageFormat::Tiff:
      return tiffSize(file);
    case ImageFormat::Pnm:
      break;
  }
  return pnmSize(file);
}

// What people have in folders of pictures, and what to do about it.
std::string otherKind(ByteSource& file) {
  struct Kind {
    std::string_view text;
    std::uint64_t offset;
    const char* reason;
  };
  constexpr const char* kHeic =
      "it is a HEIC or AVIF picture, which is not read; save it as JPEG or PNG";
  static constexpr Kind kKinds[] = {
      {"GIF8"sv, 0, "it is a GIF picture, which is not read; save it as PNG or JPEG"},
      {"ftyphei"sv, 4, kHeic},
      {"ftyphev"sv, 4, kHeic},
      {"ftypmif1"sv, 4, kHeic},
      {"ftypmsf1"sv, 4, kHeic},
      {"ftypavi"sv, 4, kHeic},
      {"\0\0\0\x0CJXL "sv, 0, "it is a JPEG XL picture, which is not read; save it as PNG"},
      {"\xFF\x0A"sv, 0, "it is a JPEG XL picture, which is not read; save it as PNG"},
      {"\0\0\0\x0CjP  "sv, 0, "it is a JPEG 2000 picture, which is not read; save it as PNG"},
      {"8BPS"sv, 0, "it is a Photoshop document, which is not read; save it as PNG"},
      {"version https://git-lfs"sv,
       0,
       "it is a Git LFS pointer and not the picture itself; `git lfs pull` fetches that"},
      {"<"sv, 0, "it is a text (HTML, XML or SVG) and no picture"},
      {"P1"sv, 0, "it is a PNM picture of another kind than P5 and P6; save it as PNG"},
      {"P2"sv, 0, "it is a PNM picture of another kind than P5 and P6; save it as PNG"},
      {"P3"sv, 0, "it is a PNM picture of another kind than P5 and P6; save it as PNG"},
      {"P4"sv, 0, "it is a PNM picture of another kind than P5 and P6; save it as PNG"},
  };
  for (const Kind& kind : kKinds) {
    if (file.holds(kind.text, kind.offset)) {
      return kind.reason;
    }
  }
  return "it is no JPEG, PNG, WebP, BMP, TIFF, PGM or PPM picture";
}

}  // namespace

Result<ImageHeader> readImageHeader(ByteSource& file) {
  if (file.size() == 0) {
    return failure("it is empty");
  }
  const auto format = formatOf(file);
  if (!format) {
    return failure(otherKind(file));
  }
  const Size size = sizeOf(file, *format);
  if (file.isShort()) {
    return failure("it ends too early, within its header");
  }
  if (size.width < 1 || size.height < 1) {
    return failure("its header is damaged");
  }
  if (size.width > kMostSide || size.height > kMostSide || size.width * size.height > kMostPixels) {
    return failure(
        fmt::format("it claims {} x {} pixels; 200 megapixels, and a million in a row or column, "
                    "are the most",
                    size.width,
                    size.height));
  }
  const std::uint64_t promised = *format == ImageFormat::WebP ? file.little(4, 4) + 8 : 0;
  if (promised > file.size()) {
    return failure(fmt::format(
        "it ends too early: its header tells {} bytes, it has {}", promised, file.size()));
  }
  return ImageHeader{*format, {static_cast<int>(size.width), static_cast<int>(size.height)}};
}

}  // namespace barlow
