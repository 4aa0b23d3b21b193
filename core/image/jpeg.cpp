#include "core/image/jpeg.h"

#include <fmt/format.h>

#include <array>
#include <csetjmp>
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

// No object with a destructor may live in here: longjmp would skip it. False: the reason is in
// manager.text.
bool decodeInto(std::span<const std::byte> bytes, RgbImage& image, ErrorManager& manager) {
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
  const bool isInk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = isInk ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&info);
  image.width = static_cast<int>(info.output_width);
  image.height = static_cast<int>(info.output_height);
  const std::size_t pixels = static_cast<std::size_t>(info.output_width) * info.output_height;
  image.pixels.resize(pixels * (isInk ? 4 : 3));
  const std::size_t stride = static_cast<std::size_t>(info.output_width) * (isInk ? 4 : 3);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = image.pixels.data() + info.output_scanline * stride;
    jpeg_read_scanlines(&info, &row, 1);
  }
  if (isInk) {
    // Adobe's files store inverted ink: channel x key / 255 is the colour (as Pillow converts
    // them).
    for (std::size_t i = 0; i < pixels; ++i) {
      const unsigned key = image.pixels[4 * i + 3];
      for (std::size_t c = 0; c < 3; ++c) {
        image.pixels[3 * i + c] = static_cast<std::uint8_t>(image.pixels[4 * i + c] * key / 255);
      }
    }
    image.pixels.resize(pixels * 3);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

}  // namespace

Result<RgbImage> decodeJpeg(std::span<const std::byte> bytes) {
  RgbImage image;
  ErrorManager manager{};
  if (!decodeInto(bytes, image, manager)) {
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
