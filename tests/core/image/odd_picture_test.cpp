#include "core/image/decode.h"
#include "tests/core/image/encode.h"

#include <gtest/gtest.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <cstdio>

// Issue 16: what is odd about a file, but for its pixels, is no damage; and no damage is taken for
// an oddity. (p01, p02, p04, p05, p06)

namespace barlow {
namespace {

RgbImage scene(int width, int height) {
  RgbImage image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* rgb = image.row(y) + 3 * x;
      rgb[0] = static_cast<std::uint8_t>(x * 7 + x * y % 13);
      rgb[1] = static_cast<std::uint8_t>(y * 5 + x * x % 11);
      rgb[2] = static_cast<std::uint8_t>(x + y);
    }
  }
  return image;
}

void expectSame(const FileBytes& odd, const FileBytes& sound) {
  const Result<RgbImage> image = decodeImage(odd);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE(*image == *decodeImage(sound));
}

FileBytes with(FileBytes file, std::size_t at, const FileBytes& what) {
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(at), what.begin(), what.end());
  return file;
}

std::size_t find(const FileBytes& file, std::initializer_list<int> what) {
  const auto isEqual = [](std::byte a, int b) { return std::to_integer<int>(a) == b; };
  return static_cast<std::size_t>(
      std::search(file.begin(), file.end(), what.begin(), what.end(), isEqual) - file.begin());
}

FileBytes progressive(const RgbImage& image) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.image_height = static_cast<JDIMENSION>(image.height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row =
        const_cast<std::uint8_t*>(image.row(static_cast<int>(info.next_scanline)));  // NOLINT
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  const FileBytes file(bytes, bytes + size);
  std::free(data);  // NOLINT: libjpeg's malloc
  return file;
}

TEST(OddPicture, JpegsOfWhichNoPixelIsMissing) {
  for (const FileBytes& sound : {encodeJpeg(scene(120, 90)), progressive(scene(120, 90))}) {
    const std::size_t end = sound.size() - 2;
    for (const std::size_t count : {1u, 2u, 9u, 40u, 5000u}) {
      for (const int value : {0, 0x7F}) {
        expectSame(with(sound, end, FileBytes(count, static_cast<std::byte>(value))), sound);
      }
      expectSame(with(sound, sound.size(), FileBytes(count, std::byte{3})), sound);
      expectSame(with(sound, 20, FileBytes(count, std::byte{0x55})), sound);  // behind JFIF's
    }
    FileBytes text;
    appendText(text, "written by some camera");
    expectSame(with(sound, end, text), sound);
    FileBytes revision = sound;
    revision[find(sound, {'J', 'F', 'I', 'F', 0}) + 5] = std::byte{2};
    expectSame(revision, sound);
  }
  const FileBytes sound = encodeJpeg(scene(120, 90));
  FileBytes scan = sound;
  scan[find(sound, {0xFF, 0xDA}) + 12] = std::byte{0};  // Se of three components: 63
  expectSame(scan, sound);
}

TEST(OddPicture, JpegsOfWhichAPartIsMissing) {
  for (const FileBytes& sound : {encodeJpeg(scene(200, 150)), progressive(scene(200, 150))}) {
    const FileBytes end(sound.end() - 2, sound.end());
    for (const std::size_t tenths : {4u, 5u, 7u, 9u}) {
      const std::size_t kept = sound.size() * tenths / 10;
      const FileBytes cut(sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(kept));
      EXPECT_FALSE(decodeImage(cut)) << tenths;
      EXPECT_FALSE(decodeImage(with(cut, kept, end))) << tenths;
      FileBytes zeros = cut;
      zeros.resize(sound.size() - 2);
      EXPECT_FALSE(decodeImage(with(zeros, zeros.size(), end))) << tenths;
      zeros.resize(sound.size() + 4096);
      EXPECT_FALSE(decodeImage(zeros)) << tenths;
    }
  }
}

TEST(OddPicture, PngsWithBytesBehindTheEnd) {
  const FileBytes sound = encodePng(scene(40, 30));
  expectSame(with(sound, sound.size(), FileBytes(1, std::byte{'\n'})), sound);
  expectSame(with(sound, sound.size(), FileBytes(4096, std::byte{0})), sound);
  const Result<RgbImage> cut = decodeImage(std::span(sound).first(sound.size() / 2));
  ASSERT_FALSE(cut);
  EXPECT_NE(cut.error().message.find("ends"), std::string::npos) << cut.error().message;
}

