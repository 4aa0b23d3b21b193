#include "core/matrix/dendrogram.h"

#include "core/base/check.h"
#include "core/matrix/order_kernels.h"
#include "core/matrix/similarity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace barlow {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Two leaves, one of each cluster that was joined, and how far apart the clusters were.
struct Join {
  std::int32_t a = 0;
  std::int32_t b = 0;
  float height = 0;
};

// The nearest-neighbour chain algorithm (Benzecri 1982, Juan 1982; surveyed by Murtagh 1983):
// follow nearest neighbours until two are each other's, join them, go on from what is left of the
// chain.
class NeighbourChain {
 public:
  // d: distances [n, n], overwritten.
  NeighbourChain(std::shared_ptr<float[]> d, std::int64_t n)
      : d_(std::move(d)),
        n_(n),
        penalty_(static_cast<std::size_t>(n), 0.0f),
        sizes_(static_cast<std::size_t>(n), 1),
        active_(originalOrder(n)) {}

  Join joinNext() {
    if (chain_.empty()) {
      chain_.push_back(active_.front());
    }
    for (;;) {
      const std::int32_t last = chain_.back();
      const std::int32_t previous = chain_.size() > 1 ? chain_[chain_.size() - 2] : -1;
      const float* row = d_.get() + last * n_;
      const float smallest = smallestPenalized(row, penalty_.data(), n_);
      // Among equally near ones the previous: otherwise the chain could run in circles.
      if (previous >= 0 && row[previous] <= smallest) {
        chain_.resize(chain_.size() - 2);
        join(last, previous);
        return {last, previous, smallest};
      }
      chain_.push_back(first(row, smallest));
    }
  }

 private:
  std::int32_t first(const float* row, float value) const {
    for (const std::int32_t k : active_) {
      if (row[k] + penalty_[static_cast<std::size_t>(k)] == value) {
        return k;
      }
    }
    BARLOW_CHECK(false) << "no neighbour at " << value;
    return -1;
  }

  // The new cluster takes the place of `kept`. A mean never outside the two distances keeps the
  // chain valid in spite of rounding.
  void join(std::int32_t gone, std::int32_t kept) {
    const auto goneSize = static_cast<float>(sizes_[static_cast<std::size_t>(gone)]);
    const auto keptSize = static_cast<float>(sizes_[static_cast<std::size_t>(kept)]);
    const float all = goneSize + keptSize;
    float* row = d_.get() + kept * n_;
    mixed_.resize(static_cast<std::size_t>(n_));
    mixRows(d_.get() + gone * n_, goneSize / all, row, keptSize / all, n_, mixed_.data());
    std::copy(mixed_.begin(), mixed_.end(), row);
    row[kept] = kInfinity;
    active_.erase(std::lower_bound(active_.begin(), active_.end(), gone));
    penalty_[static_cast<std::size_t>(gone)] = kInfinity;
    for (const std::int32_t k : active_) {
      if (k != kept) {
        d_[k * n_ + kept] = row[k];
      }
    }
    sizes_[static_cast<std::size_t>(kept)] += sizes_[static_cast<std::size_t>(gone)];
  }

  std::shared_ptr<float[]> d_;
  std::int64_t n_;
  std::vector<float> penalty_;  // infinity for what is part of another cluster
  std::vector<std::int32_t> sizes_;
  Order active_;  // ascending
  std::vector<std::int32_t> chain_;
  std::vector<float> mixed_;
};

class UnionFind {
 public:
  explicit UnionFind(std::int64_t size) : parents_(originalOrder(size)) {}
  std::int32_t find(std::int32_t x) {
    while (parent(x) != x) {
      parent(x) = parent(parent(x));
      x = parent(x);
    }
    return x;
  }
  void attach(std::int32_t child, std::int32_t root) { parent(child) = root; }

 private:
  std::int32_t& parent(std::int32_t x) { return parents_[static_cast<std::size_t>(x)]; }
  Order parents_;
};

// From lowest to highest, with the numbers of clusters instead of leaves.
Dendrogram asTree(std::vector<Join> joins, std::int64_t leaves) {
  std::stable_sort(
      joins.begin(), joins.end(), [](const Join& a, const Join& b) { return a.height < b.height; });
  Dendrogram tree{.leaves = leaves, .merges = {}};
  UnionFind roots(2 * leaves);
  std::vector<std::int32_t> sizes(static_cast<std::size_t>(2 * leaves), 1);
  for (const Join& join : joins) {
    const std::int32_t a = roots.find(join.a);
    const std::int32_t b = roots.find(join.b);
    const auto made = static_cast<std::int32_t>(leaves + std::ssize(tree.merges));
    const std::int32_t size =
        sizes[static_cast<std::size_t>(a)] + sizes[static_cast<std::size_t>(b)];
    sizes[static_cast<std::size_t>(made)] = size;
    roots.attach(a, made);
    roots.attach(b, made);
    tree.merges.push_back({std::min(a, b), std::max(a, b), join.height, size});
  }
  return tree;
}

}  // namespace

