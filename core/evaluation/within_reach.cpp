#include "core/evaluation/within_reach.h"

#include "core/base/vector_versions.h"
#include "core/evaluation/half_bits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace barlow {
namespace {

constexpr float kHalfRounding = 0x1p-9f;  // of a bfloat16, as a share of it

// Places of the numbers that are `least` or more, which is above zero: there the order is that of
// the bits, and a number below zero is less than all.
BARLOW_VECTOR_VERSIONS std::int32_t placesAtLeast(const std::uint16_t* values,
                                                  std::int32_t count,
                                                  std::int16_t least,
                                                  std::int32_t* places) {
  constexpr std::int32_t kBlock = 32;
  std::int32_t found = 0;
  std::int32_t begin = 0;
  for (; begin + kBlock <= count; begin += kBlock) {
    int hits = 0;
    for (std::int32_t i = 0; i < kBlock; ++i) {
      hits |= static_cast<std::int16_t>(values[begin + i]) >= least ? 1 : 0;
    }
    for (std::int32_t i = begin; hits != 0 && i < begin + kBlock; ++i) {
      places[found] = i;
      found += static_cast<std::int16_t>(values[i]) >= least ? 1 : 0;
    }
  }
  for (; begin < count; ++begin) {
    places[found] = begin;
    found += static_cast<std::int16_t>(values[begin]) >= least ? 1 : 0;
  }
  return found;
}

}  // namespace

WithinReach::WithinReach(std::size_t k) : k_(k), most_(8 * k + 2048), wanted_(2 * k + 64) {}

void WithinReach::add(const std::uint16_t* values,
                      std::int32_t count,
                      std::int64_t first,
                      float error) {
  if (isLost_) {
    return;
  }
  if (error > error_) {
    setLeast(least_ - 2 * (error - error_));
    error_ = error;
  }
  std::array<std::int32_t, kMostAtOnce> places;
  std::int32_t found = count;
  if (leastBits_ > 0) {
    found = placesAtLeast(values, count, leastBits_, places.data());
  } else {
    std::iota(places.begin(), places.begin() + count, 0);
  }
  for (std::int32_t i = 0; i < found; ++i) {
    const std::int32_t place = places[static_cast<std::size_t>(i)];
    if (const float value = wide(values[place]); value >= least_) {
      kept_.emplace_back(value, static_cast<std::int32_t>(first + place));
    }
  }
  if (kept_.size() >= wanted_) {
    shrink();
  }
}

bool WithinReach::finish() {
  if (!isLost_ && kept_.size() > k_) {
    shrink();
  }
  return !isLost_ && kept_.size() >= k_;
}

void WithinReach::shrink() {
  const float last = kthLargest();
  // The k-th may be so much less than it seems, and one below it so much more.
  setLeast(last - 2 * (error_ + kHalfRounding * (std::abs(last) + 0.01f)));
  std::erase_if(kept_, [this](const Candidate& item) { return item.first < least_; });
  wanted_ = 2 * kept_.size() + 64;
  isLost_ = kept_.size() > most_;
}

// By counting how often every bfloat16 occurs, as these are few above the least.
float WithinReach::kthLargest() const {
  constexpr std::size_t kBins = 1024;
  std::array<std::uint16_t, kBins> counts = {};
  std::size_t bin = 0;
  if (leastBits_ > 0 && kept_.size() < std::numeric_limits<std::uint16_t>::max()) {
    for (const Candidate& item : kept_) {
      const std::size_t place =
          (__builtin_bit_cast(std::uint32_t, item.first) >> 16) - std::uint32_t(leastBits_);
      bin = std::max(bin, std::min(place, kBins - 1));
      ++counts[std::min(place, kBins - 1)];
    }
  }
  if (bin > 0 && bin < kBins - 1) {
    for (std::size_t seen = counts[bin]; seen < k_; seen += counts[bin]) {
      --bin;
    }
    return wide(static_cast<std::uint16_t>(static_cast<std::size_t>(leastBits_) + bin));
  }
  std::vector<Candidate> all = kept_;
  const auto last = all.begin() + static_cast<std::ptrdiff_t>(k_) - 1;
  std::nth_element(all.begin(), last, all.end(), isNearer);
  return last->first;
}

void WithinReach::setLeast(float least) {
  least_ = least;
  leastBits_ = static_cast<std::int16_t>(__builtin_bit_cast(std::uint32_t, least_) >> 16);
}

}  // namespace barlow
