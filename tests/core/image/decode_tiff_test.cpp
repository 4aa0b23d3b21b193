#include "core/image/decode.h"
#include "tests/core/image/encode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tiffio.h>

namespace barlow {
namespace {

constexpr int kWidth = 37;
constexpr int kHeight = 29;

std::uint8_t sampleAt(int x, int y, int channel) {
  return static_cast<std::uint8_t>(x * 5 + y * 3 + channel * 67 + x * y % 7);
}

std::vector<std::uint8_t> samplesOf(int channels) {
  std::vector<std::uint8_t> samples;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      for (int c = 0; c < channels; ++c) {
        samples.push_back(sampleAt(x, y, c));
      }
    }
  }
  return samples;
}

FileBytes fileOf(const TiffKind& kind) {
  return encodeTiff(kind, kWidth, kHeight, samplesOf(kind.channels));
}

int expectedAt(const TiffKind& kind, int x, int y, int channel) {
  switch (kind.photometric) {
    case PHOTOMETRIC_MINISBLACK:
      return sampleAt(x, y, 0);
    case PHOTOMETRIC_MINISWHITE:
      return 255 - sampleAt(x, y, 0);
    case PHOTOMETRIC_PALETTE:
      return sampleAt(x, y, 0) * (257 + channel * 17) % 65536 / 256;
    default:
      return sampleAt(x, y, channel);
  }
}

void expectItsPixels(const TiffKind& kind) {
  const Result<RgbImage> image = decodeImage(fileOf(kind));
  ASSERT_TRUE(image) << image.error().message;
  ASSERT_EQ(image->width, kWidth);
  ASSERT_EQ(image->height, kHeight);
  const int tolerance = kind.compression == COMPRESSION_JPEG ? 40 : 0;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      for (int c = 0; c < 3; ++c) {
        ASSERT_NEAR(image->row(y)[3 * x + c], expectedAt(kind, x, y, c), tolerance)
            << x << ", " << y << ", " << c;
      }
    }
  }
}

class EveryTiff : public testing::TestWithParam<int> {};

TEST_P(EveryTiff, GivesItsPixels) {
  for (const int tile : {0, 16}) {
    for (const bool isInPlanes : {false, true}) {
      expectItsPixels({.compression = GetParam(), .tile = tile, .isInPlanes = isInPlanes});
      expectItsPixels({.compression = GetParam(),
                       .channels = 4,
                       .tile = tile,
                       .isInPlanes = isInPlanes,
                       .alpha = EXTRASAMPLE_UNASSALPHA});
    }
    for (const int photometric :
         {PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_PALETTE}) {
      expectItsPixels(
          {.compression = GetParam(), .photometric = photometric, .channels = 1, .tile = tile});
    }
  }
}

TEST_P(EveryTiff, IsRefusedWhenItEndsTooEarly) {
  const FileBytes whole = fileOf({.compression = GetParam()});
  for (std::size_t length = 0; length + 1 < whole.size(); length += 5) {
    EXPECT_FALSE(decodeImage(std::span(whole).first(length))) << length << " of " << whole.size();
  }
}

INSTANTIATE_TEST_SUITE_P(Compressions,
                         EveryTiff,
                         testing::Values(COMPRESSION_NONE,
                                         COMPRESSION_LZW,
                                         COMPRESSION_ADOBE_DEFLATE,
                                         COMPRESSION_PACKBITS));

TEST(DecodeTiff, JpegInside) {
  expectItsPixels(
      {.compression = COMPRESSION_JPEG, .photometric = PHOTOMETRIC_MINISBLACK, .channels = 1});
  const TiffKind color{.compression = COMPRESSION_JPEG, .photometric = PHOTOMETRIC_YCBCR};
  const FileBytes whole = fileOf(color);
  const Result<RgbImage> image = decodeImage(whole);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_NEAR(image->row(0)[0], sampleAt(0, 0, 0), 60);
  FileBytes hollow = whole;  // libjpeg only warns, and makes the rest gray
  const auto middle = hollow.begin() + static_cast<std::ptrdiff_t>(whole.size() / 3);
  std::fill(middle, middle + 200, std::byte{0xFF});
  EXPECT_FALSE(decodeImage(hollow));
}

TEST(DecodeTiff, TakesColoursBackFromAlpha) {
  const std::vector<std::uint8_t> pixels = {
      10, 20, 128, 128, 1, 2, 3, 0, 7, 8, 9, 255, 90, 0, 0, 80};
  const Result<RgbImage> image =
      decodeImage(encodeTiff({.channels = 4, .alpha = EXTRASAMPLE_ASSOCALPHA}, 4, 1, pixels));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->pixels, (std::vector<std::uint8_t>{19, 39, 255, 0, 0, 0, 7, 8, 9, 255, 0, 0}));
}

TEST(DecodeTiff, IsTurnedAsItSays) {
  const std::vector<std::uint8_t> samples = {1, 2, 3, 4, 5, 6};  // two rows of three
  const auto turnedTo = [&](int orientation) {
    const Result<RgbImage> image = decodeImage(encodeTiff(
        {.photometric = PHOTOMETRIC_MINISBLACK, .channels = 1, .orientation = orientation},
        3,
        2,
        samples));
    std::string numbers = image ? std::to_string(image->width) + ":" : image.error().message;
    for (std::size_t i = 0; image && i < image->pixels.size(); i += 3) {
      numbers += std::to_string(image->pixels[i]);
    }
    return numbers;
  };
  EXPECT_EQ(turnedTo(1), "3:123456");
  EXPECT_EQ(turnedTo(3), "3:654321");
  EXPECT_EQ(turnedTo(6), "2:415263");
}

TEST(DecodeTiff, SaysWhatIsNotRead) {
  for (const TiffKind& kind : {TiffKind{.channels = 6, .bits = 4},
                               TiffKind{.photometric = PHOTOMETRIC_SEPARATED, .channels = 4},
                               TiffKind{.photometric = PHOTOMETRIC_CIELAB}}) {
    const Result<RgbImage> image = decodeImage(encodeTiff(
        kind, 2, 1, std::vector<std::uint8_t>(static_cast<std::size_t>(2 * kind.channels))));
    ASSERT_FALSE(image);
    EXPECT_TRUE(image.error().message.starts_with("its kind of TIFF is not read"))
        << image.error().message;
  }
}

TEST(DecodeTiff, PrintsNothing) {
  testing::internal::CaptureStderr();
  const FileBytes whole = fileOf({.compression = COMPRESSION_LZW});
  for (std::size_t i = 0; i < whole.size(); i += 3) {
    FileBytes spoiled = whole;
    spoiled[i] ^= std::byte{0x55};
    static_cast<void>(decodeImage(spoiled));
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace barlow
