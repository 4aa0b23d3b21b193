#include "core/evaluation/neighbours.h"

#include "core/base/check.h"
#include "core/base/vector_versions.h"

#include <ATen/Parallel.h>
#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>

namespace barlow {
namespace {

using torch::Tensor;

constexpr std::int64_t kTileRows = 4096;   // of the bank
constexpr std::int64_t kQueryRows = 1024;  // so that a tile of products stays at 16 MB
constexpr float kHalfRounding = 0x1p-9f;   // of a bfloat16, as a share of it
constexpr std::int64_t kSmallBank = 8192;  // up to here all products of a thousand queries at once

// A function object, which sorts inline.
constexpr auto isNearer = [](const std::pair<float, std::int32_t>& left,
                             const std::pair<float, std::int32_t>& right) {
  return left.first > right.first || (left.first == right.first && left.second < right.second);
};

BARLOW_VECTOR_VERSIONS bool hasMore(const float* values, std::int64_t count, float than) {
  int hits = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    hits |= values[i] > than ? 1 : 0;
  }
  return hits != 0;
}

Tensor prepared(const Tensor& rows, const NeighbourOptions& options) {
  return options.isEuclidean ? rows : torch::nn::functional::normalize(rows);
}

// Products of unit vectors; or 2 x y - y y, which orders as minus the squared distance does.
Tensor scores(const Tensor& queries, const Tensor& bank, const NeighbourOptions& options) {
  if (!options.isEuclidean) {
    return torch::mm(queries, bank.t());
  }
  return torch::addmm(bank.square().sum(1).neg_().unsqueeze(0), queries, bank.t(), 1, 2);
}

// Sorted out by LibTorch: on any device, and as the probe beside training has always done it.
Neighbours byTopK(const Tensor& bank,
                  const Tensor& queries,
                  const NeighbourOptions& options,
                  const std::stop_token& stop,
                  const std::function<void(double)>& progress) {
  const std::int64_t n = queries.size(0);
  const std::int64_t k = std::min<std::int64_t>(options.k, bank.size(0));
  const Tensor there = prepared(bank, options);
  Neighbours found{torch::empty({n, k}), torch::empty({n, k}, torch::kInt64)};
  for (std::int64_t begin = 0; begin < n; begin += 1000) {
    if (stop.stop_requested()) {
      return {};
    }
    const std::int64_t size = std::min<std::int64_t>(1000, n - begin);
    const Tensor some = prepared(queries.narrow(0, begin, size).to(there.device()), options);
    const auto nearest = scores(some, there, options).topk(k);
    found.similarity.narrow(0, begin, size).copy_(std::get<0>(nearest));
    found.index.narrow(0, begin, size).copy_(std::get<1>(nearest));
    if (progress) {
      progress(static_cast<double>(begin + size) / static_cast<double>(n));
    }
  }
  return found;
}

// Tile by tile of the bank on the CPU: no product is kept, and none is sorted that cannot win.
Neighbours byTiles(const Tensor& bank,
                   const Tensor& queries,
                   const NeighbourOptions& options,
                   const std::stop_token& stop,
                   const std::function<void(double)>& progress) {
  const std::int64_t n = queries.size(0);
  const std::int64_t k = std::min<std::int64_t>(options.k, bank.size(0));
  std::vector<LargestOf> best(static_cast<std::size_t>(n), LargestOf(static_cast<std::size_t>(k)));
  Tensor products = torch::empty({0});
  for (std::int64_t first = 0; first < bank.size(0); first += kTileRows) {
    const std::int64_t rows = std::min(kTileRows, bank.size(0) - first);
    const Tensor tile = prepared(bank.narrow(0, first, rows), options);
    for (std::int64_t begin = 0; begin < n; begin += kQueryRows) {
      if (stop.stop_requested()) {
        return {};
      }
      const std::int64_t size = std::min(kQueryRows, n - begin);
      products = scores(prepared(queries.narrow(0, begin, size), options), tile, options);
      const float* values = products.const_data_ptr<float>();
      at::parallel_for(0, size, 16, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t i = from; i < to; ++i) {
          best[static_cast<std::size_t>(begin + i)].add(values + i * rows, rows, first);
        }
      });
    }
    if (progress) {
      progress(static_cast<double>(first + rows) / static_cast<double>(bank.size(0)));
    }
  }
  Neighbours found{torch::empty({n, k}), torch::empty({n, k}, torch::kInt64)};
  float* similarity = found.similarity.mutable_data_ptr<float>();
  auto* index = found.index.mutable_data_ptr<std::int64_t>();
  at::parallel_for(0, n, 16, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      std::int64_t at = i * k;
      for (const auto& [value, row] : best[static_cast<std::size_t>(i)].sorted()) {
        similarity[at] = value;
        index[at++] = row;
      }
    }
  });
  return found;
}

