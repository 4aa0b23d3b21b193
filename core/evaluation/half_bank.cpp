#include "core/evaluation/half_bank.h"

#include "core/base/vector_versions.h"
#include "core/device/parallel_for.h"

#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;
using Candidate = std::pair<float, std::int32_t>;

constexpr std::int64_t kTileRows = 1024;  // of the bank: with some hundred queries, within a cache
constexpr float kHalfRounding = 0x1p-9f;  // of a bfloat16, as a share of it

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

// in * scale as bfloat16; gives the squared length of what rounding changed.
BARLOW_VECTOR_VERSIONS float roundScaled(const float* __restrict in,
                                         float scale,
                                         std::int64_t size,
                                         std::uint16_t* __restrict out) {
  constexpr std::int64_t kLanes = 16;
  float sums[kLanes] = {};
  const auto change = [&](std::int64_t at) {
    const float value = in[at] * scale;
    out[at] = rounded(value);
    const float difference = wide(out[at]) - value;
    return difference * difference;
  };
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += change(i + lane);
    }
  }
  float sum = 0;
  for (; i < size; ++i) {
    sum += change(i);
  }
  for (const float part : sums) {
    sum += part;
  }
  return sum;
}

// Of numbers above zero the order is that of their bits, and a number below zero is less than all.
BARLOW_VECTOR_VERSIONS bool hasAtLeast(const std::uint16_t* values,
                                       std::int64_t count,
                                       std::int16_t least) {
  int hits = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    hits |= static_cast<std::int16_t>(values[i]) >= least ? 1 : 0;
  }
  return hits != 0;
}

// Rows whose rough similarity may belong to one of the k largest: none of those is left out, as no
// rough value is further from its own than `error` and 2^-9 of itself, as bfloat16 rounds it.
class WithinReach {
 public:
  WithinReach(std::size_t k, float error)
      : k_(k), most_(8 * k + 2048), error_(error), wanted_(2 * k + 64) {}

  // bfloat16 as its bits. False where there are too many.
  bool add(const std::uint16_t* values, std::int64_t count, std::int64_t first) {
    constexpr std::int64_t kBlock = 32;
    for (std::int64_t begin = 0; begin < count; begin += kBlock) {
      const std::int64_t end = std::min(count, begin + kBlock);
      if (leastBits_ > 0 && !hasAtLeast(values + begin, end - begin, leastBits_)) {
        continue;
      }
      for (std::int64_t i = begin; i < end; ++i) {
        if (const float value = wide(values[i]); value >= least_) {
          kept_.emplace_back(value, static_cast<std::int32_t>(first + i));
        }
      }
      if (kept_.size() >= wanted_ && !shrink()) {
        return false;
      }
    }
    return true;
  }
  const std::vector<Candidate>& kept() {
    if (kept_.size() > k_) {
      (void)shrink();
    }
    return kept_;
  }

 private:
  bool shrink() {
    const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(k_) - 1;
    std::nth_element(kept_.begin(), last, kept_.end(), isNearer);
    // The k-th may be so much less than it seems, and one below it so much more.
    least_ = last->first - 2 * (error_ + kHalfRounding * (std::abs(last->first) + 0.01f));
    leastBits_ = static_cast<std::int16_t>(__builtin_bit_cast(std::uint32_t, least_) >> 16);
    std::erase_if(kept_, [this](const Candidate& item) { return item.first < least_; });
    wanted_ = 2 * kept_.size() + 64;
    return kept_.size() <= most_;
  }

  std::size_t k_;
  std::size_t most_;
  float error_;
  float least_ = -std::numeric_limits<float>::infinity();
  std::int16_t leastBits_ = 0;  // of the bfloat16 just below it
  std::size_t wanted_;          // of these it is time to sort some out
  std::vector<Candidate> kept_;
};

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
      half_(torch::empty(bank_.sizes(), torch::kBFloat16)) {
  const std::int64_t rows = bank_.size(0);
  const std::int64_t width = bank_.size(1);
  const float* in = bank_.const_data_ptr<float>();
  const float* norms = norms_.const_data_ptr<float>();
  auto* out = static_cast<std::uint16_t*>(half_.mutable_data_ptr());
  std::vector<float> changed(static_cast<std::size_t>(rows));
  parallelFor(0, rows, 256, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      changed[static_cast<std::size_t>(i)] =
          roundScaled(in + i * width, 1 / norms[i], width, out + i * width);
    }
  });
  rounding_ = std::sqrt(*std::max_element(changed.begin(), changed.end()));
}

bool HalfBank::find(const Tensor& queries,
                    std::int64_t k,
                    const Tensor& similarity,
                    const Tensor& index,
                    const std::stop_token& stop) const {
  torch::NoGradGuard noGrad;
  const Tensor unit = torch::nn::functional::normalize(queries).contiguous();
  const Tensor half = unit.to(torch::kBFloat16);
  const Tensor off = (unit - half.to(torch::kFloat32)).norm(2, {1});
  const std::int64_t n = unit.size(0);
  const std::int64_t width = bank_.size(1);
  std::vector<WithinReach> reach;
  reach.reserve(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    // Both vectors' rounding, of unit length, and that of the sum.
    reach.emplace_back(static_cast<std::size_t>(k),
                       off.const_data_ptr<float>()[i] + 1.01f * rounding_ + 1e-4f);
  }
  Tensor products = torch::empty({0}, torch::kBFloat16);
  for (std::int64_t first = 0; first < bank_.size(0); first += kTileRows) {
    if (stop.stop_requested()) {
      return false;
    }
    const std::int64_t rows = std::min(kTileRows, bank_.size(0) - first);
    products.resize_({n, rows});
    torch::mm_out(products, half, half_.narrow(0, first, rows).t());
    const auto* bits = static_cast<const std::uint16_t*>(products.const_data_ptr());
    for (std::int64_t i = 0; i < n; ++i) {
      if (!reach[static_cast<std::size_t>(i)].add(bits + i * rows, rows, first)) {
        return false;
      }
    }
  }
  std::vector<Candidate> exact;
  for (std::int64_t i = 0; i < n; ++i) {
    const float* query = unit.const_data_ptr<float>() + i * width;
    exact.clear();
    for (const auto& [rough, row] : reach[static_cast<std::size_t>(i)].kept()) {
      const float value = product(query, bank_.const_data_ptr<float>() + row * width, width);
      exact.emplace_back(value / norms_.const_data_ptr<float>()[row], row);
    }
    if (exact.size() < static_cast<std::size_t>(k)) {
      return false;  // NaN is in reach of nothing
    }
    const auto last = exact.begin() + static_cast<std::ptrdiff_t>(k);
    std::partial_sort(exact.begin(), last, exact.end(), isNearer);
    float* near = similarity.mutable_data_ptr<float>() + i * k;
    auto* at = index.mutable_data_ptr<std::int64_t>() + i * k;
    for (auto item = exact.begin(); item != last; ++item) {
      *near++ = item->first;
      *at++ = item->second;
    }
  }
  return true;
}

}  // namespace barlow
