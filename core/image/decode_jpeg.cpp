#include "core/image/decoders.h"

#include <fmt/format.h>

#include <array>
#include <csetjmp>
#include <vector>
// clang-format off
#include <cstdio>  // before jpeglib.h, which uses FILE
#include <jpeglib.h>
// clang-format on

namespace barlow {
namespace {

struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> text;
};

// Also called for warnings: a picture that is partly guessed must not pass for the real one.
void leave(j_common_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  manager->base.format_message(info, manager->text.data());
  std::longjmp(manager->jump, 1);
}

void leaveOnWarning(j_common_ptr info, int level) {
  if (level < 0) {
    leave(info);
  }
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
  manager.base.emit_message = leaveOnWarning;
  if (setjmp(manager.jump) != 0) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info,
               reinterpret_cast<const unsigned char*>(bytes.data()),
               static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&info, TRUE);
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
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
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