// Whether products of bfloat16 take about a third of the time of those of floats.
bool hasFastHalfProducts() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

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

// in * scale to the nearest bfloat16, of two the even one.
BARLOW_VECTOR_VERSIONS void roundScaled(const float* __restrict in,
                                        float scale,
                                        std::int64_t size,
                                        std::uint16_t* __restrict out) {
  for (std::int64_t i = 0; i < size; ++i) {
    const auto bits = __builtin_bit_cast(std::uint32_t, in[i] * scale);
    out[i] = static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }
}

// Squared length of what roundScaled() changes.
BARLOW_VECTOR_VERSIONS float roundingOf(const float* in, float scale, std::int64_t size) {
  constexpr std::int64_t kLanes = 16;
  float sums[kLanes] = {};
  std::int64_t i = 0;
  const auto change = [&](std::int64_t at) {
    const float value = in[at] * scale;
    const auto bits = __builtin_bit_cast(std::uint32_t, value);
    const std::uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
    const float difference = __builtin_bit_cast(float, rounded) - value;
    return difference * difference;
  };
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

BARLOW_VECTOR_VERSIONS bool hasAtLeast(const std::uint16_t* values,
                                       std::int64_t count,
                                       float least) {
  int hits = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    hits |= wide(values[i]) >= least ? 1 : 0;
  }
  return hits != 0;
}

// Places whose rough value may belong to one of the k largest: none of those is left out, as no
// rough value is further from its own than `error` and 2^-9 of itself, as bfloat16 rounds it.
class WithinReach {
 public:
  WithinReach(std::size_t k, float error)
      : k_(k), most_(8 * k + 2048), error_(error), wanted_(2 * k + 64) {}

