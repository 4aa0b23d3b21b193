#include "core/image/image_header.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace barlow {
namespace {

constexpr std::int64_t kMaxPixels = 50'000'000;
constexpr std::int64_t kMaxSide = 65'500;  // JPEG's own limit

using Bytes = std::span<const std::byte>;

ErrorInfo failure(std::string reason) { return {std::move(reason), ""}; }

std::uint32_t at(Bytes bytes, std::size_t index) {
  return std::to_integer<std::uint32_t>(bytes[index]);
}

std::uint32_t bigEndian(Bytes bytes, std::size_t index, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) {
    value = value << 8 | at(bytes, index + static_cast<std::size_t>(i));
  }
  return value;
}

std::uint32_t littleEndian(Bytes bytes, std::size_t index, int count) {
  std::uint32_t value = 0;
  for (int i = count - 1; i >= 0; --i) {
    value = value << 8 | at(bytes, index + static_cast<std::size_t>(i));
  }
  return value;
}

bool startsWith(Bytes bytes, std::string_view text, std::size_t index = 0) {
  return bytes.size() >= index + text.size() &&
         std::memcmp(bytes.data() + index, text.data(), text.size()) == 0;
}

bool endsWith(Bytes bytes, std::string_view text) {
  return bytes.size() >= text.size() && startsWith(bytes, text, bytes.size() - text.size());
}

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

// Walks the segments up to the frame header.
std::optional<Size> jpegSize(Bytes bytes) {
  std::size_t index = 2;
  while (index + 9 < bytes.size()) {
    if (at(bytes, index) != 0xFF) {
      return std::nullopt;
    }
    const std::uint32_t marker = at(bytes, index + 1);
    if (marker == 0xFF) {  // fill byte
      ++index;
      continue;
    }
    const bool isFrame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (isFrame) {
      return Size{bigEndian(bytes, index + 7, 2), bigEndian(bytes, index + 5, 2)};
    }
    index += 2 + bigEndian(bytes, index + 2, 2);
  }
  return std::nullopt;
}

std::optional<Size> webpSize(Bytes bytes) {
  if (bytes.size() < 30) {
    return std::nullopt;
  }
  if (startsWith(bytes, "VP8 ", 12)) {
    return Size{littleEndian(bytes, 26, 2) & 0x3FFF, littleEndian(bytes, 28, 2) & 0x3FFF};
  }
  if (startsWith(bytes, "VP8L", 12)) {
    const std::uint32_t bits = littleEndian(bytes, 21, 4);
    return Size{(bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
  }
  if (startsWith(bytes, "VP8X", 12)) {
    return Size{littleEndian(bytes, 24, 3) + 1, littleEndian(bytes, 27, 3) + 1};
  }
  return std::nullopt;
}

Result<ImageHeader> checked(ImageFormat format, std::optional<Size> size, bool isComplete) {
  if (!size || size->width < 1 || size->height < 1) {
    return failure("its header is damaged");
  }
  if (size->width > kMaxSide || size->height > kMaxSide ||
      size->width * size->height > kMaxPixels) {
    return failure(fmt::format(
        "it claims {} x {} pixels; 50 megapixels are the most", size->width, size->height));
  }
  if (!isComplete) {
    return failure("it ends too early");
  }
  return ImageHeader{format, {static_cast<int>(size->width), static_cast<int>(size->height)}};
}

}  // namespace

Result<ImageHeader> readImageHeader(Bytes bytes, bool isWhole) {
  if (bytes.empty()) {
    return failure("it is empty");
  }
  if (startsWith(bytes, "\xFF\xD8\xFF")) {
    // Some cameras append data after the end mark; the decoder is the judge of what comes before.
    return checked(ImageFormat::Jpeg, jpegSize(bytes), true);
  }
  if (startsWith(bytes, "\x89PNG\r\n\x1A\n")) {
    std::optional<Size> size;
    if (bytes.size() >= 24 && startsWith(bytes, "IHDR", 12)) {
      size = Size{bigEndian(bytes, 16, 4), bigEndian(bytes, 20, 4)};
    }
    constexpr std::string_view kEnd("IEND\xAE\x42\x60\x82", 8);
    return checked(ImageFormat::Png, size, !isWhole || endsWith(bytes, kEnd));
  }
  if (startsWith(bytes, "BM") && bytes.size() >= 26) {
    const bool isOld = littleEndian(bytes, 14, 4) == 12;
    const auto height = static_cast<std::int32_t>(littleEndian(bytes, 22, 4));
    const Size size = isOld ? Size{littleEndian(bytes, 18, 2), littleEndian(bytes, 20, 2)}
                            : Size{littleEndian(bytes, 18, 4),
                                   height < 0 ? -static_cast<std::int64_t>(height) : height};
    return checked(ImageFormat::Bmp, size, !isWhole || littleEndian(bytes, 2, 4) <= bytes.size());
  }
  if (startsWith(bytes, "RIFF") && startsWith(bytes, "WEBP", 8)) {
    return checked(ImageFormat::WebP,
                   webpSize(bytes),
                   !isWhole || littleEndian(bytes, 4, 4) + 8ull <= bytes.size());
  }
  return failure("it is no JPEG, PNG, BMP or WebP picture");
}

}  // namespace barlow
