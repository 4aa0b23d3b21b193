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

bool isInside(const PixelRect& rect, int width, int height) {
  return rect.x >= 0 && rect.y >= 0 && rect.width > 0 && rect.height > 0 &&
         rect.width <= width - rect.x && rect.height <= height - rect.y;
}

RgbImage cut(const RgbImage& image, const PixelRect& rect) {
  RgbImage part(rect.width, rect.height);
  for (int y = 0; y < rect.height; ++y) {
    const std::uint8_t* source = image.row(rect.y + y) + static_cast<std::ptrdiff_t>(rect.x) * 3;
    std::copy(source, source + static_cast<std::ptrdiff_t>(rect.width) * 3, part.row(y));
  }
  return part;
}

// How some lines of a direction are made of those of a picture.
struct Axis {
  int from = 0;    // the first input that is needed
  int length = 0;  // how many inputs
  int count = 0;   // outputs
  ResampleWeights
      weights;  // of these outputs; `first` counts from `from`. Not where nothing changes
  bool isSame = false;
};

// Outputs `first` to `first + count` of the `out` that `in` lines become.
ResampleWeights weightsOf(int in, int out, int first, int count, ResampleFilter filter) {
  const double scale = static_cast<double>(in) / out;
  const double filterScale = std::max(scale, 1.0);
  const double support = (filter == ResampleFilter::Bicubic ? 2.0 : 1.0) * filterScale;
  ResampleWeights weights;
  weights.most = static_cast<int>(std::ceil(support)) * 2 + 1;
  weights.first.resize(static_cast<std::size_t>(count));
  weights.count.resize(static_cast<std::size_t>(count));
  weights.values.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(weights.most));
  std::vector<double> line(static_cast<std::size_t>(weights.most));
  for (int i = 0; i < count; ++i) {
    const double center = (first + i + 0.5) * scale;
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

Axis axisOf(int in, int out, int first, int count, ResampleFilter filter) {
  if (in == out) {
    return {.from = first, .length = count, .count = count, .weights = {}, .isSame = true};
  }
  Axis axis{.count = count, .weights = weightsOf(in, out, first, count, filter)};
  axis.from = axis.weights.first.front();
  axis.length = axis.weights.first.back() + axis.weights.count.back() - axis.from;
  for (int& position : axis.weights.first) {
    position -= axis.from;
  }
  return axis;
}

// A part of a picture in another height. A pass that changes nothing is left out, as in Pillow.
RgbImage resampleDown(const RgbImage& image, const PixelRect& rect, const Axis& axis) {
  if (axis.isSame) {
    return cut(image, rect);
  }
  RgbImage result(rect.width, axis.count);
  const std::ptrdiff_t left = static_cast<std::ptrdiff_t>(rect.x) * 3;
  const std::ptrdiff_t length = static_cast<std::ptrdiff_t>(rect.width) * 3;
  for (int y = 0; y < axis.count; ++y) {
    const auto at = static_cast<std::size_t>(y);
    weightRows(image.row(rect.y + axis.weights.first[at]) + left,
               static_cast<std::ptrdiff_t>(image.width) * 3,
               axis.weights.values.data() + static_cast<std::ptrdiff_t>(y) * axis.weights.most,
               axis.weights.count[at],
               result.row(y),
               length);
  }
  return result;
}

// A part of a picture in another width.
RgbImage resampleAcross(const RgbImage& image, const PixelRect& rect, const Axis& axis) {
  if (axis.isSame) {
    return cut(image, rect);
  }
  return transposed(resampleDown(transposed(image, rect.x, rect.y, rect.width, rect.height),
                                 {0, 0, rect.height, rect.width},
                                 axis));
}

}  // namespace

ResampleWeights resampleWeights(int in, int out, ResampleFilter filter) {
  return weightsOf(in, out, 0, out, filter);
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
  return resampleWindow(image, rect, width, height, {0, 0, width, height}, filter, order);
}

RgbImage resampleWindow(const RgbImage& image,
                        const PixelRect& rect,
                        int width,
                        int height,
                        const PixelRect& window,
                        ResampleFilter filter,
                        PassOrder order) {
  BARLOW_CHECK(isInside(rect, image.width, image.height)) << "crop outside the picture";
  BARLOW_CHECK(isInside(window, width, height)) << "window outside the result";
  const Axis across = axisOf(rect.width, width, window.x, window.width, filter);
  const Axis down = axisOf(rect.height, height, window.y, window.height, filter);
  const PixelRect part{rect.x + across.from, rect.y + down.from, across.length, down.length};
  if (order == PassOrder::DownFirst) {
    const RgbImage flat = resampleDown(image, part, down);
    return resampleAcross(flat, {0, 0, flat.width, flat.height}, across);
  }
  const RgbImage narrow = resampleAcross(image, part, across);
  return resampleDown(narrow, {0, 0, narrow.width, narrow.height}, down);
}

}  // namespace barlow
