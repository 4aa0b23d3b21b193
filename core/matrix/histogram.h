#pragma once

#include <cstdint>
#include <vector>

namespace barlow {

/// Counts of values in equal bins of [low, high]; bin i holds [binLow(i), binLow(i + 1)), the last
/// one `high` too.
struct Histogram {
  float low = -1;
  float high = 1;
  std::vector<std::uint64_t> counts;
  std::uint64_t below = 0;
  std::uint64_t above = 0;
  std::uint64_t nan = 0;

  float binLow(std::int64_t bin) const;
  /// Where a value is counted: -1 below, counts.size() above, counts.size() + 1 for NaN.
  std::int64_t binOf(float value) const;
  void add(float value);
  /// Everything that was counted.
  std::uint64_t total() const;
  /// Neighbouring bins put together, `factor` at a time; the number of bins must be a multiple.
  Histogram grouped(int factor) const;
  bool operator==(const Histogram&) const = default;
};

/// Counts of magnitudes |v| in bins of a relative width of 2^-8, so that shares and quantiles are
/// exact to that at every magnitude. Infinities have a bin of their own; NaN is left out.
class MagnitudeHistogram {
 public:
  static constexpr std::int64_t kBins = 0xff01;  // sign-less float bits >> 15, up to infinity's

  MagnitudeHistogram() = default;
  /// [kBins] counts.
  explicit MagnitudeHistogram(const std::vector<std::uint64_t>& counts);
  std::uint64_t total() const { return below_.empty() ? 0 : below_.back(); }
  /// Share of the counted magnitudes that are smaller than |value|, 0 to 1 (within a bin by
  /// proportion); NaN for NaN, and when nothing was counted.
  double shareBelow(float value) const;
  /// The magnitude that this share of the counted ones is below; 0 when nothing was counted.
  float quantile(double share) const;

 private:
  std::vector<std::uint64_t> below_;  // [kBins + 1] counted in the bins before
};

}  // namespace barlow
