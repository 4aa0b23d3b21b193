#include "core/matrix/dendrogram.h"

#include "core/base/check.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

namespace barlow {
namespace {

// The matrix of make_golden_matrix.py.
Matrix goldenMatrix() {
  return Matrix::generated(60, 60, [](std::int64_t i, std::int64_t j) {
    const bool isSame = i * 7 % 6 == j * 7 % 6;
    const auto x = static_cast<double>(i);
    const auto y = static_cast<double>(j);
    return i == j ? 1.0f
                  : static_cast<float>((isSame ? 0.4 : 0.05) +
                                       0.3 * std::sin(1.3 * x + 0.37 * y + 0.11 * x * y));
  });
}

nlohmann::json golden() {
  std::ifstream file(std::filesystem::path(BARLOW_TEST_SOURCE_DATA) / "golden" / "linkage.json");
  return nlohmann::json::parse(file);
}

TEST(ClusterDimensions, GivesTheTreeOfScipy) {
  const auto tree = clusterDimensions(goldenMatrix());
  ASSERT_TRUE(tree.has_value());
  const nlohmann::json expected = golden();
  ASSERT_EQ(tree->merges.size(), 59u);
  for (std::size_t m = 0; m < 59; ++m) {
    const Merge& merge = tree->merges[m];
    EXPECT_EQ(merge.left, expected["linkage"][m][0].get<double>()) << m;
    EXPECT_EQ(merge.right, expected["linkage"][m][1].get<double>()) << m;
    EXPECT_NEAR(merge.height, expected["linkage"][m][2].get<double>(), 1e-6) << m;
    EXPECT_EQ(merge.size, expected["linkage"][m][3].get<double>()) << m;
  }
  EXPECT_EQ(leafOrder(*tree), expected["leaves"].get<Order>());
}

TEST(CutIntoClusters, GivesTheClustersOfScipy) {
  const auto tree = clusterDimensions(goldenMatrix());
  const Order leaves = leafOrder(*tree);
  const nlohmann::json expected = golden();
  for (const int clusters : {2, 5, 6, 17}) {
    const auto labels = expected["labels"][std::to_string(clusters)].get<std::vector<int>>();
    const auto blocks = cutIntoClusters(*tree, clusters);
    ASSERT_EQ(static_cast<int>(blocks.size()), clusters);
    std::set<int> seen;
    std::int64_t place = 0;
    for (const ClusterBlock& block : blocks) {
      EXPECT_EQ(block.first, place);
      const int label = labels[static_cast<std::size_t>(leaves[static_cast<std::size_t>(place)])];
      EXPECT_TRUE(seen.insert(label).second);
      EXPECT_EQ(block.count, std::count(labels.begin(), labels.end(), label));
      for (std::int64_t k = 0; k < block.count; ++k, ++place) {
        EXPECT_EQ(labels[static_cast<std::size_t>(leaves[static_cast<std::size_t>(place)])], label);
      }
    }
    EXPECT_EQ(place, 60);
  }
  EXPECT_THROW(cutIntoClusters(*tree, 0), CheckFailure);
  EXPECT_THROW(cutIntoClusters(*tree, 61), CheckFailure);
}

TEST(ClustersAtHeight, CountsWhatRemains) {
  const auto tree = clusterDimensions(goldenMatrix());
  EXPECT_EQ(clustersAtHeight(*tree, -1), 60);
  EXPECT_EQ(clustersAtHeight(*tree, 2), 1);
  for (std::size_t m = 0; m < tree->merges.size(); ++m) {
    EXPECT_EQ(clustersAtHeight(*tree, tree->merges[m].height), 59 - static_cast<std::int64_t>(m));
  }
}

// Average linkage by its definition: the nearest two of all clusters, distances as means over all
// pairs of leaves.
std::vector<float> heightsByDefinition(const Matrix& c) {
  std::vector<std::vector<std::int64_t>> clusters;
  for (std::int64_t i = 0; i < c.rows(); ++i) {
    clusters.push_back({i});
  }
  std::vector<float> heights;
  while (clusters.size() > 1) {
    double nearest = HUGE_VAL;
    std::size_t left = 0;
    std::size_t right = 0;
    for (std::size_t a = 0; a < clusters.size(); ++a) {
      for (std::size_t b = a + 1; b < clusters.size(); ++b) {
        double sum = 0;
        for (const std::int64_t i : clusters[a]) {
          for (const std::int64_t j : clusters[b]) {
            sum += 1 - std::abs(static_cast<double>(c.at(i, j)) + c.at(j, i)) / 2;
          }
        }
        sum /= static_cast<double>(clusters[a].size() * clusters[b].size());
        if (sum < nearest) {
          nearest = sum;
          left = a;
          right = b;
        }
      }
    }
    heights.push_back(static_cast<float>(nearest));
    clusters[left].insert(clusters[left].end(), clusters[right].begin(), clusters[right].end());
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(right));
  }
  return heights;
}

TEST(ClusterDimensions, MergesWhatIsNearest) {
  for (const std::int64_t side : {2, 3, 9, 33, 48}) {
    const Matrix c = randomMatrix(side, side, static_cast<std::uint64_t>(side), 0.9);
    const auto tree = clusterDimensions(c);
    const std::vector<float> expected = heightsByDefinition(c);
    ASSERT_EQ(tree->merges.size(), expected.size());
    for (std::size_t m = 0; m < expected.size(); ++m) {
      EXPECT_NEAR(tree->merges[m].height, expected[m], 2e-6) << side << ", " << m;
    }
    EXPECT_TRUE(isOrderOf(leafOrder(*tree), side));
    EXPECT_EQ(tree->merges.back().size, side);
  }
}

TEST(ClusterDimensions, EndsWithTiesAndWithValuesThatAreNotFinite) {
  for (const Matrix& c :
       {identityMatrix(50),
        Matrix::generated(40, 40, [](std::int64_t, std::int64_t) { return 1.0f; }),
        Matrix::generated(30, 30, [](auto i, auto j) { return i == j ? 1.0f : std::nanf(""); }),
        Matrix::generated(
            30, 30, [](auto i, auto j) { return (i + j) % 2 == 0 ? HUGE_VALF : 0.5f; }),
        Matrix::generated(
            60, 60, [](auto i, auto j) { return static_cast<float>((i * j) % 4) / 4; })}) {
    const auto tree = clusterDimensions(c);
    ASSERT_TRUE(tree.has_value());
    EXPECT_EQ(static_cast<std::int64_t>(tree->merges.size()), c.rows() - 1);
    EXPECT_TRUE(isOrderOf(leafOrder(*tree), c.rows()));
    EXPECT_TRUE(std::is_sorted(tree->merges.begin(),
                               tree->merges.end(),
                               [](const Merge& a, const Merge& b) { return a.height < b.height; }));
  }
}

TEST(ClusterDimensions, TakesOneDimensionAndNone) {
  const auto one = clusterDimensions(identityMatrix(1));
  EXPECT_EQ(leafOrder(*one), Order{0});
  EXPECT_EQ(cutIntoClusters(*one, 1), (std::vector<ClusterBlock>{{.first = 0, .count = 1}}));
  EXPECT_TRUE(leafOrder(*clusterDimensions(Matrix())).empty());
}

TEST(ClusterDimensions, StopsAndReports) {
  std::stop_source stop;
  double share = 0;
  const auto tree = clusterDimensions(randomMatrix(300, 300, 1),
                                      {.stop = stop.get_token(), .progress = [&](double now) {
                                         EXPECT_GE(now, share);
                                         share = now;
                                         if (now > 0.5) {
                                           stop.request_stop();
                                         }
                                       }});
  EXPECT_FALSE(tree.has_value());
  EXPECT_GT(share, 0.5);
  EXPECT_LT(share, 1.0);
}

TEST(ClusterTable, DescribesEachBlock) {
  // Two groups of three, one stranger.
  const Matrix c = Matrix::generated(7, 7, [](std::int64_t i, std::int64_t j) {
    return i == j                               ? 0.9f
           : i == 4 && j == 0                   ? -0.8f
           : i != 6 && j != 6 && i % 2 == j % 2 ? (i % 2 == 0 ? -0.6f : 0.5f)
                                                : 0.0f;
  });
  const auto tree = clusterDimensions(c);
  const Order order = leafOrder(*tree);
  const auto table = *clusterTable(c, order, cutIntoClusters(*tree, 3));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(clusterTable(c, order, cutIntoClusters(*tree, 3), {.stop = stop.get_token()}));
  ASSERT_EQ(table.size(), 3u);
  for (const ClusterRow& row : table) {
    EXPECT_NEAR(row.meanDiagonal, 0.9, 1e-6);
    const std::int32_t member = order[static_cast<std::size_t>(row.block.first)];
    if (member == 6) {
      EXPECT_EQ(row.block.count, 1);
      EXPECT_EQ(row.strongestPair, (CellIndex{-1, -1}));
      EXPECT_EQ(row.meanSimilarity, 0);
    } else if (member % 2 == 0) {
      EXPECT_EQ(row.block.count, 3);
      EXPECT_EQ(row.strongestPair, (CellIndex{4, 0}));
      EXPECT_NEAR(row.meanSimilarity, (0.7 + 0.6 + 0.6) / 3, 1e-6);
    } else {
      EXPECT_NEAR(row.meanSimilarity, 0.5, 1e-6);
    }
  }
}

}  // namespace
}  // namespace barlow
