#include "core/image/decode.h"
#include "core/image/decoders.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <optional>
#include <png.h>
#include <string_view>

namespace barlow {
namespace {

// libpng leaves by longjmp, which skips destructors: the functions that it can leave through hold
// nothing but numbers and pointers, and everything else lives in here, outside.
struct Reader {
  std::span<const std::byte> rest;
  std::array<char, 128> reason{};
  png_structp png = nullptr;
  png_infop info = nullptr;
  png_infop end = nullptr;  // chunks behind the pixels are read and checked as well
  int passes = 1;
  bool keepsValues = false;  // as they are stored, a byte each
  bool hasDamage = false;

  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, &end); }
};

void note(png_structp png, png_const_charp text) {
  auto* reader = static_cast<Reader*>(png_get_error_ptr(png));
  const std::size_t length = std::min(std::strlen(text), reader->reason.size() - 1);
  std::memcpy(reader->reason.data(), text, length);
  reader->reason[length] = '\0';
}

[[noreturn]] void leave(png_structp png, png_const_charp text) {
  note(png, text);
  png_longjmp(png, 1);
}

// Odd colour profiles and texts cost no pixel. Of the pixels themselves more than there should be
// cost none either; all else that libpng says of them, above all that their own checksum does not
// fit, is damage.
void judge(png_structp png, png_const_charp text) {
  const std::string_view warning = text;
  if (warning.starts_with("IDAT: ") && warning.find("Extra compressed data") == warning.npos &&
      warning.find("Too much image data") == warning.npos) {
    static_cast<Reader*>(png_get_error_ptr(png))->hasDamage = true;
    note(png, text);
  }
}

void takeBytes(png_structp png, png_bytep target, png_size_t count) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  if (count > reader->rest.size()) {
    png_error(png, "the file ends");
  }
  std::memcpy(target, reader->rest.data(), count);
  reader->rest = reader->rest.subspan(count);
}

// What is stored, as 8-bit RGB.
void askForColors(png_structp png, int color, int bits) {
  png_set_strip_16(png);
  if (color == PNG_COLOR_TYPE_PALETTE) {
    png_set_palette_to_rgb(png);
  }
  if ((color & PNG_COLOR_MASK_COLOR) == 0) {
    if (bits < 8) {
      png_set_expand_gray_1_2_4_to_8(png);
    }
    png_set_gray_to_rgb(png);
  }
}

// Up to the pixels.
bool readHeader(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) {
    return false;
  }
  png_set_read_fn(reader.png, &reader, takeBytes);
  png_read_info(reader.png, reader.info);
  png_set_strip_alpha(reader.png);
  if (reader.keepsValues) {
    png_set_packing(reader.png);
  } else {
    askForColors(reader.png,
                 png_get_color_type(reader.png, reader.info),
                 png_get_bit_depth(reader.png, reader.info));
  }
  reader.passes = png_set_interlace_handling(reader.png);
  // From here on the checksums of the pixels' pieces: the one over all of them says more.
  png_set_crc_action(reader.png, PNG_CRC_QUIET_USE, PNG_CRC_DEFAULT);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool readPixels(Reader& reader, std::uint8_t* pixels, int height, std::size_t stride) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) {
    return false;
  }
  for (int pass = 0; pass < reader.passes; ++pass) {
    for (int y = 0; y < height; ++y) {
      png_read_row(reader.png, pixels + static_cast<std::size_t>(y) * stride, nullptr);
    }
  }
  png_read_end(reader.png, reader.end);
  return !reader.hasDamage;
}

ErrorInfo damaged(const char* reason) {
  return {fmt::format("the PNG data is damaged or ends too early ({})", reason), ""};
}

// Ready for its pixels; what is wrong with it, or nothing.
std::optional<ErrorInfo> open(Reader& reader, std::span<const std::byte> bytes) {
  reader.rest = bytes;
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, leave, judge);
  reader.info = reader.png == nullptr ? nullptr : png_create_info_struct(reader.png);
  reader.end = reader.png == nullptr ? nullptr : png_create_info_struct(reader.png);
  if (reader.info == nullptr || reader.end == nullptr) {
    return ErrorInfo{"there is not enough memory to read it", ""};
  }
  return readHeader(reader) ? std::nullopt : std::optional(damaged(reader.reason.data()));
}

bool hasSize(const Reader& reader, const PixelSize& claimed, std::size_t stride) {
  return png_get_image_width(reader.png, reader.info) == static_cast<png_uint_32>(claimed.width) &&
         png_get_image_height(reader.png, reader.info) ==
             static_cast<png_uint_32>(claimed.height) &&
         png_get_rowbytes(reader.png, reader.info) == stride;
}

}  // namespace

Result<RgbImage> decodePng(std::span<const std::byte> bytes, const PixelSize& claimed) {
  Reader reader;
  if (const auto problem = open(reader, bytes)) {
    return *problem;
  }
  const std::size_t stride = static_cast<std::size_t>(claimed.width) * 3;
  if (!hasSize(reader, claimed, stride)) {
    return damaged("its header names two sizes");
  }
  RgbImage image(claimed.width, claimed.height);
  if (!readPixels(reader, image.pixels.data(), claimed.height, stride)) {
    return damaged(reader.reason.data());
  }
  return image;
}

Result<PixelClasses> decodePngValues(std::span<const std::byte> bytes, const PixelSize& claimed) {
  Reader reader;
  reader.keepsValues = true;
  if (const auto problem = open(reader, bytes)) {
    return *problem;
  }
  const int color = png_get_color_type(reader.png, reader.info);
  if ((color & PNG_COLOR_MASK_COLOR) != 0 && color != PNG_COLOR_TYPE_PALETTE) {
    return ErrorInfo{"it holds colours; a mask is a PNG of grey levels or with a palette", ""};
  }
  if (png_get_bit_depth(reader.png, reader.info) > 8) {
    return ErrorInfo{"it has 16 bits for a pixel; a mask has at most 8", ""};
  }
  const auto stride = static_cast<std::size_t>(claimed.width);
  if (!hasSize(reader, claimed, stride)) {
    return damaged("its header names two sizes");
  }
  PixelClasses mask{.width = claimed.width, .height = claimed.height, .values = {}};
  mask.values.resize(stride * static_cast<std::size_t>(claimed.height));
  if (!readPixels(reader, mask.values.data(), claimed.height, stride)) {
    return damaged(reader.reason.data());
  }
  return mask;
}

std::string pngLibraryName() { return fmt::format("libpng {}", png_get_libpng_ver(nullptr)); }

}  // namespace barlow
