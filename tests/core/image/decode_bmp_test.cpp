#include "core/image/decode.h"
#include "tests/core/image/encode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace barlow {
namespace {

using Color = std::array<int, 3>;

// What the headers of a bitmap say; `data` follows palette or masks.
struct Bmp {
  int width = 0;
  int height = 0;
  int bits = 8;
  int compression = 0;
  std::vector<Color> palette;
  std::vector<std::uint32_t> masks;
  std::vector<int> data;
  int header = 40;
  bool isTopDown = false;
  std::int64_t colors = -1;  // as the palette
  std::int64_t offset = -1;  // where the data are
  std::size_t cut = 0;       // bytes that are missing at the end, of which the size tells nothing
};

FileBytes fileOf(const Bmp& bmp) {
  FileBytes head;
  const bool isOld = bmp.header == 12;
  appendNumber(head, static_cast<std::uint64_t>(bmp.header), 4);
  appendNumber(head, static_cast<std::uint64_t>(bmp.width), isOld ? 2 : 4);
  const int height = bmp.isTopDown ? -bmp.height : bmp.height;
  appendNumber(head, static_cast<std::uint64_t>(height), isOld ? 2 : 4);
  appendNumber(head, 1, 2);
  appendNumber(head, static_cast<std::uint64_t>(bmp.bits), 2);
  if (!isOld) {
    appendNumber(head, static_cast<std::uint64_t>(bmp.compression), 4);
    appendNumber(head, 0, 12);
    const auto colors = static_cast<std::int64_t>(bmp.palette.size());
    appendNumber(head, static_cast<std::uint64_t>(bmp.colors < 0 ? colors : bmp.colors), 4);
    appendNumber(head, 0, 4);
  }
  for (const std::uint32_t mask : bmp.masks) {
    appendNumber(head, mask, 4);
  }
  head.resize(std::max(head.size(), static_cast<std::size_t>(bmp.header)));
  for (const Color& color : bmp.palette) {
    const auto value = static_cast<std::uint64_t>(color[2] | color[1] << 8 | color[0] << 16);
    appendNumber(head, value, isOld ? 3 : 4);
  }
  FileBytes file = {std::byte{'B'}, std::byte{'M'}};
  appendNumber(file, 0, 8);
  const auto offset = static_cast<std::int64_t>(14 + head.size());
  appendNumber(file, static_cast<std::uint64_t>(bmp.offset < 0 ? offset : bmp.offset), 4);
  file.insert(file.end(), head.begin(), head.end());
  for (const int byte : bmp.data) {
    appendNumber(file, static_cast<std::uint64_t>(byte), 1);
  }
  file.resize(file.size() - bmp.cut);
  return file;
}

const std::vector<Color> kColors = {{1, 2, 3}, {200, 10, 20}, {30, 210, 40}, {50, 60, 220}};

// Rows from the top, each a text of digits: the colours by number.
void expectNumbers(const Bmp& bmp, std::initializer_list<std::string> rows) {
  const Result<RgbImage> image = decodeImage(fileOf(bmp));
  ASSERT_TRUE(image) << image.error().message;
  ASSERT_EQ(image->height, static_cast<int>(rows.size()));
  int y = 0;
  for (const std::string& row : rows) {
    ASSERT_EQ(image->width, static_cast<int>(row.size()));
    for (std::size_t x = 0; x < row.size(); ++x) {
      const std::uint8_t* rgb = image->row(y) + 3 * x;
      const Color color = {rgb[0], rgb[1], rgb[2]};
      EXPECT_EQ(color, kColors.at(static_cast<std::size_t>(row[x] - '0'))) << x << ", " << y;
    }
    ++y;
  }
}

void expectPixel(const Bmp& bmp, const Color& color) {
  const Result<RgbImage> image = decodeImage(fileOf(bmp));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ((Color{image->pixels[0], image->pixels[1], image->pixels[2]}), color);
}

void expectRefused(const Bmp& bmp) {
  const Result<RgbImage> image = decodeImage(fileOf(bmp));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().message.find("BMP"), 4u) << image.error().message;
}

