#include "core/image/orientation.h"

#include "core/image/decode.h"
#include "tests/core/image/encode.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>
#include <zlib.h>

namespace barlow {
namespace {

// EXIF data with one entry, of 16 bits, in either byte order.
FileBytes exifData(int orientation, bool isBigEndian, int tag = 0x0112) {
  FileBytes data;
  const auto number = [&](std::uint64_t value, int count) {
    isBigEndian ? appendBigNumber(data, value, count) : appendNumber(data, value, count);
  };
  appendText(data, isBigEndian ? "MM" : "II");
  number(42, 2);
  number(8, 4);
  number(1, 2);
  number(static_cast<std::uint64_t>(tag), 2);
  number(3, 2);
  number(1, 4);
  number(static_cast<std::uint64_t>(orientation), 2);
  number(0, 2 + 4);
  return data;
}

FileBytes segment(std::string_view name, const FileBytes& data) {
  FileBytes bytes;
  appendBigNumber(bytes, 0xFFE1, 2);
  appendBigNumber(bytes, 2 + name.size() + data.size(), 2);
  appendText(bytes, name);
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

constexpr std::string_view kExif("Exif\0\0", 6);
constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);

FileBytes inserted(FileBytes file, std::size_t at, const FileBytes& what) {
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(at), what.begin(), what.end());
  return file;
}

FileBytes jpegWith(const FileBytes& segments) {
  return inserted(encodeJpeg(RgbImage(16, 8)), 2, segments);
}

int orientationOf(const FileBytes& file) {
  ByteSource source{std::span(file)};
  const Result<ImageHeader> header = readImageHeader(source);
  return header ? readOrientation(source, header->format) : -1;
}

TEST(Orientation, OfAJpegInEitherByteOrder) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool isBigEndian : {false, true}) {
      EXPECT_EQ(orientationOf(jpegWith(segment(kExif, exifData(orientation, isBigEndian)))),
                orientation);
    }
  }
}

TEST(Orientation, WithoutOneOrWithNonsenseNothingIsTurned) {
  EXPECT_EQ(orientationOf(encodeJpeg(RgbImage(16, 8))), 1);
  EXPECT_EQ(orientationOf(jpegWith(segment(kExif, exifData(0, true)))), 1);
  EXPECT_EQ(orientationOf(jpegWith(segment(kExif, exifData(9, true)))), 1);
  EXPECT_EQ(orientationOf(jpegWith(segment(kExif, exifData(6, true, 0x0113)))), 1);
  EXPECT_EQ(orientationOf(jpegWith(segment("Other\0", exifData(6, true)))), 1);
}

TEST(Orientation, NoOffsetIsTrusted) {
  const FileBytes good = exifData(6, false);
  for (std::size_t length = 0; length <= good.size(); ++length) {
    const FileBytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    const int orientation = orientationOf(jpegWith(segment(kExif, cut)));
    EXPECT_TRUE(orientation == 1 || orientation == 6) << length;
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int value : {0, 0x7F, 0xFF}) {
      FileBytes bad = good;
      bad[i] = static_cast<std::byte>(value);
      const int orientation = orientationOf(jpegWith(segment(kExif, bad)));
      EXPECT_TRUE(orientation >= 1 && orientation <= 8) << i;
    }
  }
}

TEST(Orientation, XmpSpeaksWhereExifDoesNot) {
  FileBytes xmp;
  appendText(xmp, "<rdf:Description tiff:Orientation=\"6\"/>");
  EXPECT_EQ(orientationOf(jpegWith(segment(kXmp, xmp))), 6);
  FileBytes both = segment(kXmp, xmp);
  const FileBytes exif = segment(kExif, exifData(3, true));
  both.insert(both.end(), exif.begin(), exif.end());
  EXPECT_EQ(orientationOf(jpegWith(both)), 3);
}

FileBytes pngChunk(std::string_view name, const FileBytes& data) {
  FileBytes content;
  appendText(content, name);
  content.insert(content.end(), data.begin(), data.end());
  FileBytes chunk;
  appendBigNumber(chunk, data.size(), 4);
  chunk.insert(chunk.end(), content.begin(), content.end());
  appendBigNumber(
      chunk,
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())),
      4);
  return chunk;
}

TEST(Orientation, OfAPngBeforeOrBehindThePixels) {
  const FileBytes plain = encodePng(RgbImage(16, 8));
  const FileBytes chunk = pngChunk("eXIf", exifData(8, true));
  EXPECT_EQ(orientationOf(plain), 1);
  EXPECT_EQ(orientationOf(inserted(plain, 33, chunk)), 8);
  EXPECT_EQ(orientationOf(inserted(plain, plain.size() - 12, chunk)), 8);
}

TEST(Orientation, OfAWebP) {
  const FileBytes still = encodeWebP(RgbImage(16, 8));
  const FileBytes exif = exifData(5, false);
  FileBytes chunks;
  appendText(chunks, "WEBPVP8X");
  appendNumber(chunks, 10, 4);
  appendNumber(chunks, 8, 4);
  appendNumber(chunks, 15, 3);
  appendNumber(chunks, 7, 3);
  chunks.insert(chunks.end(), still.begin() + 12, still.end());
  appendText(chunks, "EXIF");
  appendNumber(chunks, exif.size(), 4);
  chunks.insert(chunks.end(), exif.begin(), exif.end());
  FileBytes file;
  appendText(file, "RIFF");
  appendNumber(file, chunks.size(), 4);
  file.insert(file.end(), chunks.begin(), chunks.end());
  EXPECT_EQ(orientationOf(file), 5);
}

// What Pillow's ImageOps.exif_transpose makes of the rows 123 and 456.
TEST(Orientation, EveryTurn) {
  RgbImage image(3, 2);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(i / 3 + 1);
  }
  const auto text = [&](int orientation) {
    const RgbImage result = turned(image, orientation);
    std::string numbers = std::to_string(result.width) + ":";
    for (std::size_t i = 0; i < result.pixels.size(); i += 3) {
      EXPECT_EQ(result.pixels[i], result.pixels[i + 2]);
      numbers += std::to_string(result.pixels[i]);
    }
    return numbers;
  };
  const std::vector<std::string> expected = {"3:123456",
                                             "3:321654",
                                             "3:654321",
                                             "3:456123",
                                             "2:142536",
                                             "2:415263",
                                             "2:635241",
                                             "2:362514"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(text(orientation), expected[static_cast<std::size_t>(orientation - 1)])
        << orientation;
  }
}

TEST(Orientation, IsTakenWhereAsked) {
  const TempDir dir;
  const FileBytes file = jpegWith(segment(kExif, exifData(6, true)));
  std::ofstream(dir / "a.jpg", std::ios::binary)
      .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  EXPECT_TRUE(asksForTurn(dir / "a.jpg"));
  EXPECT_EQ(*probeImage(dir / "a.jpg"), (PixelSize{16, 8}));
  EXPECT_EQ(readImage(dir / "a.jpg")->width, 16);
  EXPECT_EQ(*probeImage(dir / "a.jpg", ExifTurn::Apply), (PixelSize{8, 16}));
  EXPECT_EQ(readImage(dir / "a.jpg", ExifTurn::Apply)->width, 8);
  EXPECT_FALSE(asksForTurn(dir / "none.jpg"));
}

}  // namespace
}  // namespace barlow
