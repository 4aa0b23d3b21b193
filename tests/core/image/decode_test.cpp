#include "core/image/decode.h"

#include "core/base/atomic_file.h"
#include "core/base/sha256.h"
#include "tests/core/image/encode.h"
#include "tests/core/image/golden_pictures.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <charconv>
#include <string_view>

namespace barlow {
namespace {

RgbImage scene(int width, int height) {
  RgbImage image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* rgb = image.row(y) + 3 * x;
      rgb[0] = static_cast<std::uint8_t>(3 * x + 2 * y);
      rgb[1] = static_cast<std::uint8_t>(200 - y);
      rgb[2] = static_cast<std::uint8_t>(40 + x);
    }
  }
  return image;
}

class EveryFormat : public testing::TestWithParam<const char*> {};

TEST_P(EveryFormat, DecodesToRgb) {
  const Result<RgbImage> image = decodeImage(encodeAs(GetParam(), scene(30, 20)));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width, 30);
  EXPECT_EQ(image->height, 20);
  const std::string ending = GetParam();
  const int tolerance = ending == ".jpg" || ending == ".webp" ? 30 : 0;
  EXPECT_NEAR(image->row(10)[3 * 12 + 2], 52, tolerance) << "blue";
  EXPECT_NEAR(image->row(10)[3 * 12 + 0], 56, tolerance) << "red";
}

TEST_P(EveryFormat, RefusesEveryTruncation) {
  const auto whole = encodeAs(GetParam(), scene(40, 30));
  for (std::size_t length = 0; length + 1 < whole.size(); length += 7) {
    EXPECT_FALSE(decodeImage(std::span(whole).first(length))) << length << " of " << whole.size();
  }
}

INSTANTIATE_TEST_SUITE_P(Formats,
                         EveryFormat,
                         testing::Values(".png", ".jpg", ".bmp", ".webp", ".tif", ".ppm"));

TEST(Decode, RefusesEveryBitFlipInAPng) {
  const auto whole = encodePng(scene(16, 16));
  const Result<RgbImage> original = decodeImage(whole);
  int accepted = 0;
  for (std::size_t byte = 0; byte < whole.size(); byte += 3) {
    auto bytes = whole;
    bytes[byte] ^= std::byte{4};
    const Result<RgbImage> image = decodeImage(bytes);
    accepted += image && !(*image == *original) ? 1 : 0;
  }
  EXPECT_EQ(accepted, 0) << "a damaged picture passed for another one";
}

TEST(Decode, LooksAtTheHeaderBeforeItTakesMemory) {
  auto bytes = encodePng(scene(8, 8));
  for (const std::size_t at : {16u, 20u}) {
    bytes[at] = bytes[at + 1] = std::byte{0};
    bytes[at + 2] = std::byte{0x75};  // 30000
    bytes[at + 3] = std::byte{0x30};
  }
  const Result<RgbImage> image = decodeImage(bytes);
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message.find("30000 x 30000"), std::string::npos);
}

TEST(Decode, SaysWhatAFileIsNot) {
  const std::string text = "this is only called a picture";
  EXPECT_NE(decodeImage(std::as_bytes(std::span(text))).error().message.find("no JPEG"),
            std::string::npos);
  EXPECT_NE(decodeImage({}).error().message.find("empty"), std::string::npos);
  EXPECT_FALSE(readImage("/no/such/file.png"));
  EXPECT_FALSE(probeImage("/no/such/file.png"));
}

TEST(Decode, GrayBecomesThreeEqualChannels) {
  const std::vector<std::uint8_t> gray(9 * 7, 77);
  for (const FileBytes& file :
       {encodePng({.width = 7, .height = 9, .colorType = 0}, gray), encodeGrayJpeg(7, 9, gray)}) {
    const Result<RgbImage> image = decodeImage(file);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->row(4)[3], 77);
    EXPECT_EQ(image->row(4)[5], 77);
  }
}

