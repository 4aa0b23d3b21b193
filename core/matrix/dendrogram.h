#pragma once

#include "core/base/job_control.h"
#include "core/matrix/matrix.h"
#include "core/matrix/order.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace barlow {

/// One row of a linkage matrix, as scipy.cluster.hierarchy has it: leaves are 0 to D - 1, the
/// cluster that merge m makes is D + m.
struct Merge {
  std::int32_t left = 0;  // the smaller number
  std::int32_t right = 0;
  float height = 0;       // distance of the two
  std::int32_t size = 0;  // leaves of the new cluster
  bool operator==(const Merge&) const = default;
};

/// Merges from the lowest to the highest.
struct Dendrogram {
  std::int64_t leaves = 0;
  std::vector<Merge> merges;  // leaves - 1
};

/// Average linkage of the dimensions on the distance 1 - |C + C^T| / 2 (1 for cells that are not
/// finite), by nearest-neighbour chains: O(D^2) time, and memory of another matrix. Distances are
/// float32; the same matrix always gives the same tree. Nothing after a stop. Throws as
/// similarity() does.
std::optional<Dendrogram> clusterDimensions(const Matrix& c, const JobControl& control = {});

/// Leaves from left to right (scipy's leaves_list): every cluster is a run of neighbours.
Order leafOrder(const Dendrogram& tree);

/// How many clusters remain when merges above this height are undone.
std::int64_t clustersAtHeight(const Dendrogram& tree, float height);

/// A cluster as a block on the diagonal of the matrix in leaf order.
struct ClusterBlock {
  std::int64_t first = 0;  // place of its first leaf in leafOrder
  std::int64_t count = 0;
  float height = 0;  // of its last merge; 0 for a single leaf
  bool operator==(const ClusterBlock&) const = default;
};
/// The `clusters` clusters (1 to D) that remain when the highest merges are undone, from left to
/// right. Throws CheckFailure outside the range.
std::vector<ClusterBlock> cutIntoClusters(const Dendrogram& tree, std::int64_t clusters);

/// A row of the cluster table.
struct ClusterRow {
  ClusterBlock block;
  float meanDiagonal = 0;           // of its C_ii
  float meanSimilarity = 0;         // mean |C_ij + C_ji| / 2 of its pairs; 0 for a single dimension
  CellIndex strongestPair{-1, -1};  // the off-diagonal cell of largest |C_ij|; -1: none
};
/// `order`: leafOrder of the tree that the blocks come from. NaN is left out.
/// Nothing after a stop.
std::optional<std::vector<ClusterRow>> clusterTable(const Matrix& c,
                                                    const Order& order,
                                                    const std::vector<ClusterBlock>& blocks,
                                                    const JobControl& control = {});

}  // namespace barlow
