#include "core/image/decode.h"

#include "core/base/atomic_file.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

namespace barlow {
namespace {

cv::Mat sceneBgr(int width, int height) {
  cv::Mat bgr(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      bgr.at<cv::Vec3b>(y, x) = {static_cast<unsigned char>(40 + x),
                                 static_cast<unsigned char>(200 - y),
                                 static_cast<unsigned char>(3 * x + 2 * y)};
    }
  }
  return bgr;
}

std::vector<std::byte> encoded(const std::string& ending, const cv::Mat& image) {
  std::vector<unsigned char> bytes;
  cv::imencode(ending, image, bytes);
  const auto view = std::as_bytes(std::span(bytes));
  return {view.begin(), view.end()};
}

class EveryFormat : public testing::TestWithParam<const char*> {};

TEST_P(EveryFormat, DecodesToRgb) {
  const Result<RgbImage> image = decodeImage(encoded(GetParam(), sceneBgr(30, 20)));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width, 30);
  EXPECT_EQ(image->height, 20);
  const int tolerance =
      std::string(GetParam()) == ".png" || std::string(GetParam()) == ".bmp" ? 0 : 30;
  EXPECT_NEAR(image->row(10)[3 * 12 + 2], 52, tolerance) << "blue";
  EXPECT_NEAR(image->row(10)[3 * 12 + 0], 56, tolerance) << "red";
}

TEST_P(EveryFormat, RefusesEveryTruncation) {
  const auto whole = encoded(GetParam(), sceneBgr(40, 30));
  for (std::size_t length = 0; length + 1 < whole.size(); length += 7) {
    EXPECT_FALSE(decodeImage(std::span(whole).first(length))) << length << " of " << whole.size();
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat, testing::Values(".png", ".jpg", ".bmp", ".webp"));

TEST(Decode, RefusesEveryBitFlipInAPng) {
  const auto whole = encoded(".png", sceneBgr(16, 16));
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
  auto bytes = encoded(".png", sceneBgr(8, 8));
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
  cv::Mat gray(9, 7, CV_8UC1, cv::Scalar(77));
  for (const char* ending : {".png", ".jpg"}) {
    const Result<RgbImage> image = decodeImage(encoded(ending, gray));
    ASSERT_TRUE(image);
    EXPECT_EQ(image->row(4)[3], 77);
    EXPECT_EQ(image->row(4)[5], 77);
  }
}

TEST(Decode, ProbeAndWriteAgreeWithRead) {
  const TempDir dir;
  const Result<RgbImage> image = decodeImage(encoded(".png", sceneBgr(31, 17)));
  writePng(dir / "copy.png", *image);
  EXPECT_TRUE(*readImage(dir / "copy.png") == *image);
  EXPECT_EQ(*probeImage(dir / "copy.png"), (PixelSize{31, 17}));
}

}  // namespace
}  // namespace barlow
