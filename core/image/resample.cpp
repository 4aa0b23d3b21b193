#include "core/image/resample.h"

#include "core/base/check.h"
#include "core/base/vector_versions.h"
#include "core/image/transpose.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

constexpr int kPrecisionBits = ResampleWeights::kBits;

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

constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

BARLOW_BODY std::uint8_t toByte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

// With the number of input rows known, their weights and a sum stay in registers.
template <int kCount>
BARLOW_BODY void weightFew(const std::uint8_t* __restrict rows,
                           std::ptrdiff_t stride,
                           const std::int32_t* __restrict weights,
                           std::uint8_t* __restrict target,
                           std::ptrdiff_t length) {
  std::int32_t own[kCount];
  for (int k = 0; k < kCount; ++k) {
    own[k] = weights[k];
  }
  for (std::ptrdiff_t i = 0; i < length; ++i) {
    std::int32_t sum = kHalf;
    for (int k = 0; k < kCount; ++k) {
      sum += rows[i + k * stride] * own[k];
    }
    target[i] = toByte(sum);
  }
}

// So many bytes of the output row, however many input rows there are.
template <int kBytes>
BARLOW_BODY void weightBlock(const std::uint8_t* __restrict rows,
                             std::ptrdiff_t stride,
                             const std::int32_t* __restrict weights,
                             int count,
                             std::uint8_t* __restrict target) {
  std::int32_t sums[kBytes];
  for (int i = 0; i < kBytes; ++i) {
    sums[i] = kHalf;
  }
  for (int k = 0; k < count; ++k) {
    for (int i = 0; i < kBytes; ++i) {
      sums[i] += rows[k * stride + i] * weights[k];
    }
  }
  for (int i = 0; i < kBytes; ++i) {
    target[i] = toByte(sums[i]);
  }
}

// One output row: `count` input rows, `stride` bytes apart, weighted and summed, for `length`
// bytes.
BARLOW_VECTOR_VERSIONS void weightRows(const std::uint8_t* rows,
                                       std::ptrdiff_t stride,
                                       const std::int32_t* weights,
                                       int count,
                                       std::uint8_t* target,
                                       std::ptrdiff_t length) {
  switch (count) {  // enlarging takes four and five; fewer at the edges
    case 2:
      return weightFew<2>(rows, stride, weights, target, length);
    case 3:
      return weightFew<3>(rows, stride, weights, target, length);
    case 4:
      return weightFew<4>(rows, stride, weights, target, length);
    case 5:
      return weightFew<5>(rows, stride, weights, target, length);
    case 6:
      return weightFew<6>(rows, stride, weights, target, length);
    default:
      break;
  }
  constexpr std::ptrdiff_t kBlock = 64;
  std::ptrdiff_t i = 0;
  for (; i + kBlock <= length; i += kBlock) {
    weightBlock<kBlock>(rows + i, stride, weights, count, target + i);
  }
  for (; i < length; ++i) {
    weightBlock<1>(rows + i, stride, weights, count, target + i);
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

// A part of a picture in another height. A pass that changes nothing is left out, as in Pillow.
RgbImage resampleDown(const RgbImage& image,
                      const PixelRect& rect,
                      int height,
                      ResampleFilter filter) {
  if (rect.height == height) {
    return cut(image, rect);
  }
  const ResampleWeights weights = resampleWeights(rect.height, height, filter);
  RgbImage result(rect.width, height);
  const std::ptrdiff_t left = static_cast<std::ptrdiff_t>(rect.x) * 3;
  const std::ptrdiff_t length = static_cast<std::ptrdiff_t>(rect.width) * 3;
  for (int y = 0; y < height; ++y) {
    const auto at = static_cast<std::size_t>(y);
    weightRows(image.row(rect.y + weights.first[at]) + left,
               static_cast<std::ptrdiff_t>(image.width) * 3,
               weights.values.data() + static_cast<std::ptrdiff_t>(y) * weights.most,
               weights.count[at],
               result.row(y),
               length);
  }
  return result;
}

// A part of a picture in another width.
RgbImage resampleAcross(const RgbImage& image,
                        const PixelRect& rect,
                        int width,
                        ResampleFilter filter) {
  if (rect.width == width) {
    return cut(image, rect);
  }
  return transposed(resampleDown(transposed(image, rect.x, rect.y, rect.width, rect.height),
                                 {0, 0, rect.height, rect.width},
                                 width,
                                 filter));
}

}  // namespace

ResampleWeights resampleWeights(int in, int out, ResampleFilter filter) {
  const double scale = static_cast<double>(in) / out;
  const double filterScale = std::max(scale, 1.0);
  const double support = (filter == ResampleFilter::Bicubic ? 2.0 : 1.0) * filterScale;
  ResampleWeights weights;
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

PassOrder passOrder(int pillow, int inWidth, int inHeight, int width, int height) {
  const int fewerLines = inHeight - height;
  const int fewerColumns = inWidth - width;  // negative where it becomes wider
  return pillow >= 13 && fewerLines > 0 && fewerLines > 2 * fewerColumns ? PassOrder::DownFirst
                                                                         : PassOrder::AcrossFirst;
}

RgbImage resample(const RgbImage& image,
                  const PixelRect& rect,
                  int width,
                  int height,
                  ResampleFilter filter,
                  PassOrder order) {
  BARLOW_CHECK(rect.x >= 0 && rect.y >= 0 && rect.width > 0 && rect.height > 0 &&
               rect.x + rect.width <= image.width && rect.y + rect.height <= image.height)
      << "crop outside the picture";
  if (order == PassOrder::DownFirst) {
    const RgbImage flat = resampleDown(image, rect, height, filter);
    return resampleAcross(flat, {0, 0, flat.width, flat.height}, width, filter);
  }
  const RgbImage narrow = resampleAcross(image, rect, width, filter);
  return resampleDown(narrow, {0, 0, narrow.width, narrow.height}, height, filter);
}

}  // namespace barlow