TEST(DecodeBmp, NumbersOfOneFourAndEightBits) {
  for (const int header : {12, 40, 108, 124}) {
    Bmp one{.width = 10, .height = 2, .bits = 1, .palette = {kColors[0], kColors[1]}};
    one.data = {0b10110010, 0b01000000, 0, 0, 0b00000001, 0b11000000, 0, 0};
    one.header = header;
    expectNumbers(one, {"0000000111", "1011001001"});
    Bmp four{.width = 3, .height = 2, .bits = 4, .palette = kColors};
    four.palette.resize(16);
    four.data = {0x12, 0x30, 0, 0, 0x31, 0x20, 0, 0};
    four.header = header;
    expectNumbers(four, {"312", "123"});
    Bmp eight{.width = 5, .height = 2, .bits = 8, .palette = kColors};
    eight.palette.resize(256);
    eight.data = {0, 1, 2, 3, 0, 9, 9, 9, 3, 3, 1, 1, 2, 9, 9, 9};
    eight.header = header;
    expectNumbers(eight, {"33112", "01230"});
    if (header != 12) {
      eight.isTopDown = true;
      expectNumbers(eight, {"01230", "33112"});
    }
  }
}

TEST(DecodeBmp, ColoursOfAPaletteThatAreMissingAreBlack) {
  expectPixel({.width = 1, .height = 1, .palette = kColors, .data = {3, 0, 0, 0}}, kColors[3]);
  expectPixel({.width = 1, .height = 1, .palette = kColors, .data = {4, 0, 0, 0}}, {0, 0, 0});
}

// Five bits become the upper five of eight, as version 0.1 read them.
TEST(DecodeBmp, SixteenBits) {
  const Bmp plain{.width = 1, .height = 1, .bits = 16, .data = {0x3F, 0x7C, 0, 0}};
  expectPixel(plain, {0xF8, 0x08, 0xF8});
  for (const int header : {40, 56, 108, 124}) {
    Bmp masked = plain;
    masked.compression = 3;
    masked.header = header;
    masked.masks = {0x7C00, 0x3E0, 0x1F};
    expectPixel(masked, {0xF8, 0x08, 0xF8});
    masked.masks = {0xF800, 0x7E0, 0x1F};
    masked.data = {0x3F, 0xF8, 0, 0};
    expectPixel(masked, {0xF8, 0x04, 0xF8});
    masked.masks = {0xF00, 0xF0, 0xF};
    expectRefused(masked);
  }
}

TEST(DecodeBmp, TwentyFourAndThirtyTwoBits) {
  expectPixel({.width = 1, .height = 1, .bits = 24, .data = {1, 2, 3, 0}}, {3, 2, 1});
  const Bmp plain{.width = 1, .height = 1, .bits = 32, .data = {1, 2, 3, 4}};
  expectPixel(plain, {3, 2, 1});
  for (const int header : {40, 56, 108}) {
    Bmp masked = plain;
    masked.compression = 3;
    masked.header = header;
    masked.masks = {0xFF0000, 0xFF00, 0xFF};
    expectPixel(masked, {3, 2, 1});
    masked.masks = {0, 0, 0};
    expectPixel(masked, {3, 2, 1});
    masked.masks = {0xFF, 0xFF00, 0xFF0000};
    expectPixel(masked, {1, 2, 3});
    masked.masks = {0xFF000000, 0xFF0000, 0xFF00};
    expectPixel(masked, {4, 3, 2});
    masked.masks = {0x3FF00000, 0xFFC00, 0x3FF};
    expectRefused(masked);
  }
}

Bmp inRuns(int bits, std::vector<int> data) {
  Bmp bmp{.width = 5, .height = 3, .bits = bits, .palette = kColors, .data = std::move(data)};
  bmp.compression = bits == 8 ? 1 : 2;
  return bmp;
}

TEST(DecodeBmp, RunsOfEightBits) {
  // A run and a list; a move over two columns and a row; the rest of the picture is number 0.
  expectNumbers(inRuns(8, {2, 1, 0, 3, 3, 2, 1, 9, 0, 0, 1, 2, 0, 2, 2, 1, 1, 3, 0, 1}),
                {"00030", "20000", "11321"});
  // The mark at the end of a full row ends no second one, and may be missing.
  expectNumbers(inRuns(8, {5, 1, 0, 0, 5, 2, 5, 3, 0, 1}), {"33333", "22222", "11111"});
  // So may the mark of the end, when everything is there.
  expectNumbers(inRuns(8, {0, 5, 1, 2, 3, 2, 1, 9, 0, 0, 0, 0, 5, 3}), {"33333", "00000", "12321"});
  expectNumbers(inRuns(8, {0, 0, 0, 0, 0, 0}), {"00000", "00000", "00000"});
  expectNumbers(inRuns(8, {1, 1, 0, 2, 255, 255}), {"00000", "00000", "10000"});
}