TEST(Decode, ProbeAndWriteAgreeWithRead) {
  const TempDir dir;
  const Result<RgbImage> image = decodeImage(encodePng(scene(31, 17)));
  writePng(dir / "copy.png", *image);
  EXPECT_TRUE(*readImage(dir / "copy.png") == *image);
  EXPECT_EQ(*probeImage(dir / "copy.png"), (PixelSize{31, 17}));
}

class Golden : public testing::TestWithParam<GoldenPicture> {};

FileBytes fromDigits(std::string_view digits) {
  FileBytes bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

// A turn that EXIF data ask for is not taken: the turned picture has the pixels of Jpeg420.
TEST_P(Golden, PixelsAreThoseOfTheFirstVersion) {
  const Result<RgbImage> image = decodeImage(fromDigits(GetParam().file));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width, 19);
  EXPECT_EQ(image->height, 11);
  EXPECT_EQ(sha256(std::as_bytes(std::span(image->pixels))), GetParam().pixels);
}

TEST_P(Golden, EveryTruncationIsRefused) {
  const FileBytes whole = fromDigits(GetParam().file);
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    EXPECT_FALSE(decodeImage(std::span(whole).first(length))) << length << " of " << whole.size();
  }
}

INSTANTIATE_TEST_SUITE_P(Pictures,
                         Golden,
                         testing::ValuesIn(kGoldenPictures),
                         [](const auto& test) { return test.param.name; });

TEST(Decode, LosslessWebPKeepsEveryPixelAndDropsAlpha) {
  const RgbImage image = scene(37, 21);
  std::vector<std::uint8_t> rgba;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    rgba.insert(rgba.end(), &image.pixels[i], &image.pixels[i] + 3);
    rgba.push_back(static_cast<std::uint8_t>(i % 256));
  }
  const FileBytes file = encodeLosslessWebP(37, 21, rgba);
  const Result<RgbImage> decoded = decodeImage(file);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_TRUE(*decoded == image);
  for (std::size_t length = 0; length + 1 < file.size(); ++length) {
    EXPECT_FALSE(decodeImage(std::span(file).first(length))) << length << " of " << file.size();
  }
}

// A mark without a length, and bytes that are no mark: the decoder passes over both, and so does
// our own look at the header, which would else find another size, in the middle of a comment.
TEST(Decode, AJpegsSizeIsWhatTheDecoderFinds) {
  FileBytes file = {std::byte{0xFF}, std::byte{0xD8}, std::byte{0xFF}, std::byte{0xD0}};
  const auto appendComment = [&](int length) {
    appendNumber(file, 0xFEFF, 2);
    appendNumber(file, static_cast<std::uint64_t>(length & 0xFF) << 8 | length >> 8, 2);
    file.resize(file.size() + static_cast<std::size_t>(length) - 2);
  };
  file.push_back(std::byte{0xFF});  // a fill byte, after RST0 taken for a length of 65535
  appendComment(65000);
  appendComment(2000);
  constexpr std::size_t kLanding = 4 + 65535;
  const std::vector<int> frame = {0xFF, 0xC0, 0, 17, 8, 0, 8, 0, 8, 3};  // 8 x 8
  for (std::size_t i = 0; i < frame.size(); ++i) {
    file.at(kLanding + i) = static_cast<std::byte>(frame[i]);
  }
  appendNumber(file, 0x7F7F7F, 3);
  const FileBytes real = encodeJpeg(scene(300, 200));
  file.insert(file.end(), real.begin() + 2, real.end());
  const Result<RgbImage> image = decodeImage(file);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE(*image == *decodeImage(real));
}

TEST(Decode, NamesTheLibrariesOfItsPixels) {
  const std::string name = decoderName();
  for (const char* library : {"jpeg", "libpng 1.", "libwebp 1.", "libtiff 4."}) {
    EXPECT_NE(name.find(library), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace barlow
