#include "core/image/resize.h"

#include "core/image/resample.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace barlow {
namespace {

RgbImage ramp(int width, int height) {
  RgbImage image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < 3 * width; ++x) {
      image.row(y)[x] = static_cast<std::uint8_t>((x * 5 + y * 3) % 256);
    }
  }
  return image;
}

TEST(Resample, KeepsAConstantPicture) {
  RgbImage image(37, 23);
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{201});
  for (const auto filter : {ResampleFilter::Bilinear, ResampleFilter::Bicubic}) {
    const RgbImage result = resample(image, {3, 2, 30, 20}, 11, 50, filter);
    for (const std::uint8_t value : result.pixels) {
      ASSERT_EQ(value, 201);
    }
  }
}

TEST(Resample, OfTheSameSizeIsTheCrop) {
  const RgbImage image = ramp(20, 10);
  const RgbImage part = resample(image, {5, 2, 8, 6}, 8, 6, ResampleFilter::Bicubic);
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 24; ++x) {
      ASSERT_EQ(part.row(y)[x], image.row(y + 2)[x + 15]);
    }
  }
}

TEST(Resample, HalvingAveragesInsteadOfSkipping) {
  RgbImage stripes(64, 64);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      std::fill_n(stripes.row(y) + 3 * x, 3, static_cast<std::uint8_t>(x % 2 == 0 ? 0 : 200));
    }
  }
  const RgbImage half = resample(stripes, {0, 0, 64, 64}, 32, 32, ResampleFilter::Bilinear);
  EXPECT_NEAR(half.row(16)[3 * 16], 100, 2);  // without antialiasing it would be 0 or 200
}

TEST(PassOrder, BeginsWithTheHeightWhereTwiceAsManyLinesAsColumnsGo) {
  const auto order = [](int width, int height, int side) {
    EXPECT_EQ(passOrder(12, width, height, side, side), PassOrder::AcrossFirst);
    return passOrder(13, width, height, side, side);
  };
  EXPECT_EQ(order(110, 121, 100), PassOrder::DownFirst);
  EXPECT_EQ(order(110, 120, 100), PassOrder::AcrossFirst) << "twice, not more";
  EXPECT_EQ(order(90, 101, 100), PassOrder::DownFirst) << "wider: any line that goes";
  EXPECT_EQ(order(50, 100, 100), PassOrder::AcrossFirst) << "no line goes";
  EXPECT_EQ(order(50, 80, 100), PassOrder::AcrossFirst);
  EXPECT_EQ(order(500, 300, 100), PassOrder::AcrossFirst);
}

TEST(Resample, RoundsBetweenThePassesInEitherOrder) {
  const RgbImage image = ramp(40, 90);
  for (const auto filter : {ResampleFilter::Bilinear, ResampleFilter::Bicubic}) {
    const PixelRect rect{3, 5, 30, 80};
    const PixelRect whole{0, 0, 30, 80};
    const RgbImage part = resample(image, rect, 30, 80, filter, PassOrder::DownFirst);
    const RgbImage flat = resample(part, whole, 30, 20, filter);
    EXPECT_TRUE(resample(image, rect, 30, 20, filter, PassOrder::DownFirst) == flat);
    EXPECT_TRUE(resample(image, rect, 20, 20, filter, PassOrder::DownFirst) ==
                resample(flat, {0, 0, 30, 20}, 20, 20, filter));
    const RgbImage narrow = resample(part, whole, 20, 80, filter);
    EXPECT_TRUE(resample(image, rect, 20, 20, filter, PassOrder::AcrossFirst) ==
                resample(narrow, {0, 0, 20, 80}, 20, 20, filter));
  }
}

TEST(Resample, AWindowIsThatPartOfTheWhole) {
  const RgbImage image = ramp(40, 90);
  const PixelRect rect{3, 5, 30, 80};
  const auto part = [](const RgbImage& whole, const PixelRect& window) {
    return resample(whole, window, window.width, window.height, ResampleFilter::Bilinear);
  };
  for (const auto filter : {ResampleFilter::Bilinear, ResampleFilter::Bicubic}) {
    for (const auto order : {PassOrder::AcrossFirst, PassOrder::DownFirst}) {
      for (const auto& [width, height] : {std::pair{20, 25}, {30, 80}, {30, 25}, {70, 200}}) {
        const RgbImage whole = resample(image, rect, width, height, filter, order);
        for (const PixelRect& window :
             {PixelRect{0, 0, 1, 1}, {7, 3, 11, 19}, {width - 5, height - 9, 5, 9}}) {
          EXPECT_TRUE(resampleWindow(image, rect, width, height, window, filter, order) ==
                      part(whole, window))
              << width << " x " << height;
        }
      }
    }
  }
}

TEST(EvaluationView, LeavesAPictureOfItsSizeAlone) {
  EXPECT_TRUE(evaluationView(ramp(32, 32), 32) == ramp(32, 32));
}

TEST(EvaluationView, TakesAPictureThatIsALine) {  // resized as a whole it would have a gigabyte
  const RgbImage view = evaluationView(RgbImage(1, 1 << 20), 224);
  EXPECT_EQ(view.width, 224);
  EXPECT_EQ(view.height, 224);
  EXPECT_EQ(evaluationView(RgbImage(1 << 20, 1), 1024).width, 1024);
}

TEST(Thumbnail, KeepsTheAspect) {
  const RgbImage small = thumbnail(ramp(100, 50), 40);
  EXPECT_EQ(small.width, 40);
  EXPECT_EQ(small.height, 20);
  EXPECT_EQ(thumbnail(ramp(1000, 2), 10).height, 1);
}

}  // namespace
}  // namespace barlow
