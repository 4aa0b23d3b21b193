#include "core/augment/kernels.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace barlow {
namespace {

constexpr int kPasses = 3;

// BoxBlur.c _gaussian_blur_radius: the box radius, with a fraction, whose repetition has the wanted
// variance (Gwosdek et al., "Theoretical Foundations of Gaussian Convolution by Extended Box
// Filtering").
float boxRadius(float sigma) {
  const float sigma2 = sigma * sigma / static_cast<float>(kPasses);
  const auto length = static_cast<float>(std::sqrt(12.0 * static_cast<double>(sigma2) + 1.0));
  const auto whole = static_cast<float>(std::floor((static_cast<double>(length) - 1.0) / 2.0));
  float fraction = (2 * whole + 1) * (whole * (whole + 1) - 3 * sigma2);
  fraction /= 6 * (sigma2 - (whole + 1) * (whole + 1));
  return whole + fraction;
}

// BoxBlur.c ImagingLineBoxBlur8 for one line of pixels with three channels: 24-bit fixed point,
// edges repeated.
class LineBlur {
 public:
  explicit LineBlur(float radius)
      : radius_(static_cast<int>(radius)),
        weight_(static_cast<std::uint32_t>(static_cast<float>(1 << 24) / (radius * 2 + 1))),
        edgeWeight_(((1u << 24) - static_cast<std::uint32_t>(radius_ * 2 + 1) * weight_) / 2) {}

  void apply(const std::uint8_t* in, std::uint8_t* out, int length) const {
    for (int channel = 0; channel < 3; ++channel) {
      const auto at = [&](int i) {
        return static_cast<std::uint32_t>(in[3 * std::clamp(i, 0, length - 1) + channel]);
      };
      std::uint32_t sum = 0;
      for (int i = -radius_ - 1; i < radius_; ++i) {
        sum += at(i);
      }
      for (int x = 0; x < length; ++x) {
        sum += at(x + radius_);  // the window is [x - radius, x + radius], minus nothing yet
        sum -= at(x - radius_ - 1);
        const std::uint32_t edges = at(x - radius_ - 1) + at(x + radius_ + 1);
        out[3 * x + channel] =
            static_cast<std::uint8_t>((sum * weight_ + edges * edgeWeight_ + (1u << 23)) >> 24);
      }
    }
  }

 private:
  int radius_;
  std::uint32_t weight_;
  std::uint32_t edgeWeight_;
};

void blurLines(RgbImage& image, const LineBlur& blur) {
  std::vector<std::uint8_t> line(static_cast<std::size_t>(image.width) * 3);
  for (int y = 0; y < image.height; ++y) {
    for (int pass = 0; pass < kPasses; ++pass) {
      blur.apply(image.row(y), line.data(), image.width);
      std::copy(line.begin(), line.end(), image.row(y));
    }
  }
}

RgbImage transposed(const RgbImage& image) {
  RgbImage result(image.height, image.width);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* row = image.row(y);
    for (int x = 0; x < image.width; ++x) {
      std::copy(row + 3 * x, row + 3 * x + 3, result.row(x) + 3 * y);
    }
  }
  return result;
}

}  // namespace

void gaussianBlur(RgbImage& image, double sigma) {
  if (sigma <= 0.0) {
    return;
  }
  const LineBlur blur(boxRadius(static_cast<float>(sigma)));
  blurLines(image, blur);
  RgbImage columns = transposed(image);
  blurLines(columns, blur);
  image = transposed(columns);
}

}  // namespace barlow
