#include "ui/inspector/transformed_values.h"

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr std::size_t kBins = 256;  // few enough that squaring leaves no gaps between them

float transformed(float value, ValueTransform transform, double lambda, CellPart part) {
  switch (transform) {
    case ValueTransform::Value:
      break;
    case ValueTransform::Absolute:
      return std::abs(value);
    case ValueTransform::Square:
      return value * value;
    case ValueTransform::LossContribution:  // Eq. 1
      return part == CellPart::Diagonal ? (1 - value) * (1 - value)
                                        : static_cast<float>(lambda) * value * value;
  }
  return value;
}

}  // namespace

Histogram transformedHistogram(const Histogram& histogram,
                               ValueTransform transform,
                               double lambda,
                               CellPart part) {
  if (transform == ValueTransform::Value || histogram.counts.empty()) {
    return histogram;
  }
  Histogram result;
  result.low = 0;
  result.high = std::max({transformed(histogram.low, transform, lambda, part),
                          transformed(histogram.high, transform, lambda, part),
                          1e-12F});
  result.counts.assign(kBins, 0);
  result.nan = histogram.nan;
  result.above = histogram.below + histogram.above;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const auto bin = static_cast<std::int64_t>(i);
    const float middle = (histogram.binLow(bin) + histogram.binLow(bin + 1)) / 2;
    const std::int64_t to = result.binOf(transformed(middle, transform, lambda, part));
    const auto last = static_cast<std::int64_t>(kBins) - 1;
    result.counts[static_cast<std::size_t>(std::clamp<std::int64_t>(to, 0, last))] +=
        histogram.counts[i];
  }
  return result;
}

ColorLimits transformedLimits(const ColorLimits& limits, ValueTransform transform, double lambda) {
  const float size = std::max(std::abs(limits.low), std::abs(limits.high));
  const float most = transformed(size, transform, lambda, CellPart::OffDiagonal);
  return transform == ValueTransform::Value || !(most > 1e-30F) ? limits : ColorLimits{-most, most};
}

}  // namespace barlow::ui
