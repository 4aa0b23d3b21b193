#include "core/matrix/histogram.h"

#include "core/base/check.h"
#include "core/matrix/statistics_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace barlow {
namespace {

float magnitudeOf(std::int64_t bin) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bin) << 15);
}

}  // namespace

float Histogram::binLow(std::int64_t bin) const {
  const double share = static_cast<double>(bin) / static_cast<double>(counts.size());
  return static_cast<float>(low + share * (static_cast<double>(high) - low));
}

std::int64_t Histogram::binOf(float value) const {
  std::int32_t bin = 0;
  binIndices(&value, 1, binningOf(*this), &bin);
  return bin - 1;
}

void Histogram::add(float value) {
  const std::int64_t bin = binOf(value);
  const auto size = static_cast<std::int64_t>(counts.size());
  std::uint64_t& count = bin < 0       ? below
                         : bin < size  ? counts[static_cast<std::size_t>(bin)]
                         : bin == size ? above
                                       : nan;
  ++count;
}

std::uint64_t Histogram::total() const {
  return std::accumulate(counts.begin(), counts.end(), below + above + nan);
}

Histogram Histogram::grouped(int factor) const {
  BARLOW_CHECK(factor > 0 && counts.size() % static_cast<std::size_t>(factor) == 0)
      << counts.size() << " bins in groups of " << factor;
  Histogram result = *this;
  result.counts.assign(counts.size() / static_cast<std::size_t>(factor), 0);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    result.counts[i / static_cast<std::size_t>(factor)] += counts[i];
  }
  return result;
}

Binning binningOf(const Histogram& histogram) {
  return {
      .low = histogram.low,
      .high = histogram.high,
      .binsPerUnit = static_cast<float>(histogram.counts.size()) / (histogram.high - histogram.low),
      .bins = static_cast<float>(histogram.counts.size())};
}

MagnitudeHistogram::MagnitudeHistogram(const std::vector<std::uint64_t>& counts)
    : below_(counts.size() + 1, 0) {
  BARLOW_CHECK(static_cast<std::int64_t>(counts.size()) == kBins) << counts.size() << " bins";
  std::partial_sum(counts.begin(), counts.end(), below_.begin() + 1);
}

double MagnitudeHistogram::shareBelow(float value) const {
  if (total() == 0 || std::isnan(value)) {
    return std::nan("");
  }
  const float magnitude = std::abs(value);
  const auto bin = static_cast<std::size_t>(std::bit_cast<std::uint32_t>(magnitude) >> 15);
  double count = static_cast<double>(below_[bin]);
  if (std::isfinite(magnitude)) {
    const float low = magnitudeOf(static_cast<std::int64_t>(bin));
    const float next = magnitudeOf(static_cast<std::int64_t>(bin) + 1);
    const double width = std::isfinite(next) ? static_cast<double>(next) - low : HUGE_VAL;
    count += (static_cast<double>(magnitude) - low) / width *
             static_cast<double>(below_[bin + 1] - below_[bin]);
  }
  return count / static_cast<double>(total());
}

float MagnitudeHistogram::quantile(double share) const {
  if (total() == 0) {
    return 0;
  }
  const double wanted = std::clamp(share, 0.0, 1.0) * static_cast<double>(total());
  // The first bin that reaches it.
  const auto end = std::partition_point(below_.begin() + 1, below_.end() - 1, [&](auto count) {
    return static_cast<double>(count) < wanted || count == 0;
  });
  const auto bin = end - below_.begin() - 1;
  const auto before = static_cast<double>(below_[static_cast<std::size_t>(bin)]);
  const double inside = static_cast<double>(*end) - before;
  const float low = magnitudeOf(bin);
  const float high = magnitudeOf(bin + 1);
  if (inside <= 0 || !std::isfinite(high)) {
    return low;
  }
  return static_cast<float>(low + (wanted - before) / inside * (static_cast<double>(high) - low));
}

}  // namespace barlow
