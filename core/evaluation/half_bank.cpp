#include "core/evaluation/half_bank.h"

#include "core/base/vector_versions.h"
#include "core/device/parallel_for.h"

#include <ATen/Parallel.h>
#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;
using Candidate = std::pair<float, std::int32_t>;

constexpr std::int64_t kTileRows = 8192;     // of the bank, which are rounded at a time
constexpr std::int64_t kProductRows = 1024;  // of these: with some hundred queries, within a cache
constexpr std::int64_t kPartRows = 512;      // queries
constexpr float kHalfRounding = 0x1p-9f;     // of a bfloat16, as a share of it

BARLOW_VECTOR_VERSIONS float product(const float* __restrict a,
                                     const float* __restrict b,
                                     std::int64_t size) {
  constexpr std::int64_t kLanes = 16;
  float sums[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += a[i + lane] * b[i + lane];
    }
  }
  float sum = 0;
  for (; i < size; ++i) {
    sum += a[i] * b[i];
  }
  for (const float part : sums) {
    sum += part;
  }
  return sum;
}

// A bfloat16 as its bits.
BARLOW_BODY float wide(std::uint16_t bits) {
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16);
}

// The nearest bfloat16, of two the even one.
BARLOW_BODY std::uint16_t rounded(float value) {
  const auto bits = __builtin_bit_cast(std::uint32_t, value);
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

struct Rounded {
  float length = 0;  // squared, of what was rounded
  float change = 0;  // squared length of what rounding changed
};

// in * scale - center as bfloat16.
BARLOW_VECTOR_VERSIONS Rounded roundCentered(const float* __restrict in,
                                             float scale,
                                             const float* __restrict center,
                                             std::int64_t size,
                                             std::uint16_t* __restrict out) {
  constexpr std::int64_t kLanes = 16;
  float lengths[kLanes] = {};
  float changes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float value = in[i + lane] * scale - center[i + lane];
      out[i + lane] = rounded(value);
      const float change = wide(out[i + lane]) - value;
      lengths[lane] += value * value;
      changes[lane] += change * change;
    }
  }
  Rounded sum;
  for (; i < size; ++i) {
    const float value = in[i] * scale - center[i];
    out[i] = rounded(value);
    const float change = wide(out[i]) - value;
    sum.length += value * value;
    sum.change += change * change;
  }
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    sum.length += lengths[lane];
    sum.change += changes[lane];
  }
  return sum;
}

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

// Rows whose rough similarity may belong to one of the k largest: none of those is left out, as no
// rough value is further from its own than what add() is told, and 2^-9 of itself, as bfloat16
// rounds it.
class WithinReach {
 public:
  explicit WithinReach(std::size_t k) : k_(k), most_(8 * k + 2048), wanted_(2 * k + 64) {}

