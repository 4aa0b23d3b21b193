#include "core/base/atomic_file.h"
#include "core/image/decode.h"
#include "tests/core/image/encode.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <png.h>
#include <zlib.h>

namespace barlow {
namespace {

constexpr int kWidth = 21;
constexpr int kHeight = 13;

struct Kind {
  const char* name;
  int colorType;
  int bits;
};

int channelsOf(int colorType) {
  switch (colorType) {
    case PNG_COLOR_TYPE_RGB:
      return 3;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      return 2;
    case PNG_COLOR_TYPE_RGB_ALPHA:
      return 4;
    default:
      return 1;
  }
}

int sampleAt(int x, int y, int channel, int bits) {
  return (x * 2909 + y * 7919 + channel * 104'729 + x * y * 31) % (1 << bits);
}

std::vector<std::uint8_t> packedRows(const Kind& kind) {
  std::vector<std::uint8_t> bytes;
  for (int y = 0; y < kHeight; ++y) {
    int pending = 0;
    int count = 0;
    for (int i = 0; i < kWidth * channelsOf(kind.colorType); ++i) {
      const int channels = channelsOf(kind.colorType);
      const int value = sampleAt(i / channels, y, i % channels, kind.bits);
      if (kind.bits == 16) {
        bytes.push_back(static_cast<std::uint8_t>(value >> 8));
        bytes.push_back(static_cast<std::uint8_t>(value & 0xFF));
        continue;
      }
      pending = pending << kind.bits | value;
      count += kind.bits;
      if (count == 8) {
        bytes.push_back(static_cast<std::uint8_t>(pending));
        pending = count = 0;
      }
    }
    if (count > 0) {
      bytes.push_back(static_cast<std::uint8_t>(pending << (8 - count)));
    }
  }
  return bytes;
}

std::vector<std::uint8_t> paletteOf(int bits) {
  std::vector<std::uint8_t> palette;
  for (int i = 0; i < 3 << bits; ++i) {
    palette.push_back(static_cast<std::uint8_t>(i * 37 + 11));
  }
  return palette;
}

// Of 16 bits the upper eight; fewer than eight spread from black to white; alpha is dropped.
int expectedAt(const Kind& kind, int x, int y, int channel) {
  if (kind.colorType == PNG_COLOR_TYPE_PALETTE) {
    return paletteOf(
        kind.bits)[static_cast<std::size_t>(3 * sampleAt(x, y, 0, kind.bits) + channel)];
  }
  const bool isGray = (kind.colorType & PNG_COLOR_MASK_COLOR) == 0;
  const int value = sampleAt(x, y, isGray ? 0 : channel, kind.bits);
  return kind.bits == 16 ? value >> 8 : value * 255 / ((1 << kind.bits) - 1);
}

void expectItsPixels(const Kind& kind, const FileBytes& file) {
  const Result<RgbImage> image = decodeImage(file);
  ASSERT_TRUE(image) << image.error().message;
  ASSERT_EQ(image->width, kWidth);
  ASSERT_EQ(image->height, kHeight);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      for (int c = 0; c < 3; ++c) {
        ASSERT_EQ(image->row(y)[3 * x + c], expectedAt(kind, x, y, c)) << x << ", " << y;
      }
    }
  }
}

class EveryPng : public testing::TestWithParam<Kind> {
 protected:
  FileBytes file(bool isInterlaced, bool hasTransparency = false) const {
    PngKind kind{.width = kWidth,
                 .height = kHeight,
                 .colorType = GetParam().colorType,
                 .bits = GetParam().bits,
                 .isInterlaced = isInterlaced};
    if (kind.colorType == PNG_COLOR_TYPE_PALETTE) {
      kind.palette = paletteOf(kind.bits);
      kind.paletteAlpha.assign(hasTransparency ? 2 : 0, 0);
    }
    return encodePng(kind, packedRows(GetParam()));
  }
};

TEST_P(EveryPng, GivesItsPixels) {
  expectItsPixels(GetParam(), file(false));
  expectItsPixels(GetParam(), file(true));
  expectItsPixels(GetParam(), file(false, true));
}

// As a mask: what is stored, never a colour.
TEST_P(EveryPng, GivesItsNumbers) {
  const TempDir dir;
  for (const bool isInterlaced : {false, true}) {
    writeFileAtomically(dir.path() / "a.png", file(isInterlaced));
    const Result<PixelClasses> mask = readMask(dir.path() / "a.png");
    const Kind& kind = GetParam();
    const bool isColoured =
        (kind.colorType & PNG_COLOR_MASK_COLOR) != 0 && kind.colorType != PNG_COLOR_TYPE_PALETTE;
    ASSERT_EQ(static_cast<bool>(mask), !isColoured && kind.bits <= 8);
    if (!mask) {
      EXPECT_NE(mask.error().message.find(isColoured ? "holds colours" : "16 bits"),
                std::string::npos)
          << mask.error().message;
      continue;
    }
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        ASSERT_EQ(mask->values[static_cast<std::size_t>(y * kWidth + x)],
                  sampleAt(x, y, 0, kind.bits))
            << x << ", " << y;
      }
    }
  }
}

