#include "tests/core/image/encode.h"

#include <array>
#include <cstdlib>
#include <stdexcept>
// clang-format off
#include <cstdio>  // before jpeglib.h, which uses FILE
#include <jpeglib.h>
// clang-format on
#include <png.h>
#include <webp/encode.h>

namespace barlow {
namespace {

FileBytes copyOf(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(data);
  return {bytes, bytes + size};
}

FileBytes encodeJpegRows(int width, int height, int channels, std::span<const std::uint8_t> rows) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors;  // its own answer to an error ends the program, which fails the test
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = channels;
  info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  jpeg_start_compress(&info, TRUE);
  const auto stride = static_cast<std::size_t>(width * channels);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<std::uint8_t*>(rows.data()) + info.next_scanline * stride;  // NOLINT
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const FileBytes bytes = copyOf(data, size);
  std::free(data);  // NOLINT: libjpeg's malloc
  return bytes;
}

FileBytes takenFrom(std::uint8_t* data, std::size_t size) {
  const FileBytes bytes = copyOf(data, size);
  WebPFree(data);
  return bytes;
}

void append(png_structp png, png_bytep data, png_size_t size) {
  auto* file = static_cast<FileBytes*>(png_get_io_ptr(png));
  const FileBytes piece = copyOf(data, size);
  file->insert(file->end(), piece.begin(), piece.end());
}

}  // namespace

FileBytes encodePng(const PngKind& kind, std::span<const std::uint8_t> rows) {
  FileBytes file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, append, [](png_structp) {});
  png_set_IHDR(png,
               info,
               static_cast<png_uint_32>(kind.width),
               static_cast<png_uint_32>(kind.height),
               kind.bits,
               kind.colorType,
               kind.isInterlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  std::array<png_color, PNG_MAX_PALETTE_LENGTH> colors{};
  const std::size_t count = kind.palette.size() / 3;
  for (std::size_t i = 0; i < count; ++i) {
    colors[i] = {kind.palette[3 * i], kind.palette[3 * i + 1], kind.palette[3 * i + 2]};
  }
  if (count > 0) {
    png_set_PLTE(png, info, colors.data(), static_cast<int>(count));
  }
  if (!kind.paletteAlpha.empty()) {
    const int alphas = static_cast<int>(kind.paletteAlpha.size());
    png_set_tRNS(png, info, kind.paletteAlpha.data(), alphas, nullptr);
  }
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
  png_write_info(png, info);
  const int passes = png_set_interlace_handling(png);
  const std::size_t stride = rows.size() / static_cast<std::size_t>(kind.height);
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t y = 0; y < static_cast<std::size_t>(kind.height); ++y) {
      png_write_row(png, rows.data() + y * stride);
    }
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

FileBytes encodePng(const RgbImage& image) {
  return encodePng({.width = image.width, .height = image.height}, image.pixels);
}

FileBytes encodeJpeg(const RgbImage& image) {
  return encodeJpegRows(image.width, image.height, 3, image.pixels);
}

FileBytes encodeGrayJpeg(int width, int height, std::span<const std::uint8_t> pixels) {
  return encodeJpegRows(width, height, 1, pixels);
}

FileBytes encodeWebP(const RgbImage& image) {
  std::uint8_t* data = nullptr;
  const std::size_t size =
      WebPEncodeRGB(image.pixels.data(), image.width, image.height, image.width * 3, 90, &data);
  return takenFrom(data, size);
}

FileBytes encodeLosslessWebP(int width, int height, std::span<const std::uint8_t> rgba) {
  WebPConfig config;
  WebPPicture picture;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  if (WebPConfigInit(&config) == 0 || WebPPictureInit(&picture) == 0) {
    throw std::runtime_error("another libwebp than its header's");
  }
  config.lossless = 1;
  config.exact = 1;
  picture.use_argb = 1;
  picture.width = width;
  picture.height = height;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  if (WebPPictureImportRGBA(&picture, rgba.data(), width * 4) == 0 ||
      WebPEncode(&config, &picture) == 0) {
    throw std::runtime_error("libwebp cannot write");
  }
  WebPPictureFree(&picture);
  return takenFrom(writer.mem, writer.size);
}

FileBytes encodeBmp(const RgbImage& image) {
  FileBytes file = {std::byte{'B'}, std::byte{'M'}};
  const int pitch = (image.width * 3 + 3) / 4 * 4;
  appendNumber(file, static_cast<std::uint64_t>(54 + pitch * image.height), 4);
  appendNumber(file, 54ull << 32, 8);
  appendNumber(file, 40, 4);
  appendNumber(file, static_cast<std::uint64_t>(image.width), 4);
  appendNumber(file, static_cast<std::uint64_t>(image.height), 4);
  appendNumber(file, 1 | 24 << 16, 4);
  file.resize(54);
  for (int y = image.height - 1; y >= 0; --y) {
    for (int x = 0; x < image.width; ++x) {
      const std::uint8_t* rgb = image.row(y) + 3 * x;
      appendNumber(file, static_cast<std::uint64_t>(rgb[2] | rgb[1] << 8 | rgb[0] << 16), 3);
    }
    appendNumber(file, 0, pitch - image.width * 3);
  }
  return file;
}

FileBytes encodePpm(const RgbImage& image) {
  FileBytes file;
  appendText(file,
             "P6\n" + std::to_string(image.width) + " " + std::to_string(image.height) + "\n255\n");
  const auto pixels = std::as_bytes(std::span(image.pixels));
  file.insert(file.end(), pixels.begin(), pixels.end());
  return file;
}

FileBytes encodeAs(const std::string& ending, const RgbImage& image) {
  if (ending == ".png") {
    return encodePng(image);
  }
  if (ending == ".jpg") {
    return encodeJpeg(image);
  }
  if (ending == ".tif") {
    return encodeTiff({}, image.width, image.height, image.pixels);
  }
  if (ending == ".ppm") {
    return encodePpm(image);
  }
  return ending == ".webp" ? encodeWebP(image) : encodeBmp(image);
}

void appendNumber(FileBytes& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i, value >>= 8) {
    bytes.push_back(static_cast<std::byte>(value & 0xFF));
  }
}

void appendBigNumber(FileBytes& bytes, std::uint64_t value, int count) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::byte>(value >> shift & 0xFF));
  }
}

void appendText(FileBytes& bytes, std::string_view text) {
  const auto data = std::as_bytes(std::span(text));
  bytes.insert(bytes.end(), data.begin(), data.end());
}

}  // namespace barlow