  // At most kProductRows bfloat16 as their bits, in the order of rows.
  void add(const std::uint16_t* values, std::int32_t count, std::int64_t first, float error) {
    if (isLost_) {
      return;
    }
    if (error > error_) {
      setLeast(least_ - 2 * (error - error_));
      error_ = error;
    }
    std::array<std::int32_t, kProductRows> places;
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
  // To be called when all were added: no more than can be among the k largest. False where there
  // are too many of them, or, of NaN, too few.
  bool finish() {
    if (!isLost_ && kept_.size() > k_) {
      shrink();
    }
    return !isLost_ && kept_.size() >= k_;
  }
  // In the order of rows.
  std::vector<Candidate>& kept() { return kept_; }

 private:
  void shrink() {
    const float last = kthLargest();
    // The k-th may be so much less than it seems, and one below it so much more.
    setLeast(last - 2 * (error_ + kHalfRounding * (std::abs(last) + 0.01f)));
    std::erase_if(kept_, [this](const Candidate& item) { return item.first < least_; });
    wanted_ = 2 * kept_.size() + 64;
    isLost_ = kept_.size() > most_;
  }
  // By counting how often every bfloat16 occurs, as these are few above the least.
  float kthLargest() const {
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
  void setLeast(float least) {
    least_ = least;
    leastBits_ = static_cast<std::int16_t>(__builtin_bit_cast(std::uint32_t, least_) >> 16);
  }

  std::size_t k_;
  std::size_t most_;
  float error_ = 0;
  float least_ = -std::numeric_limits<float>::infinity();
  std::int16_t leastBits_ = 0;  // of the bfloat16 just below it
  std::size_t wanted_;          // of these it is time to sort some out
  bool isLost_ = false;
  std::vector<Candidate> kept_;
};

// The similarities themselves of those that were found. Row by row with all queries that want it,
// so that it is fetched from memory once.
void measureKept(std::vector<WithinReach>& reach,
                 const std::vector<std::uint8_t>& isFound,
                 const Tensor& unit,
                 const Tensor& bank,
                 const Tensor& norms,
                 const std::stop_token& stop) {
  constexpr std::int64_t kRows = 256;
  const std::int64_t width = bank.size(1);
  const float* queries = unit.const_data_ptr<float>();
  const float* rows = bank.const_data_ptr<float>();
  const float* lengths = norms.const_data_ptr<float>();
  parallelFor(0, (bank.size(0) + kRows - 1) / kRows, 1, [&](std::int64_t from, std::int64_t to) {
    std::vector<std::size_t> next;
    for (WithinReach& each : reach) {
      const auto& kept = each.kept();
      const auto isBefore = [&](const Candidate& item) { return item.second < from * kRows; };
      const auto begin = std::partition_point(kept.begin(), kept.end(), isBefore);
      next.push_back(static_cast<std::size_t>(begin - kept.begin()));
    }
    for (std::int64_t block = from; block < to && !stop.stop_requested(); ++block) {
      const std::int64_t end = (block + 1) * kRows;
      for (std::size_t query = 0; query < reach.size(); ++query) {
        if (isFound[query] == 0) {
          continue;
        }
        auto& kept = reach[query].kept();
        const float* vector = queries + static_cast<std::int64_t>(query) * width;
        for (std::size_t& at = next[query]; at < kept.size() && kept[at].second < end; ++at) {
          const std::int64_t row = kept[at].second;
          kept[at].first = product(vector, rows + row * width, width) / lengths[row];
        }
      }
    }
  });
}

void writeNearest(std::vector<Candidate>& exact,
                  std::int64_t k,
                  float* similarity,
                  std::int64_t* index) {
  const auto last = exact.begin() + static_cast<std::ptrdiff_t>(k);
  std::partial_sort(exact.begin(), last, exact.end(), isNearer);
  for (auto item = exact.begin(); item != last; ++item) {
    *similarity++ = item->first;
    *index++ = item->second;
  }
}

}  // namespace

bool hasFastHalfProducts() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

HalfBank::HalfBank(const Tensor& bank)
    : bank_(bank.contiguous()),
      norms_(bank_.norm(2, {1}).clamp_min(1e-12)),
      // A share of every row that orders none of them, and would cost precision.
      center_(torch::mv(bank_.t(), norms_.reciprocal()).div_(static_cast<double>(bank_.size(0)))) {
  if (!torch::isfinite(center_).all().item<bool>()) {
    center_.zero_();
  }
}

std::vector<HalfBank::Part> HalfBank::find(const Tensor& queries,
                                           std::int64_t k,
                                           const Tensor& similarity,
                                           const Tensor& index,
                                           const std::stop_token& stop,
                                           const std::function<void(double)>& progress) const {
  torch::NoGradGuard noGrad;
  const std::int64_t n = queries.size(0);
  const std::int64_t rows = bank_.size(0);
  const std::int64_t width = bank_.size(1);
  const float* bank = bank_.const_data_ptr<float>();
  const float* norms = norms_.const_data_ptr<float>();
  const Tensor unit = torch::nn::functional::normalize(queries).contiguous();
  const Tensor half = unit.to(torch::kBFloat16);
  const Tensor off = (unit - half.to(torch::kFloat32)).norm(2, {1});
  std::vector<WithinReach> reach(static_cast<std::size_t>(n),
                                 WithinReach(static_cast<std::size_t>(k)));
  const std::int64_t threads = at::get_num_threads();
  const std::int64_t some = std::clamp<std::int64_t>((n + threads - 1) / threads, 16, kPartRows);
  const std::int64_t parts = (n + some - 1) / some;

  Tensor tile = torch::empty({std::min(kTileRows, rows), width}, torch::kBFloat16);
  auto* tileBits = static_cast<std::uint16_t*>(tile.mutable_data_ptr());
  std::vector<Rounded> changed(static_cast<std::size_t>(tile.size(0)));
  for (std::int64_t first = 0; first < rows; first += kTileRows) {
    const std::int64_t count = std::min(kTileRows, rows - first);
    parallelFor(0, count, 64, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = from; i < to; ++i) {
        changed[static_cast<std::size_t>(i)] = roundCentered(bank + (first + i) * width,
                                                             1 / norms[first + i],
                                                             center_.const_data_ptr<float>(),
                                                             width,
                                                             tileBits + i * width);
      }
    });
    Rounded most;
    for (std::int64_t i = 0; i < count; ++i) {
      most.length = std::max(most.length, changed[static_cast<std::size_t>(i)].length);
      most.change = std::max(most.change, changed[static_cast<std::size_t>(i)].change);
    }
    const float length = std::sqrt(most.length);
    const float rounding = 1.01f * std::sqrt(most.change) + 1e-4f;  // and that of the sum
    parallelFor(0, parts, 1, [&](std::int64_t from, std::int64_t to) {
      const torch::NoGradGuard here;
      Tensor products = torch::empty({0}, torch::kBFloat16);
      for (std::int64_t part = from; part < to && !stop.stop_requested(); ++part) {
        const std::int64_t begin = part * some;
        const std::int64_t size = std::min(some, n - begin);
        for (std::int64_t at = 0; at < count; at += kProductRows) {
          const std::int64_t columns = std::min(kProductRows, count - at);
          products.resize_({size, columns});
          torch::mm_out(products, half.narrow(0, begin, size), tile.narrow(0, at, columns).t());
          const auto* bits = static_cast<const std::uint16_t*>(products.const_data_ptr());
          for (std::int64_t i = 0; i < size; ++i) {
            const float error = length * off.const_data_ptr<float>()[begin + i] + rounding;
            reach[static_cast<std::size_t>(begin + i)].add(
                bits + i * columns, static_cast<std::int32_t>(columns), first + at, error);
          }
        }
      }
    });
    if (stop.stop_requested()) {
      return {};
    }
    if (progress) {
      progress(0.9 * static_cast<double>(first + count) / static_cast<double>(rows));
    }
  }

  std::vector<std::uint8_t> isFound(static_cast<std::size_t>(n));
  parallelFor(0, n, 16, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      const auto query = static_cast<std::size_t>(i);
      isFound[query] = reach[query].finish() ? 1 : 0;
    }
  });
  measureKept(reach, isFound, unit, bank_, norms_, stop);
  parallelFor(0, n, 16, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to && !stop.stop_requested(); ++i) {
      if (isFound[static_cast<std::size_t>(i)] != 0) {
        writeNearest(reach[static_cast<std::size_t>(i)].kept(),
                     k,
                     similarity.mutable_data_ptr<float>() + i * k,
                     index.mutable_data_ptr<std::int64_t>() + i * k);
      }
    }
  });
  std::vector<Part> unanswered;
  for (std::int64_t part = 0; part < parts; ++part) {
    const Part all{part * some, std::min(some, n - part * some)};
    const auto begin = isFound.begin() + all.first;
    if (std::find(begin, begin + all.count, 0) != begin + all.count) {
      unanswered.push_back(all);
    }
  }
  if (progress) {
    progress(1);
  }
  return unanswered;
}

}  // namespace barlow
