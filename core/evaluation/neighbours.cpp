#include "core/evaluation/neighbours.h"

#include "core/base/check.h"
#include "core/base/vector_versions.h"
#include "core/device/parallel_for.h"

#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace barlow {
namespace {

using torch::Tensor;

constexpr std::int64_t kTileRows = 4096;   // of the bank
constexpr std::int64_t kQueryRows = 1024;  // so that a tile of products stays at 16 MB
constexpr std::int64_t kSmallBank = 8192;  // up to here all products of a thousand queries at once

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
// `there`: the bank, prepared.
Neighbours byTopK(const Tensor& there,
                  const Tensor& queries,
                  const NeighbourOptions& options,
                  const std::stop_token& stop,
                  const std::function<void(double)>& progress) {
  const std::int64_t n = queries.size(0);
  const std::int64_t k = std::min<std::int64_t>(options.k, there.size(0));
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
      parallelFor(0, size, 16, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t i = from; i < to; ++i) {
          best[static_cast<std::size_t>(begin + i)].add(values + i * rows, rows, first);
        }
      });
    }
    if (progress) {
      progress(static_cast<double>(first + rows) / static_cast<double>(bank.size(0)));
    }
  }
  // A row of NaN is near to nothing: where there are others too few, places stay empty.
  Neighbours found{torch::full({n, k}, std::numeric_limits<float>::quiet_NaN()),
                   torch::zeros({n, k}, torch::kInt64)};
  float* similarity = found.similarity.mutable_data_ptr<float>();
  auto* index = found.index.mutable_data_ptr<std::int64_t>();
  parallelFor(0, n, 16, [&](std::int64_t from, std::int64_t to) {
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

// In half precision first, but for features that hardly differ.
Neighbours byHalves(const HalfBank& half,
                    const Tensor& bank,
                    const Tensor& queries,
                    const NeighbourOptions& options,
                    const std::stop_token& stop,
                    const std::function<void(double)>& progress) {
  const std::int64_t n = queries.size(0);
  const std::int64_t k = std::min<std::int64_t>(options.k, bank.size(0));
  const Neighbours found{torch::empty({n, k}), torch::empty({n, k}, torch::kInt64)};
  for (std::int64_t begin = 0; begin < n; begin += HalfBank::kQueries) {
    const std::int64_t size = std::min(HalfBank::kQueries, n - begin);
    const Tensor some = queries.narrow(0, begin, size);
    const Tensor similarity = found.similarity.narrow(0, begin, size);
    const Tensor index = found.index.narrow(0, begin, size);
    const auto tell = [&](double share) {
      if (progress) {
        progress((static_cast<double>(begin) + share * static_cast<double>(size)) /
                 static_cast<double>(n));
      }
    };
    for (const auto& [first, count] : half.find(some, k, similarity, index, stop, tell)) {
      const Neighbours others = byTiles(bank, some.narrow(0, first, count), options, stop, {});
      if (others.index.defined()) {
        similarity.narrow(0, first, count).copy_(others.similarity);
        index.narrow(0, first, count).copy_(others.index);
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

const std::vector<Candidate>& LargestOf::sorted() {
  std::sort(kept_.begin(), kept_.end(), isNearer);
  kept_.resize(std::min(kept_.size(), k_));
  return kept_;
}

NeighbourFinder::NeighbourFinder(const Tensor& bank, const NeighbourOptions& options)
    : bank_(bank), options_(options) {
  torch::NoGradGuard noGrad;
  BARLOW_CHECK(bank.dim() == 2 && bank.size(0) > 0 &&
               bank.size(0) < std::numeric_limits<std::int32_t>::max() && options.k > 0)
      << "a bank " << bank.sizes() << " and " << options.k << " neighbours";
  const bool isTiled = bank.is_cpu() && bank.size(0) > kSmallBank;
  if (!isTiled) {
    prepared_ = prepared(bank, options);
  } else if (!options.isEuclidean && hasFastHalfProducts()) {
    half_.emplace(bank);
  }
}

Neighbours NeighbourFinder::find(const Tensor& queries,
                                 const std::stop_token& stop,
                                 const std::function<void(double)>& progress) const {
  torch::NoGradGuard noGrad;
  BARLOW_CHECK(queries.dim() == 2 && bank_.size(1) == queries.size(1))
      << "a bank " << bank_.sizes() << " and queries " << queries.sizes();
  Neighbours found = prepared_.defined() ? byTopK(prepared_, queries, options_, stop, progress)
                     : !queries.is_cpu()
                         ? byTopK(prepared(bank_, options_), queries, options_, stop, progress)
                     : half_ ? byHalves(*half_, bank_, queries, options_, stop, progress)
                             : byTiles(bank_, queries, options_, stop, progress);
  if (options_.isEuclidean && found.index.defined()) {
    measureDistances(bank_, queries, found);
  }
  return found;
}

Neighbours findNeighbours(const Tensor& bank,
                          const Tensor& queries,
                          const NeighbourOptions& options,
                          const std::stop_token& stop,
                          const std::function<void(double)>& progress) {
  return NeighbourFinder(bank, options).find(queries, stop, progress);
}

}  // namespace barlow