  // bfloat16 as its bits. False where there are too many.
  bool add(const std::uint16_t* values, std::int64_t count, std::int64_t first) {
    constexpr std::int64_t kBlock = 64;
    for (std::int64_t begin = 0; begin < count; begin += kBlock) {
      const std::int64_t end = std::min(count, begin + kBlock);
      if (!hasAtLeast(values + begin, end - begin, least_)) {
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
  const std::vector<std::pair<float, std::int32_t>>& kept() {
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
    std::erase_if(kept_, [this](const auto& item) { return item.first < least_; });
    wanted_ = kept_.size() + k_ + 64;
    return kept_.size() <= most_;
  }

  std::size_t k_;
  std::size_t most_;
  float error_;
  float least_ = -std::numeric_limits<float>::infinity();
  std::size_t wanted_;  // of these it is time to sort some out
  std::vector<std::pair<float, std::int32_t>> kept_;
};

// The nearest of some queries by cosine: products in half precision sort out who cannot be, and the
// rest is computed in single. False where too many are left.
class HalfTiles {
 public:
  HalfTiles(const Tensor& bank, std::int64_t k)
      : bank_(bank.contiguous()), norms_(bank_.norm(2, {1}).clamp_min(1e-12)), k_(k) {
    const std::int64_t width = bank_.size(1);
    for (std::int64_t i = 0; i < bank_.size(0); ++i) {
      const float* row = bank_.const_data_ptr<float>() + i * width;
      rounding_ = std::max(
          rounding_, std::sqrt(roundingOf(row, 1 / norms_.const_data_ptr<float>()[i], width)));
    }
  }

  bool find(const Tensor& queries,
            Tensor similarity,
            Tensor index,
            const std::stop_token& stop,
            const std::function<void(double)>& progress) {
    const Tensor unit = torch::nn::functional::normalize(queries).contiguous();
    const Tensor half = unit.to(torch::kBFloat16);
    const Tensor off = (unit - half.to(torch::kFloat32)).norm(2, {1});
    const std::int64_t n = unit.size(0);
    std::vector<WithinReach> reach;
    for (std::int64_t i = 0; i < n; ++i) {
      reach.emplace_back(static_cast<std::size_t>(k_),
                         // Both vectors' rounding, of unit length, and that of the sum.
                         off.const_data_ptr<float>()[i] + 1.01f * rounding_ + 1e-4f);
    }
    std::atomic<bool> isOver = false;
    for (std::int64_t first = 0; first < bank_.size(0) && !isOver; first += kTileRows) {
      if (stop.stop_requested()) {
        return true;
      }
      const std::int64_t rows = std::min(kTileRows, bank_.size(0) - first);
      const Tensor tile = unitTile(first, rows);
      const Tensor products = torch::mm(half, tile.t());
      const auto* bits = static_cast<const std::uint16_t*>(products.const_data_ptr());
      at::parallel_for(0, n, 16, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t i = from; i < to && !isOver; ++i) {
          if (!reach[static_cast<std::size_t>(i)].add(bits + i * rows, rows, first)) {
            isOver = true;
          }
        }
      });
      progress(static_cast<double>(first + rows) / static_cast<double>(bank_.size(0)));
    }
    if (isOver) {
      return false;
    }
    at::parallel_for(0, n, 4, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = from; i < to; ++i) {
        choose(unit.const_data_ptr<float>() + i * unit.size(1),
               reach[static_cast<std::size_t>(i)].kept(),
               similarity.mutable_data_ptr<float>() + i * k_,
               index.mutable_data_ptr<std::int64_t>() + i * k_);
      }
    });
    return true;
  }

 private:
  // Unit vectors of some rows as bfloat16, in one pass.
  Tensor unitTile(std::int64_t first, std::int64_t rows) const {
    const std::int64_t width = bank_.size(1);
    Tensor tile = torch::empty({rows, width}, torch::kBFloat16);
    auto* out = static_cast<std::uint16_t*>(tile.mutable_data_ptr());
    const float* in = bank_.const_data_ptr<float>() + first * width;
    const float* norms = norms_.const_data_ptr<float>() + first;
    at::parallel_for(0, rows, 64, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = from; i < to; ++i) {
        roundScaled(in + i * width, 1 / norms[i], width, out + i * width);
      }
    });
    return tile;
  }

  void choose(const float* query,
              const std::vector<std::pair<float, std::int32_t>>& candidates,
              float* similarity,
              std::int64_t* index) const {
    const std::int64_t width = bank_.size(1);
    std::vector<std::pair<float, std::int32_t>> exact;
    exact.reserve(candidates.size());
    for (const auto& [rough, row] : candidates) {
      const float value = product(query, bank_.const_data_ptr<float>() + row * width, width);
      exact.emplace_back(value / norms_.const_data_ptr<float>()[row], row);
    }
    const auto last = exact.begin() + static_cast<std::ptrdiff_t>(k_);
    std::partial_sort(exact.begin(), last, exact.end(), isNearer);
    for (std::int64_t i = 0; i < k_; ++i) {
      similarity[i] = exact[static_cast<std::size_t>(i)].first;
      index[i] = exact[static_cast<std::size_t>(i)].second;
    }
  }

  Tensor bank_;
  Tensor norms_;  // [B]
  std::int64_t k_;
  float rounding_ = 0;  // the largest length that rounding adds to a unit vector of the bank
};

Neighbours byHalfTiles(const Tensor& bank,
                       const Tensor& queries,
                       const NeighbourOptions& options,
                       const std::stop_token& stop,
                       const std::function<void(double)>& progress) {
  constexpr std::int64_t kQueries = 1024;  // whose candidates are kept at a time
  const std::int64_t n = queries.size(0);
  const std::int64_t k = std::min<std::int64_t>(options.k, bank.size(0));
  HalfTiles tiles(bank, k);
  Neighbours found{torch::empty({n, k}), torch::empty({n, k}, torch::kInt64)};
  for (std::int64_t begin = 0; begin < n; begin += kQueries) {
    const std::int64_t size = std::min(kQueries, n - begin);
    const Tensor some = queries.narrow(0, begin, size);
    Tensor similarity = found.similarity.narrow(0, begin, size);
    Tensor index = found.index.narrow(0, begin, size);
    double before = 0;
    const auto part = [&](double share) {
      before = std::max(before, share);
      if (progress) {
        progress((static_cast<double>(begin) + before * static_cast<double>(size)) /
                 static_cast<double>(n));
      }
    };
    const bool isFound = tiles.find(some, similarity, index, stop, part);
    if (!isFound) {  // features that hardly differ
      const Neighbours others = byTiles(bank, some, options, stop, part);
      if (others.index.defined()) {
        similarity.copy_(others.similarity);
        index.copy_(others.index);
      }
    }
    if (stop.stop_requested()) {
      return {};
    }
  }
  return found;
}

