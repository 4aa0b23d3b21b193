#include "core/image/image_header.h"

#include "core/image/decode.h"
#include "tests/core/image/encode.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace barlow {
namespace {

constexpr std::size_t kMuch = 700'000;

void write(const std::filesystem::path& path, const FileBytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

FileBytes inserted(FileBytes file, std::size_t at, const FileBytes& what) {
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(at), what.begin(), what.end());
  return file;
}

// The size, as everybody is told it: from the file's header alone, and by decoding it.
void expectSize(const FileBytes& file, const PixelSize& size) {
  const TempDir dir;
  write(dir / "picture", file);
  const Result<PixelSize> probed = probeImage(dir / "picture");
  ASSERT_TRUE(probed) << probed.error().message;
  EXPECT_EQ(*probed, size);
  const Result<RgbImage> image = readImage(dir / "picture");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ((PixelSize{image->width, image->height}), size);
}

TEST(ImageHeader, FindsTheSizeBehindAnyAmountOfOtherData) {
  const RgbImage image(31, 17);
  FileBytes segments;
  for (std::size_t left = kMuch; left > 0;) {
    const std::size_t length = std::min<std::size_t>(left, 60'000);
    appendBigNumber(segments, 0xFFE2, 2);
    appendBigNumber(segments, length + 2, 2);
    segments.resize(segments.size() + length, std::byte{0x20});
    left -= length;
  }
  expectSize(inserted(encodeJpeg(image), 2, segments), {31, 17});
  FileBytes junk(kMuch, std::byte{0x7F});
  expectSize(inserted(encodeJpeg(image), 2 + 18, junk), {31, 17});
  // TIFF's directory stands behind the pixels.
  const std::vector<std::uint8_t> gray(900 * 800, 7);
  expectSize(encodeTiff({.photometric = 1, .channels = 1}, 900, 800, gray), {900, 800});
}

TEST(ImageHeader, FiftyMegapixelsAndMoreAreRead) {
  const int width = 8160;
  const int height = 6144;
  const std::vector<std::uint8_t> rows(static_cast<std::size_t>(width / 8 * height), 0xFF);
  const FileBytes file =
      encodePng({.width = width, .height = height, .colorType = 0, .bits = 1}, rows);
  const Result<RgbImage> image = decodeImage(file);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->row(height - 1)[3 * width - 1], 255);
}

TEST(ImageHeader, SaysWhatElseAFileIs) {
  const auto reason = [](std::string text) {
    text.resize(200);
    return decodeImage(std::as_bytes(std::span(text))).error().message;
  };
  EXPECT_NE(reason("GIF89a").find("GIF"), std::string::npos);
  EXPECT_NE(reason(std::string("\0\0\0\x18", 4) + "ftypheic").find("HEIC"), std::string::npos);
  EXPECT_NE(reason("version https://git-lfs.github.com/spec/v1").find("git lfs pull"),
            std::string::npos);
  EXPECT_NE(reason("<!DOCTYPE html>").find("HTML"), std::string::npos);
  EXPECT_NE(reason("nothing known").find("no JPEG"), std::string::npos);
}

TEST(ImageHeader, WhatEndsWithinItSaysSo) {
  for (const char* ending : {".jpg", ".png", ".webp", ".bmp", ".tif", ".ppm"}) {
    const FileBytes file = encodeAs(ending, RgbImage(300, 200));
    for (const std::size_t length : {13u, 14u, 22u}) {
      const Result<RgbImage> image = decodeImage(std::span(file).first(length));
      ASSERT_FALSE(image) << ending;
      EXPECT_NE(image.error().message.find("ends too early"), std::string::npos)
          << ending << ": " << image.error().message;
    }
  }
}

TEST(ImageHeader, APipeIsNoPicture) {
  EXPECT_FALSE(probeImage("/dev/null"));
  EXPECT_FALSE(readImage("/dev/null"));
}

TEST(ImageHeader, EndingsOfPictures) {
  for (const char* name : {"a.jpg",
                           "a.JPEG",
                           "a.jpe",
                           "a.JfIf",
                           "a.png",
                           "a.webp",
                           "a.bmp",
                           "a.tif",
                           "a.TIFF",
                           "a.ppm",
                           "a.pgm",
                           "a.pnm"}) {
    EXPECT_TRUE(hasPictureEnding(name)) << name;
  }
  for (const char* name : {"a.gif", "a.heic", "a", "jpg", "a.jpg.txt", "a."}) {
    EXPECT_FALSE(hasPictureEnding(name)) << name;
  }
}

}  // namespace
}  // namespace barlow