TEST(DecodeBmp, RunsOfFourBits) {
  expectNumbers(inRuns(4, {3, 0x12, 0, 0, 0, 5, 0x12, 0x31, 0x20, 9, 0, 0, 5, 0x33, 0, 1}),
                {"33333", "12312", "12100"});
  expectNumbers(inRuns(4, {1, 0x10, 0, 2, 2, 1, 2, 0x23, 0, 1}), {"00000", "00023", "10000"});
}

TEST(DecodeBmp, RunsThatCannotBeAreRefused) {
  for (const int bits : {4, 8}) {
    expectRefused(inRuns(bits, {6, 1, 0, 1}));              // longer than a row
    expectRefused(inRuns(bits, {4, 1, 2, 1, 0, 1}));        // leaves the row
    expectRefused(inRuns(bits, {0, 6, 1, 1, 1, 1, 1, 1}));  // a list that does
    expectRefused(inRuns(bits, {5, 1, 0, 5, 1}));           // a list that ends too early
    expectRefused(inRuns(bits, {5, 1, 0, 2, 1}));           // a move that does
    expectRefused(inRuns(bits, {5, 1, 0, 0, 5, 1}));        // neither a third row nor the end
    expectRefused(inRuns(bits, {}));
  }
}

TEST(DecodeBmp, HeadersThatCannotBeAreRefused) {
  const Bmp good{.width = 2, .height = 2, .palette = kColors, .data = {1, 2, 0, 0, 3, 1, 0, 0}};
  expectNumbers(good, {"31", "12"});
  const auto refused = [&](auto change) {
    Bmp bad = good;
    change(bad);
    expectRefused(bad);
  };
  refused([](Bmp& bmp) { bmp.cut = 3; });  // a pixel; what fills up the last row is none
  refused([](Bmp& bmp) { bmp.bits = 2; });
  refused([](Bmp& bmp) { bmp.bits = 0; });
  refused([](Bmp& bmp) { bmp.compression = 4; });
  refused([](Bmp& bmp) { bmp.compression = 2; });
  refused([](Bmp& bmp) { bmp.colors = 257; });
  refused([](Bmp& bmp) { bmp.colors = 0x8000'0000; });
  refused([](Bmp& bmp) { bmp.colors = 100; });  // more than there are
  refused([](Bmp& bmp) { bmp.offset = 53; });   // in the header
  refused([](Bmp& bmp) { bmp.offset = 0xFFFF'FFFF; });
  refused([](Bmp& bmp) { bmp.header = 16; });
  refused([](Bmp& bmp) { bmp.width = bmp.height = 7000; });
}

// Pillow reads them as well: every pixel is there.
TEST(DecodeBmp, WhatIsNoPixelMayBeWrong) {
  const Bmp good{.width = 2, .height = 2, .palette = kColors, .data = {1, 2, 0, 0, 3, 1, 0, 0}};
  for (const std::size_t cut : {1u, 2u}) {
    Bmp bmp = good;
    bmp.cut = cut;
    expectNumbers(bmp, {"31", "12"});
  }
  for (const std::int64_t offset : {0, 54}) {  // none, or in front of the palette
    Bmp bmp = good;
    bmp.offset = offset;
    expectNumbers(bmp, {"31", "12"});
  }
  for (const std::uint64_t size : {0ull, 72ull, 0x7FFF'FFFFull, 0xFFFF'FFFFull}) {
    FileBytes file = fileOf(good);
    FileBytes number;
    appendNumber(number, size, 4);
    std::copy(number.begin(), number.end(), file.begin() + 2);
    EXPECT_TRUE(decodeImage(file)) << size;
  }
}

TEST(DecodeBmp, AHeaderThatPromisesMoreThanTheFileHoldsIsRefused) {
  FileBytes file = fileOf({.width = 1, .height = 1, .palette = kColors, .data = {3, 0, 0, 0}});
  for (const int size : {70, 108, 0x7FFF'FFFF, -1}) {
    FileBytes number;
    appendNumber(number, static_cast<std::uint64_t>(size), 4);
    std::copy(number.begin(), number.end(), file.begin() + 14);
    EXPECT_FALSE(decodeImage(file)) << size;
  }
}

}  // namespace
}  // namespace barlow
