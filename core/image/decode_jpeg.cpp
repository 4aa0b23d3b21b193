#include "core/image/decoders.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <vector>
// clang-format off
#include <cstdio>  // before jpeglib.h, which uses FILE
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

namespace barlow {
namespace {

struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> text;
  const JOCTET* begin;  // of the file
  bool hasHeader;       // the coded picture has begun
};

void leave(j_common_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  manager->base.format_message(info, manager->text.data());
  std::longjmp(manager->jump, 1);
}

// Whether the bytes that the decoder passed over on its way to a mark came behind a whole part of
// the picture. Where coded bytes were lost or overwritten the decoder is done too early as well,
// and what is left over is a good part of the picture; or it was filled up with one value, of which
// the decoder has then taken some for the picture.
bool isPadding(const ErrorManager& manager, const JOCTET* end, std::size_t count) {
  constexpr std::size_t kTakenAhead = 8;  // bytes that the decoder holds without having used them
  constexpr std::size_t kFew = 64;
  const auto before = static_cast<std::size_t>(end - manager.begin);
  if (count == 0 || count > before) {
    return false;
  }
  std::size_t alike = 1;
  while (alike < before && end[-1 - static_cast<std::ptrdiff_t>(alike)] == end[-1]) {
    ++alike;
  }
  return alike >= count ? alike - count <= kTakenAhead : count <= std::max(kFew, before / 16);
}

bool isHarmless(j_common_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  switch (manager->base.msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:     // numbers of a scan that a sequential picture does not need
    case JWRN_BOGUS_PROGRESSION:  // scans in another order: whether all have come shows later
      return true;
    case JWRN_EXTRANEOUS_DATA: {
      const int count = manager->base.msg_parm.i[0];
      const int mark = manager->base.msg_parm.i[1];
      const bool isRestart = mark >= JPEG_RST0 && mark <= JPEG_RST0 + 7;
      const auto* source = reinterpret_cast<j_decompress_ptr>(info)->src;
      return !manager->hasHeader ||
             (!isRestart &&
              isPadding(
                  *manager, source->next_input_byte, static_cast<std::size_t>(std::max(count, 0))));
    }
    default:
      return false;
  }
}

// A picture that is partly guessed must not pass for the real one; a warning about what is no pixel
// does no harm, and is not printed.
void judge(j_common_ptr info, int level) {
  if (level < 0 && !isHarmless(info)) {
    leave(info);
  }
}

// Of a progressive picture, whose scans add bits to coefficients: what has begun is complete, and
// every block has its mean. libjpeg takes an early end mark for the end without a warning.
bool hasEveryScan(const jpeg_decompress_struct& info) {
  for (int c = 0; info.coef_bits != nullptr && c < info.num_components; ++c) {
    const auto& missing = info.coef_bits[c];  // bits still to come; -1: nothing has come
    if (missing[0] != 0 ||
        std::any_of(missing, missing + DCTSIZE2, [](int bits) { return bits > 0; })) {
      return false;
    }
  }
  return true;
}

// Memory that was taken outside, as nothing with a destructor may live where longjmp passes.
struct Target {
  PixelSize size;
  std::uint8_t* pixels;
  std::uint8_t* inks;  // one row of four
};

// Adobe's files store inverted ink: channel x key / 255 is the colour (as Pillow converts them).
void convertInks(const std::uint8_t* inks, int width, std::uint8_t* rgb) {
  for (int x = 0; x < width; ++x, inks += 4, rgb += 3) {
    const unsigned key = inks[3];
    rgb[0] = static_cast<std::uint8_t>(inks[0] * key / 255);
    rgb[1] = static_cast<std::uint8_t>(inks[1] * key / 255);
    rgb[2] = static_cast<std::uint8_t>(inks[2] * key / 255);
  }
}

// No object with a destructor may live in here: longjmp would skip it. False: the reason is in
// manager.text.
bool decodeInto(std::span<const std::byte> bytes, const Target& target, ErrorManager& manager) {
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&manager.base);
  manager.base.error_exit = leave;
  manager.base.emit_message = judge;
  if (setjmp(manager.jump) != 0) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info,
               reinterpret_cast<const unsigned char*>(bytes.data()),
               static_cast<unsigned long>(bytes.size()));
  manager.begin = info.src->next_input_byte;
  jpeg_read_header(&info, TRUE);
  manager.hasHeader = true;
  if (info.image_width != static_cast<JDIMENSION>(target.size.width) ||
      info.image_height != static_cast<JDIMENSION>(target.size.height)) {
    std::snprintf(manager.text.data(), manager.text.size(), "its header names two sizes");
    jpeg_destroy_decompress(&info);
    return false;
  }
  const bool isInk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = isInk ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&info);
  const std::size_t stride = std::size_t{3} * info.output_width;
  while (info.output_scanline < info.output_height) {
    std::uint8_t* rgb = target.pixels + info.output_scanline * stride;
    JSAMPROW row = isInk ? target.inks : rgb;
    jpeg_read_scanlines(&info, &row, 1);
    if (isInk) {
      convertInks(target.inks, target.size.width, rgb);
    }
  }
  const bool isWhole = hasEveryScan(info);
  if (isWhole) {
    jpeg_finish_decompress(&info);
  } else {
    std::snprintf(manager.text.data(), manager.text.size(), "its last scans are missing");
  }
  jpeg_destroy_decompress(&info);
  return isWhole;
}

}  // namespace

Result<RgbImage> decodeJpeg(std::span<const std::byte> bytes, const PixelSize& claimed) {
  RgbImage image(claimed.width, claimed.height);
  std::vector<std::uint8_t> inks(static_cast<std::size_t>(claimed.width) * 4);
  ErrorManager manager{};
  if (!decodeInto(bytes, {claimed, image.pixels.data(), inks.data()}, manager)) {
    return ErrorInfo{
        fmt::format("the JPEG data is damaged or ends too early ({})", manager.text.data()), ""};
  }
  return image;
}

std::string jpegLibraryName() {
#ifdef LIBJPEG_TURBO_VERSION_NUMBER
  return fmt::format("libjpeg-turbo {}", LIBJPEG_TURBO_VERSION_NUMBER);
#else
  return fmt::format("libjpeg {}", JPEG_LIB_VERSION);
#endif
}

}  // namespace barlow
