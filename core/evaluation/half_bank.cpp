#include "core/evaluation/half_bank.h"

#include "core/base/vector_versions.h"
#include "core/device/parallel_for.h"
#include "core/evaluation/half_bits.h"
#include "core/evaluation/within_reach.h"

#include <ATen/Parallel.h>
#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

constexpr std::int64_t kTileRows = 8192;  // of the bank, which are rounded at a time
constexpr std::int64_t kProductRows = WithinReach::kMostAtOnce;  // of these
constexpr std::int64_t kPartRows = 512;                          // queries

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

// Some rows of the bank without its mean, in half precision.
struct Tile {
  Tensor rows;             // [kTileRows or all, F] bfloat16
  std::int64_t first = 0;  // in the bank
  std::int64_t count = 0;
  float length = 0;  // of the longest row
  float error = 0;   // the most that its product with a unit vector is off by
};

// Rows of the bank from `first` on, as many as the tile takes.
void roundInto(Tile& tile,
               std::int64_t first,
               const Tensor& rows,      // [B, F]
               const Tensor& lengths,   // [B], of rows
               const Tensor& middle) {  // [F]
  const std::int64_t width = rows.size(1);
  const float* bank = rows.const_data_ptr<float>();
  const float* norms = lengths.const_data_ptr<float>();
  const float* center = middle.const_data_ptr<float>();
  tile.first = first;
  tile.count = std::min(kTileRows, rows.size(0) - first);
  auto* bits = static_cast<std::uint16_t*>(tile.rows.mutable_data_ptr());
  std::vector<Rounded> changed(static_cast<std::size_t>(tile.count));
  parallelFor(0, tile.count, 64, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      changed[static_cast<std::size_t>(i)] = roundCentered(
          bank + (first + i) * width, 1 / norms[first + i], center, width, bits + i * width);
    }
  });
  Rounded most;
  for (const Rounded& each : changed) {
    most.length = std::max(most.length, each.length);
    most.change = std::max(most.change, each.change);
  }
  tile.length = std::sqrt(most.length);
  tile.error = 1.01f * std::sqrt(most.change) + 1e-4f;  // and that of the sum
}

// What a tile may hold of the nearest rows of some queries.
void addTile(const Tile& tile,
             const HalfBank::Part& part,
             const Tensor& half,  // [Q, F] bfloat16: all queries
             const Tensor& off,   // [Q]: how far these are from the unit vectors
             Tensor& products,    // room for them
             std::vector<WithinReach>& reach) {
  const float* distances = off.const_data_ptr<float>() + part.first;
  const Tensor queries = half.narrow(0, part.first, part.count);
  for (std::int64_t at = 0; at < tile.count; at += kProductRows) {
    const std::int64_t columns = std::min(kProductRows, tile.count - at);
    products.resize_({part.count, columns});
    torch::mm_out(products, queries, tile.rows.narrow(0, at, columns).t());
    const auto* bits = static_cast<const std::uint16_t*>(products.const_data_ptr());
    for (std::int64_t i = 0; i < part.count; ++i) {
      reach[static_cast<std::size_t>(part.first + i)].add(bits + i * columns,
                                                          static_cast<std::int32_t>(columns),
                                                          tile.first + at,
                                                          tile.length * distances[i] + tile.error);
    }
  }
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
  const Tensor unit = torch::nn::functional::normalize(queries).contiguous();
  const Tensor half = unit.to(torch::kBFloat16);
  const Tensor off = (unit - half.to(torch::kFloat32)).norm(2, {1});
  std::vector<WithinReach> reach(static_cast<std::size_t>(n),
                                 WithinReach(static_cast<std::size_t>(k)));
  const std::int64_t threads = at::get_num_threads();
  const std::int64_t some = std::clamp<std::int64_t>((n + threads - 1) / threads, 16, kPartRows);
  std::vector<Part> parts;
  for (std::int64_t first = 0; first < n; first += some) {
    parts.push_back({first, std::min(some, n - first)});
  }

  Tile tile{.rows = torch::empty({std::min(kTileRows, rows), bank_.size(1)}, torch::kBFloat16)};
  for (std::int64_t first = 0; first < rows; first += kTileRows) {
    roundInto(tile, first, bank_, norms_, center_);
    parallelFor(0, std::ssize(parts), 1, [&](std::int64_t from, std::int64_t to) {
      const torch::NoGradGuard here;
      Tensor products = torch::empty({0}, torch::kBFloat16);
      for (std::int64_t part = from; part < to && !stop.stop_requested(); ++part) {
        addTile(tile, parts[static_cast<std::size_t>(part)], half, off, products, reach);
      }
    });
    if (stop.stop_requested()) {
      return {};
    }
    if (progress) {
      progress(0.9 * static_cast<double>(first + tile.count) / static_cast<double>(rows));
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
  std::erase_if(parts, [&](const Part& part) {
    const auto begin = isFound.begin() + part.first;
    return std::find(begin, begin + part.count, 0) == begin + part.count;
  });
  if (progress) {
    progress(1);
  }
  return parts;
}

}  // namespace barlow