std::optional<Dendrogram> clusterDimensions(const Matrix& c, const JobControl& control) {
  constexpr double kBegin = 0.1;
  const std::shared_ptr<float[]> d = similarity(c, control, {0, kBegin});
  if (d == nullptr) {
    return std::nullopt;
  }
  const std::int64_t n = c.rows();
  for (std::int64_t i = 0; i < n; ++i) {
    float* row = d.get() + i * n;
    for (std::int64_t j = 0; j < n; ++j) {
      row[j] = 1 - row[j];
    }
    row[i] = kInfinity;
  }
  NeighbourChain chain(d, n);
  std::vector<Join> joins;
  for (std::int64_t step = 1; step < n; ++step) {
    if (control.stop.stop_requested()) {
      return std::nullopt;
    }
    joins.push_back(chain.joinNext());
    if (control.progress && step % 64 == 0) {
      // What is left to look at falls with every join.
      const double left = 1 - static_cast<double>(step) / static_cast<double>(n);
      control.progress(kBegin + (1 - kBegin) * (1 - left * left));
    }
  }
  return asTree(std::move(joins), n);
}

Order leafOrder(const Dendrogram& tree) {
  Order order;
  if (tree.leaves == 0) {
    return order;
  }
  std::vector<std::int32_t> open = {
      static_cast<std::int32_t>(tree.leaves + std::ssize(tree.merges) - 1)};
  while (!open.empty()) {
    const std::int32_t node = open.back();
    open.pop_back();
    if (node < tree.leaves) {
      order.push_back(node);
      continue;
    }
    const Merge& merge = tree.merges[static_cast<std::size_t>(node - tree.leaves)];
    open.push_back(merge.right);
    open.push_back(merge.left);
  }
  return order;
}

std::int64_t clustersAtHeight(const Dendrogram& tree, float height) {
  const auto above =
      std::partition_point(tree.merges.begin(), tree.merges.end(), [&](const Merge& merge) {
        return merge.height <= height;
      });
  return tree.leaves - (above - tree.merges.begin());
}

std::vector<ClusterBlock> cutIntoClusters(const Dendrogram& tree, std::int64_t clusters) {
  BARLOW_CHECK(clusters >= 1 && clusters <= tree.leaves)
      << clusters << " clusters of " << tree.leaves << " dimensions";
  const std::int64_t kept = tree.leaves - clusters;  // merges that stay
  std::vector<ClusterBlock> blocks;
  std::vector<std::int32_t> open = {
      static_cast<std::int32_t>(tree.leaves + std::ssize(tree.merges) - 1)};
  std::int64_t place = 0;
  while (!open.empty()) {
    const std::int32_t node = open.back();
    open.pop_back();
    const std::int64_t index = node - tree.leaves;
    if (index >= kept) {
      open.push_back(tree.merges[static_cast<std::size_t>(index)].right);
      open.push_back(tree.merges[static_cast<std::size_t>(index)].left);
      continue;
    }
    ClusterBlock block{.first = place, .count = 1};
    if (index >= 0) {
      block.count = tree.merges[static_cast<std::size_t>(index)].size;
      block.height = tree.merges[static_cast<std::size_t>(index)].height;
    }
    place += block.count;
    blocks.push_back(block);
  }
  return blocks;
}

std::optional<std::vector<ClusterRow>> clusterTable(const Matrix& c,
                                                    const Order& order,
                                                    const std::vector<ClusterBlock>& blocks,
                                                    const JobControl& control) {
  BARLOW_CHECK(c.isSquare() && isOrderOf(order, c.rows())) << "not an order of this matrix";
  std::vector<ClusterRow> table;
  for (const ClusterBlock& block : blocks) {
    BARLOW_CHECK(block.first >= 0 && block.first + block.count <= c.rows())
        << "block " << block.first << " + " << block.count << " of " << c.rows();
    ClusterRow row{.block = block};
    const auto begin = order.begin() + block.first;
    double diagonal = 0;
    double sum = 0;
    std::int64_t diagonals = 0;
    std::int64_t pairs = 0;
    float strongest = -1;
    for (auto i = begin; i != begin + block.count; ++i) {
      if (control.stop.stop_requested()) {
        return std::nullopt;
      }
      if (!std::isnan(c.at(*i, *i))) {
        diagonal += c.at(*i, *i);
        ++diagonals;
      }
      for (auto j = begin; j != begin + block.count; ++j) {
        const float both = std::abs(c.at(*i, *j) + c.at(*j, *i)) / 2;
        if (i == j || std::isnan(both)) {
          continue;
        }
        sum += both;
        ++pairs;
        if (std::abs(c.at(*i, *j)) > strongest) {
          strongest = std::abs(c.at(*i, *j));
          row.strongestPair = {*i, *j};
        }
      }
    }
    row.meanDiagonal =
        diagonals > 0 ? static_cast<float>(diagonal / static_cast<double>(diagonals)) : 0.0f;
    row.meanSimilarity = pairs > 0 ? static_cast<float>(sum / static_cast<double>(pairs)) : 0.0f;
    table.push_back(row);
  }
  return table;
}

}  // namespace barlow