void appendChunk(FileBytes& file, std::string_view name, const FileBytes& content) {
  appendText(file, name);
  appendNumber(file, content.size(), 4);
  file.insert(file.end(), content.begin(), content.end());
  file.resize(file.size() + content.size() % 2);
}

// An animation of one frame, which stands at (`x`, `y`) of 64 x 48; `still` is its WebP file.
FileBytes animation(const FileBytes& still, int x, int y, int width, int height) {
  FileBytes whole;
  appendNumber(whole, 2, 4);
  appendNumber(whole, 63, 3);
  appendNumber(whole, 47, 3);
  FileBytes frame;
  for (const int value : {x / 2, y / 2, width - 1, height - 1, 100}) {
    appendNumber(frame, static_cast<std::uint64_t>(value), 3);
  }
  appendNumber(frame, 0, 1);
  frame.insert(frame.end(), still.begin() + 12, still.end());
  FileBytes chunks;
  appendText(chunks, "WEBP");
  appendChunk(chunks, "VP8X", whole);
  appendChunk(chunks, "ANIM", FileBytes(6, std::byte{0xFF}));
  appendChunk(chunks, "ANMF", frame);
  appendChunk(chunks, "ANMF", frame);
  FileBytes file;
  appendChunk(file, "RIFF", chunks);
  return file;
}

TEST(OddPicture, TheFirstFrameOfAnAnimation) {
  const RgbImage image = scene(20, 10);
  const FileBytes still = encodeWebP(image);
  const FileBytes file = animation(still, 6, 4, 20, 10);
  const Result<RgbImage> frame = decodeImage(file);
  ASSERT_TRUE(frame) << frame.error().message;
  ASSERT_EQ(frame->width, 64);
  ASSERT_EQ(frame->height, 48);
  const Result<RgbImage> expected = decodeImage(still);
  EXPECT_TRUE(std::equal(expected->row(3), expected->row(4), frame->row(4 + 3) + 3 * 6));
  EXPECT_EQ(frame->row(3)[3 * 6], 0);
  EXPECT_EQ(frame->row(4)[3 * 5], 0);
  EXPECT_EQ(frame->row(14)[3 * 25], 0);
  for (std::size_t length = 0; length + 1 < file.size(); length += 3) {
    EXPECT_FALSE(decodeImage(std::span(file).first(length))) << length << " of " << file.size();
  }
  EXPECT_FALSE(decodeImage(animation(still, 50, 4, 20, 10))) << "outside";
  EXPECT_FALSE(decodeImage(animation(still, 4, 1000, 20, 10))) << "far outside";
}

// A lossless picture of one colour, which needs 25 bytes; its bits are written from the lowest.
TEST(OddPicture, AVeryShortWebP) {
  std::vector<int> bits;
  const auto put = [&](int value, int count) {
    for (int i = 0; i < count; ++i) {
      bits.push_back(value >> i & 1);
    }
  };
  put(15, 14);
  put(7, 14);
  put(0, 1 + 3);                             // no alpha, version 0
  put(0, 3);                                 // no transform, no cache, no groups
  for (const int value : {1, 0, 1, 1, 0}) {  // green, red, blue, alpha, distance: one symbol each
    put(1, 1);
    put(0, 2);
    put(value, 1);
  }
  FileBytes content = {std::byte{0x2F}};
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    int byte = 0;
    for (std::size_t k = i; k < std::min(i + 8, bits.size()); ++k) {
      byte |= bits[k] << (k - i);
    }
    content.push_back(static_cast<std::byte>(byte));
  }
  FileBytes chunks;
  appendText(chunks, "WEBP");
  appendChunk(chunks, "VP8L", content);
  FileBytes file;
  appendChunk(file, "RIFF", chunks);
  ASSERT_LT(file.size(), 30u);
  const Result<RgbImage> image = decodeImage(file);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width, 16);
  EXPECT_EQ(image->height, 8);
  EXPECT_EQ(std::vector<std::uint8_t>(image->row(7), image->row(7) + 3),
            (std::vector<std::uint8_t>{0, 1, 1}));
}

}  // namespace
}  // namespace barlow