TEST_P(EveryPng, IsRefusedWhenItEndsTooEarly) {
  const FileBytes whole = file(true);
  for (std::size_t length = 0; length + 1 < whole.size(); length += 3) {
    EXPECT_FALSE(decodeImage(std::span(whole).first(length))) << length << " of " << whole.size();
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         EveryPng,
                         testing::Values(Kind{"Gray1", 0, 1},
                                         Kind{"Gray2", 0, 2},
                                         Kind{"Gray4", 0, 4},
                                         Kind{"Gray8", 0, 8},
                                         Kind{"Gray16", 0, 16},
                                         Kind{"Rgb8", 2, 8},
                                         Kind{"Rgb16", 2, 16},
                                         Kind{"Palette1", 3, 1},
                                         Kind{"Palette2", 3, 2},
                                         Kind{"Palette4", 3, 4},
                                         Kind{"Palette8", 3, 8},
                                         Kind{"GrayAlpha8", 4, 8},
                                         Kind{"GrayAlpha16", 4, 16},
                                         Kind{"RgbAlpha8", 6, 8},
                                         Kind{"RgbAlpha16", 6, 16}),
                         [](const auto& test) { return test.param.name; });

constexpr Kind kRgb = {"Rgb8", PNG_COLOR_TYPE_RGB, 8};
constexpr std::size_t kBehindHeader = 33;
constexpr std::size_t kEndChunk = 12;

// `where`: bytes from the beginning.
FileBytes withChunk(FileBytes file, std::size_t where, std::string content) {
  const auto append = [](std::string& text, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      text.push_back(static_cast<char>(value >> shift & 0xFF));
    }
  };
  std::string chunk;
  append(chunk, static_cast<std::uint32_t>(content.size() - 4));
  const auto* data = reinterpret_cast<const Bytef*>(content.data());
  append(content, static_cast<std::uint32_t>(crc32(0, data, static_cast<uInt>(content.size()))));
  chunk += content;
  const auto bytes = std::as_bytes(std::span(chunk));
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(where), bytes.begin(), bytes.end());
  return file;
}

FileBytes plainPng() { return encodePng({.width = kWidth, .height = kHeight}, packedRows(kRgb)); }

TEST(DecodePng, WhatIsNoPixelMayBeOddInSilence) {
  testing::internal::CaptureStderr();
  const FileBytes plain = plainPng();
  for (const std::size_t where : {kBehindHeader, plain.size() - kEndChunk}) {
    expectItsPixels(kRgb, withChunk(plain, where, "iCCPprofile that is none"));
    expectItsPixels(kRgb, withChunk(plain, where, "abCdunknown"));
    FileBytes spoiled = withChunk(plain, where, "tEXtkey");
    spoiled[where + 8] ^= std::byte{1};
    expectItsPixels(kRgb, spoiled);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(DecodePng, TheChecksumOfAPieceMayBeWrongWhereThatOfAllIsRight) {
  FileBytes file = plainPng();
  const std::size_t checksum = file.size() - kEndChunk - 4;
  file[checksum] ^= std::byte{1};
  expectItsPixels(kRgb, file);
  file[checksum - 1] ^= std::byte{1};  // the last of that over all
  EXPECT_FALSE(decodeImage(file));
}

TEST(DecodePng, SaysWhatIsWrong) {
  const FileBytes plain = plainPng();
  FileBytes spoiled = plain;
  spoiled[plain.size() / 2] ^= std::byte{1};
  for (const FileBytes& file : {spoiled, withChunk(plain, kBehindHeader, "ABCDneeded")}) {
    const Result<RgbImage> image = decodeImage(file);
    ASSERT_FALSE(image);
    EXPECT_TRUE(image.error().message.starts_with("the PNG data is damaged"))
        << image.error().message;
    EXPECT_EQ(image.error().message.find("()"), std::string::npos) << image.error().message;
  }
}

}  // namespace
}  // namespace barlow
