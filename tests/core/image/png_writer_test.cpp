#include "core/image/png_writer.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/image/decode.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace barlow {
namespace {

std::vector<std::uint8_t> randomBytes(std::size_t count, int below) {
  Rng rng(7);
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(rng.uniform(0, below));
  }
  return bytes;
}

RgbImage decoded(const std::vector<std::byte>& png) {
  const Result<RgbImage> image = decodeImage(png);
  EXPECT_TRUE(image) << (image ? "" : image.error().message);
  return image ? *image : RgbImage();
}

TEST(PngWriter, RowsInAnyPortionsReadBackTheSame) {
  constexpr int kWidth = 37;
  constexpr int kHeight = 211;
  const auto bytes = randomBytes(kWidth * kHeight * 3, 256);
  std::vector<std::byte> png;
  PngWriter writer(
      {.width = kWidth, .height = kHeight, .palette = {}},
      [&](std::span<const std::byte> piece) { png.insert(png.end(), piece.begin(), piece.end()); });
  for (int row = 0; row < kHeight;) {
    const int count = std::min(1 + row % 17, kHeight - row);
    writer.writeRows(bytes.data() + row * kWidth * 3, count);
    row += count;
  }
  writer.finish();
  const RgbImage image = decoded(png);
  EXPECT_EQ(image.width, kWidth);
  EXPECT_EQ(image.height, kHeight);
  EXPECT_EQ(image.pixels, bytes);
}

TEST(PngWriter, NumbersOfAPaletteReadBackAsItsColours) {
  const std::vector<std::array<std::uint8_t, 3>> palette = {
      {1, 2, 3}, {250, 0, 90}, {7, 7, 7}, {0, 255, 0}, {9, 80, 200}};
  const auto numbers = randomBytes(64 * 50, static_cast<int>(palette.size()));
  std::vector<std::byte> png;
  PngWriter writer(
      {.width = 64, .height = 50, .palette = palette},
      [&](std::span<const std::byte> piece) { png.insert(png.end(), piece.begin(), piece.end()); });
  writer.writeRows(numbers.data(), 50);
  writer.finish();
  const RgbImage image = decoded(png);
  ASSERT_EQ(image.pixels.size(), numbers.size() * 3);
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    for (std::size_t c = 0; c < 3; ++c) {
      ASSERT_EQ(image.pixels[3 * k + c], palette[numbers[k]][c]) << "pixel " << k;
    }
  }
}

TEST(PngWriter, PhotosReadBackTheSameAndAreSmaller) {
  RgbImage image(300, 200);
  Rng rng(3);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width * 3; ++x) {
      image.row(y)[x] = static_cast<std::uint8_t>(x / 9 + y / 2 + rng.uniform(0, 3));
    }
  }
  std::vector<std::size_t> sizes;
  for (const bool isPhoto : {false, true}) {
    std::vector<std::byte> png;
    PngWriter writer({.width = 300, .height = 200, .palette = {}, .isPhoto = isPhoto},
                     [&](std::span<const std::byte> piece) {
                       png.insert(png.end(), piece.begin(), piece.end());
                     });
    writer.writeRows(image.pixels.data(), image.height);
    writer.finish();
    EXPECT_TRUE(decoded(png) == image);
    sizes.push_back(png.size());
  }
  EXPECT_LT(sizes[1], sizes[0]);
}

TEST(PngWriter, WhatTheSinkThrowsPassesThrough) {
  const auto bytes = randomBytes(1000 * 1000 * 3, 256);
  std::size_t received = 0;
  PngWriter writer({.width = 1000, .height = 1000, .palette = {}},
                   [&](std::span<const std::byte> piece) {
                     received += piece.size();
                     if (received > 1'000'000) {
                       throw std::runtime_error("no room");
                     }
                   });
  try {
    writer.writeRows(bytes.data(), 1000);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no room");
  }
}

TEST(PngWriter, RefusesWhatNoPngCanBe) {
  const auto ignore = [](std::span<const std::byte>) {};
  EXPECT_THROW(PngWriter({.width = 0, .height = 3, .palette = {}}, ignore), Exception);
  EXPECT_THROW(PngWriter({.width = 3, .height = -1, .palette = {}}, ignore), Exception);
  EXPECT_THROW(PngWriter({.width = 3, .height = 3, .palette = {257, {0, 0, 0}}}, ignore),
               Exception);
  const std::vector<std::uint8_t> row(9);
  PngWriter writer({.width = 3, .height = 2, .palette = {}}, ignore);
  writer.writeRows(row.data(), 1);
  EXPECT_THROW(writer.finish(), CheckFailure) << "a row is missing";
  EXPECT_THROW(writer.writeRows(row.data(), 2), CheckFailure) << "a row too many";
}

}  // namespace
}  // namespace barlow
