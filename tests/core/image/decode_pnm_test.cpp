#include "core/image/decode.h"
#include "tests/core/image/encode.h"

#include <gtest/gtest.h>

#include <string>

namespace barlow {
namespace {

Result<RgbImage> decoded(const std::string& file) {
  return decodeImage(std::as_bytes(std::span(file)));
}

void expectPixels(const std::string& file, const std::vector<std::uint8_t>& pixels) {
  const Result<RgbImage> image = decoded(file);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width, 2);
  EXPECT_EQ(image->height, 1);
  EXPECT_EQ(image->pixels, pixels);
}

TEST(DecodePnm, ColourAndGray) {
  expectPixels(
      "P6\n2 1\n255\n"
      "abcdef",
      {'a', 'b', 'c', 'd', 'e', 'f'});
  expectPixels(
      "P5\n2 1\n255\n"
      "az",
      {'a', 'a', 'a', 'z', 'z', 'z'});
  expectPixels("P5 2 1 255 az and more", {'a', 'a', 'a', 'z', 'z', 'z'});
  expectPixels("P5\n# by hand\n2# wide\n 1\n#\n255 az", {'a', 'a', 'a', 'z', 'z', 'z'});
}

// Rounded as Pillow's Python does: 10 x 255 / 100 = 25.5 becomes 26, 30 x 255 / 100 = 76.5 is 76.
TEST(DecodePnm, AnyWhite) {
  expectPixels("P5\n2 1\n100\n\x0A\x1E", {26, 26, 26, 76, 76, 76});
  expectPixels(std::string("P5\n2 1\n1\n\0\x01", 12), {0, 0, 0, 255, 255, 255});
  expectPixels(std::string("P6\n2 1\n65535\n\0\0\xFF\xFF\x80\0\x01\0\x7F\xFF\0\x80", 25),
               {0, 255, 128, 1, 127, 0});
  expectPixels("P5\n2 1\n3\n\x02\x09", {170, 170, 170, 255, 255, 255});  // above white is white
}

TEST(DecodePnm, WhatCannotBeIsRefused) {
  for (const char* text : {"P6\n2 1\n255\nabcde",
                           "P5\n2 1\n255",
                           "P5\n2 1\n",
                           "P5",
                           "P5\n2 1\n0\nab",
                           "P5\n2 1\n65536\nabcd",
                           "P5\n2 x\n255\nab",
                           "P5\n-2 1\n255\nab",
                           "P5\n0 1\n255\nab",
                           "P5\n99999999999 1\n255\nab",
                           "P5\n100000 1000\n255\nab",
                           "P52 1\n255\nab"}) {
    EXPECT_FALSE(decoded(text)) << text;
  }
  EXPECT_NE(decoded("P3\n1 1\n255\n1 2 3").error().message.find("P5 and P6"), std::string::npos);
}

}  // namespace
}  // namespace barlow
