#include "core/augment/kernels.h"

#include "core/augment/augment.h"
#include "core/augment/fast_color.h"
#include "core/image/resample.h"
#include "core/image/resize.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace barlow {
namespace {

// The formula of make_golden_augment.py.
RgbImage picture(int width, int height) {
  RgbImage image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        image.row(y)[3 * x + c] =
            static_cast<std::uint8_t>((x * 11 + y * 7 + c * 50 + x * y * (c + 1) % 37 * 5) % 256);
      }
    }
  }
  return image;
}

std::vector<std::uint8_t> fromBase64(const std::string& text) {
  static const std::string kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') {
      break;
    }
    bits = bits << 6 | static_cast<unsigned>(kAlphabet.find(c));
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> count & 0xff));
    }
  }
  return bytes;
}

RgbImage apply(const nlohmann::json& golden, int pillow) {
  const std::string op = golden["op"];
  const double value = golden["value"];
  RgbImage image = picture(24, 20);
  if (op == "flip") {
    flipHorizontally(image);
  } else if (op == "gray") {
    toGray(image);
  } else if (op == "brightness") {
    adjustBrightness(image, value);
  } else if (op == "contrast") {
    adjustContrast(image, value);
  } else if (op == "saturation") {
    adjustSaturation(image, value);
  } else if (op == "hue") {
    adjustHue(image, value);
  } else if (op == "blur") {
    gaussianBlur(image, value);
  } else if (op == "solarize") {
    solarize(image, static_cast<int>(value));
  } else if (op == "chain") {
    const auto& crop = golden["crop"];
    const ViewPlan plan{.crop = {crop[0], crop[1], crop[2], crop[3]},
                        .flip = true,
                        .jitter = ViewPlan::Jitter{.order = {ColorOp::Contrast,
                                                             ColorOp::Hue,
                                                             ColorOp::Brightness,
                                                             ColorOp::Saturation},
                                                   .brightness = 0.83,
                                                   .contrast = 1.21,
                                                   .saturation = 1.15,
                                                   .hue = -0.07},
                        .blurSigma = 0.8,
                        .solarizeThreshold = 128};
    return applyViewPlan(image, plan, AugmentParams{.pillow = pillow}, 16);
  } else if (op == "evaluation") {
    return evaluationView(picture(golden["source"][0], golden["source"][1]),
                          static_cast<int>(value));
  } else {
    const auto& crop = golden["crop"];
    const auto filter = op == "bicubic" ? ResampleFilter::Bicubic : ResampleFilter::Bilinear;
    const int side = static_cast<int>(value);
    return resample(image,
                    {crop[0], crop[1], crop[2], crop[3]},
                    side,
                    side,
                    filter,
                    passOrder(pillow, crop[2], crop[3], side, side));
  }
  return image;
}

nlohmann::json goldenOf(int pillow) {
  std::ifstream file(std::string(BARLOW_TEST_SOURCE_DATA "/golden/augment_pillow") +
                     std::to_string(pillow) + ".json");
  return nlohmann::json::parse(file)["cases"];
}

class ExactKernels : public testing::TestWithParam<int> {};

TEST_P(ExactKernels, EqualPillowAndTorchvision) {
  const nlohmann::json golden = goldenOf(GetParam());
  ASSERT_EQ(golden.size(), GetParam() == 13 ? 60u : 51u);
  for (const auto& expected : golden) {
    const RgbImage ours = apply(expected, GetParam());
    const auto theirs = fromBase64(expected["pixels"]);
    ASSERT_EQ(ours.pixels.size(), theirs.size()) << expected["op"];
    int worst = 0;
    std::size_t unequal = 0;
    for (std::size_t i = 0; i < theirs.size(); ++i) {
      const int difference = std::abs(ours.pixels[i] - theirs[i]);
      worst = std::max(worst, difference);
      unequal += difference > 0 ? 1 : 0;
    }
    EXPECT_EQ(worst, 0) << expected["op"] << " " << expected["value"] << " "
                        << expected.value("crop", expected.value("source", nlohmann::json()))
                        << ": " << unequal << " of " << theirs.size();
  }
}
INSTANTIATE_TEST_SUITE_P(Pillow, ExactKernels, testing::Values(12, 13));

TEST(Golden, NoVersionOfPillowIsTheOther) {
  const nlohmann::json older = goldenOf(12);
  const nlohmann::json newer = goldenOf(13);
  int unequal = 0;
  for (std::size_t i = 0; i < older.size(); ++i) {
    const bool differs = older[i]["pixels"] != newer[i]["pixels"];
    unequal += differs ? 1 : 0;
    if (older[i]["op"] == "evaluation") {
      EXPECT_FALSE(differs) << "squares lose as many lines as columns";
    }
  }
  EXPECT_EQ(unequal, 7);
}

TEST(Kernels, TwoFlipsAreNone) {
  RgbImage image = picture(13, 9);
  flipHorizontally(image);
  EXPECT_FALSE(image == picture(13, 9));
  flipHorizontally(image);
  EXPECT_TRUE(image == picture(13, 9));
}

int largestDifference(const RgbImage& a, const RgbImage& b) {
  int worst = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    worst = std::max(worst, std::abs(a.pixels[i] - b.pixels[i]));
  }
  return worst;
}

TEST(FastKernels, StayWithinTheirStatedDistance) {
  RgbImage calm(24, 20);  // away from black and white, where the exact steps clip
  for (std::size_t i = 0; i < calm.pixels.size(); ++i) {
    calm.pixels[i] = static_cast<std::uint8_t>(90 + i * 7 % 60);
  }
  const ViewPlan plan{.jitter =
                          ViewPlan::Jitter{.brightness = 1.1, .contrast = 0.9, .saturation = 1.1}};
  RgbImage exact = calm;
  adjustBrightness(exact, 1.1);
  adjustContrast(exact, 0.9);
  adjustSaturation(exact, 1.1);
  RgbImage fast = calm;
  applyColorAtOnce(fast, plan);
  EXPECT_LE(largestDifference(exact, fast), 3);

  RgbImage gray = calm;
  applyColorAtOnce(gray, ViewPlan{.gray = true});
  RgbImage exactGray = calm;
  toGray(exactGray);
  EXPECT_LE(largestDifference(gray, exactGray), 1);

  RgbImage turned = picture(24, 20);
  applyColorAtOnce(turned, ViewPlan{.jitter = ViewPlan::Jitter{.hue = 0.0}});
  EXPECT_LE(largestDifference(turned, picture(24, 20)), 1);
}

TEST(Normalize, EqualsTorchvisionsArithmetic) {
  const RgbImage image = picture(4, 4);
  std::vector<float> out(48);
  normalizeInto(image, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double mean[] = {0.485, 0.456, 0.406};
    const double std[] = {0.229, 0.224, 0.225};
    EXPECT_NEAR(out[i], (image.pixels[i] / 255.0 - mean[i % 3]) / std[i % 3], 1e-6);
  }
}

}  // namespace
}  // namespace barlow