// The differences themselves, in double: 2 x y - y y cancels where distances are small.
void measureDistances(const Tensor& bank, const Tensor& queries, Neighbours& found) {
  constexpr std::int64_t kRows = 16;
  for (std::int64_t begin = 0; begin < queries.size(0); begin += kRows) {
    const std::int64_t size = std::min(kRows, queries.size(0) - begin);
    const Tensor index = found.index.narrow(0, begin, size);
    const Tensor rows = bank.index_select(0, index.reshape(-1).to(bank.device()))
                            .to(torch::kCPU, torch::kFloat64)
                            .view({size, index.size(1), bank.size(1)});
    const Tensor some = queries.narrow(0, begin, size).to(torch::kCPU, torch::kFloat64);
    const Tensor distance = (rows - some.unsqueeze(1)).square_().sum(2).sqrt_();
    const auto order = distance.sort(/*stable=*/true, /*dim=*/1, /*descending=*/false);
    found.similarity.narrow(0, begin, size).copy_(std::get<0>(order).neg());
    found.index.narrow(0, begin, size).copy_(index.gather(1, std::get<1>(order)));
  }
}

}  // namespace

LargestOf::LargestOf(std::size_t k) : k_(k), least_(-std::numeric_limits<float>::infinity()) {}

void LargestOf::add(const float* values, std::int64_t count, std::int64_t first) {
  constexpr std::int64_t kBlock = 64;
  const std::size_t most = k_ + k_ / 2 + 8;
  kept_.reserve(most);
  for (std::int64_t begin = 0; begin < count; begin += kBlock) {
    const std::int64_t end = std::min(count, begin + kBlock);
    if (kept_.size() >= k_ && !hasMore(values + begin, end - begin, least_)) {
      continue;
    }
    for (std::int64_t i = begin; i < end; ++i) {
      if (values[i] > least_ || kept_.size() < k_) {
        kept_.emplace_back(values[i], static_cast<std::int32_t>(first + i));
        if (kept_.size() == most) {
          shrink();
        }
      }
    }
  }
}

void LargestOf::shrink() {
  const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(k_) - 1;
  std::nth_element(kept_.begin(), last, kept_.end(), isNearer);
  kept_.resize(k_);
  least_ = kept_[k_ - 1].first;
}

const std::vector<std::pair<float, std::int32_t>>& LargestOf::sorted() {
  std::sort(kept_.begin(), kept_.end(), isNearer);
  kept_.resize(std::min(kept_.size(), k_));
  return kept_;
}

Neighbours findNeighbours(const Tensor& bank,
                          const Tensor& queries,
                          const NeighbourOptions& options,
                          const std::stop_token& stop,
                          const std::function<void(double)>& progress) {
  torch::NoGradGuard noGrad;
  BARLOW_CHECK(bank.dim() == 2 && queries.dim() == 2 && bank.size(1) == queries.size(1) &&
               bank.size(0) > 0 && bank.size(0) < std::numeric_limits<std::int32_t>::max() &&
               options.k > 0)
      << "a bank " << bank.sizes() << " and queries " << queries.sizes();
  const bool isTiled = bank.is_cpu() && queries.is_cpu() && bank.size(0) > kSmallBank;
  const bool isHalf = isTiled && !options.isEuclidean && hasFastHalfProducts();
  Neighbours found = isHalf    ? byHalfTiles(bank, queries, options, stop, progress)
                     : isTiled ? byTiles(bank, queries, options, stop, progress)
                               : byTopK(bank, queries, options, stop, progress);
  if (options.isEuclidean && found.index.defined()) {
    measureDistances(bank, queries, found);
  }
  return found;
}

}  // namespace barlow
