#include "core/matrix/duplicates.h"

#include "core/base/rng.h"
#include "core/matrix/correlate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace barlow {
namespace {

// Columns in groups: all of a group say the same but for noise, every other one with its sign
// turned.
Matrix grouped(std::int64_t n, std::int64_t d, std::int64_t groups, double noise, int seed) {
  Rng rng(static_cast<std::uint64_t>(seed));
  std::vector<double> sources(static_cast<std::size_t>(n * groups));
  for (double& value : sources) {
    value = rng.uniform(-1, 1);
  }
  return Matrix::generated(n, d, [&](std::int64_t i, std::int64_t j) {
    const double source = sources[static_cast<std::size_t>(i * groups + j % groups)];
    return static_cast<float>((j / groups % 2 == 0 ? 1 : -1) * source + noise * rng.uniform(-1, 1));
  });
}

// The definition, pair by pair.
DuplicateDimensions defined(const Matrix& standard, double divisor, float least) {
  DuplicateDimensions all;
  for (std::int64_t i = 0; i < standard.columns(); ++i) {
    for (std::int64_t j = i + 1; j < standard.columns(); ++j) {
      double sum = 0;
      for (std::int64_t n = 0; n < standard.rows(); ++n) {
        sum += static_cast<double>(standard.at(n, i)) * standard.at(n, j);
      }
      const auto value = static_cast<float>(sum / divisor);
      if (std::abs(value) >= least) {
        all.strongest.push_back({{i, j}, value});
        ++all.count;
      }
    }
  }
  return all;
}

struct DuplicatesCase {
  const char* name;
  std::int64_t n;
  std::int64_t d;
  std::int64_t groups;
  double noise;
};
class Duplicates : public testing::TestWithParam<DuplicatesCase> {};

TEST_P(Duplicates, AreThoseOfTheDefinition) {
  const DuplicatesCase& c = GetParam();
  for (const auto how : {Standardization::BatchNorm, Standardization::Hsic}) {
    const Matrix standard = standardized(grouped(c.n, c.d, c.groups, c.noise, 3), how);
    const auto n = static_cast<double>(c.n);
    const auto expected = defined(standard, how == Standardization::Hsic ? n - 1 : n, 0.99f);
    for (const int threads : {1, 2}) {
      const auto found = findDuplicates(standard, how, 0.99f, 1'000'000, {.threads = threads});
      ASSERT_TRUE(found);
      EXPECT_EQ(found->count, expected.count);
      std::vector<CellIndex> cells;
      for (std::size_t k = 0; k < found->strongest.size(); ++k) {
        const RankedCell& cell = found->strongest[k];
        cells.push_back(cell.cell);
        if (k > 0) {
          EXPECT_GE(std::abs(found->strongest[k - 1].value), std::abs(cell.value));
        }
      }
      std::sort(cells.begin(), cells.end());
      std::vector<CellIndex> all;
      for (const RankedCell& cell : expected.strongest) {
        all.push_back(cell.cell);
      }
      EXPECT_EQ(cells, all);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Matrix,
                         Duplicates,
                         testing::Values(DuplicatesCase{"fewPairs", 128, 200, 180, 0.01},
                                         DuplicatesCase{"nearTheLimit", 96, 120, 40, 0.1},
                                         DuplicatesCase{"fewRows", 5, 40, 30, 0.02},
                                         DuplicatesCase{"manyRows", 1500, 60, 50, 0.05},
                                         DuplicatesCase{"collapsed", 64, 150, 2, 0.02}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(DuplicateDimensionsTest, KeepTheStrongestOfManyAndCountAll) {
  const Matrix standard = standardized(grouped(64, 150, 1, 0.05, 5));
  const auto all = findDuplicates(standard, Standardization::BatchNorm, 0.99f, 1'000'000);
  const auto some = findDuplicates(standard, Standardization::BatchNorm, 0.99f, 7);
  ASSERT_TRUE(all && some);
  EXPECT_GT(all->count, 2000) << "of a collapsed view nearly all";
  EXPECT_EQ(some->count, all->count);
  ASSERT_EQ(some->strongest.size(), 7u);
  for (std::size_t k = 0; k < 7; ++k) {
    EXPECT_EQ(some->strongest[k].cell, all->strongest[k].cell);
  }
}

TEST(DuplicateDimensionsTest, LeaveOutColumnsThatAreNotFinite) {
  Matrix z = grouped(32, 8, 2, 0, 1);
  const Matrix withNan = Matrix::generated(32, 8, [&](std::int64_t i, std::int64_t j) {
    return j == 4 && i == 3 ? std::numeric_limits<float>::quiet_NaN() : z.at(i, j);
  });
  const auto found = findDuplicates(standardized(withNan), Standardization::BatchNorm, 0.99f, 1000);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->count, 3 + 6) << "groups of three and of four";
}

TEST(DuplicateDimensionsTest, EndWhenStopped) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(findDuplicates(standardized(grouped(32, 8, 2, 0, 1)),
                              Standardization::BatchNorm,
                              0.99f,
                              10,
                              {.stop = stop.get_token()}));
}

}  // namespace
}  // namespace barlow
