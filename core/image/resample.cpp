#include "core/image/resample.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

constexpr int kPrecisionBits = 32 - 8 - 2;  // Pillow's: 8 bits of value, 2 of overshoot

double bilinear(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// Keys' cubic with a = -0.5.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) {
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  }
  if (x < 2.0) {
    return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  }
  return 0.0;
}

// For every output position: the first input, how many, and their fixed-point weights.
struct Weights {
  int most = 0;
  std::vector<int> first;
  std::vector<int> count;
  std::vector<std::int32_t> values;  // [out, most]
};

Weights makeWeights(int in, int out, ResampleFilter filter) {
  const double scale = static_cast<double>(in) / out;
  const double filterScale = std::max(scale, 1.0);
  const double support = (filter == ResampleFilter::Bicubic ? 2.0 : 1.0) * filterScale;
  Weights weights;
  weights.most = static_cast<int>(std::ceil(support)) * 2 + 1;
  weights.first.resize(static_cast<std::size_t>(out));
  weights.count.resize(static_cast<std::size_t>(out));
  weights.values.resize(static_cast<std::size_t>(out) * static_cast<std::size_t>(weights.most));
  std::vector<double> line(static_cast<std::size_t>(weights.most));
  for (int i = 0; i < out; ++i) {
    const double center = (i + 0.5) * scale;
    const int low = std::max(0, static_cast<int>(center - support + 0.5));
    const int high = std::min(in, static_cast<int>(center + support + 0.5));
    double sum = 0.0;
    for (int x = low; x < high; ++x) {
      const double position = (x - center + 0.5) * (1.0 / filterScale);
      const double weight =
          filter == ResampleFilter::Bicubic ? bicubic(position) : bilinear(position);
      line[static_cast<std::size_t>(x - low)] = weight;
      sum += weight;
    }
    weights.first[static_cast<std::size_t>(i)] = low;
    weights.count[static_cast<std::size_t>(i)] = high - low;
    for (int x = 0; x < high - low; ++x) {
      const double weight =
          sum != 0.0 ? line[static_cast<std::size_t>(x)] / sum : line[static_cast<std::size_t>(x)];
      const double fixed = weight * (1 << kPrecisionBits);
      weights.values[static_cast<std::size_t>(i * weights.most + x)] =
          static_cast<std::int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
  }
  return weights;
}

std::uint8_t toByte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

// One row of `rect` to `width` output pixels.
void resampleRow(const std::uint8_t* source,
                 const Weights& weights,
                 int width,
                 std::uint8_t* target) {
  for (int i = 0; i < width; ++i) {
    const std::int32_t* weight =
        weights.values.data() + static_cast<std::ptrdiff_t>(i) * weights.most;
    const std::uint8_t* pixel =
        source + static_cast<std::ptrdiff_t>(weights.first[static_cast<std::size_t>(i)]) * 3;
    const int count = weights.count[static_cast<std::size_t>(i)];
    std::int32_t red = 1 << (kPrecisionBits - 1);
    std::int32_t green = red;
    std::int32_t blue = red;
    for (int k = 0; k < count; ++k) {
      red += pixel[3 * k] * weight[k];
      green += pixel[3 * k + 1] * weight[k];
      blue += pixel[3 * k + 2] * weight[k];
    }
    target[3 * i] = toByte(red);
    target[3 * i + 1] = toByte(green);
    target[3 * i + 2] = toByte(blue);
  }
}

// Output row y of a picture whose rows are already `width` wide; `sums` is scratch of 3 x width.
void resampleColumn(const RgbImage& rows,
                    const Weights& weights,
                    int y,
                    std::vector<std::int32_t>& sums,
                    std::uint8_t* target) {
  std::fill(sums.begin(), sums.end(), 1 << (kPrecisionBits - 1));
  const std::int32_t* weight =
      weights.values.data() + static_cast<std::ptrdiff_t>(y) * weights.most;
  const int first = weights.first[static_cast<std::size_t>(y)];
  for (int k = 0; k < weights.count[static_cast<std::size_t>(y)]; ++k) {
    const std::uint8_t* row = rows.row(first + k);
    const std::int32_t factor = weight[k];
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += row[i] * factor;
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    target[i] = toByte(sums[i]);
  }
}

RgbImage cut(const RgbImage& image, const PixelRect& rect) {
  RgbImage part(rect.width, rect.height);
  for (int y = 0; y < rect.height; ++y) {
    const std::uint8_t* source = image.row(rect.y + y) + static_cast<std::ptrdiff_t>(rect.x) * 3;
    std::copy(source, source + static_cast<std::ptrdiff_t>(rect.width) * 3, part.row(y));
  }
  return part;
}

}  // namespace

RgbImage resample(
    const RgbImage& image, const PixelRect& rect, int width, int height, ResampleFilter filter) {
  BARLOW_CHECK(rect.x >= 0 && rect.y >= 0 && rect.width > 0 && rect.height > 0 &&
               rect.x + rect.width <= image.width && rect.y + rect.height <= image.height)
      << "crop outside the picture";
  RgbImage rows;
  if (rect.width == width) {  // Pillow skips a pass that changes nothing
    rows = cut(image, rect);
  } else {
    const Weights weights = makeWeights(rect.width, width, filter);
    rows = RgbImage(width, rect.height);
    for (int y = 0; y < rect.height; ++y) {
      resampleRow(image.row(rect.y + y) + static_cast<std::ptrdiff_t>(rect.x) * 3,
                  weights,
                  width,
                  rows.row(y));
    }
  }
  if (rect.height == height) {
    return rows;
  }
  const Weights weights = makeWeights(rect.height, height, filter);
  RgbImage result(width, height);
  std::vector<std::int32_t> sums(static_cast<std::size_t>(width) * 3);
  for (int y = 0; y < height; ++y) {
    resampleColumn(rows, weights, y, sums, result.row(y));
  }
  return result;
}

}  // namespace barlow
