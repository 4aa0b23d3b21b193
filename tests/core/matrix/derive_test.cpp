#include "core/matrix/derive.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

template <class Value>
void expectCells(const std::optional<Matrix>& matrix,
                 std::int64_t rows,
                 std::int64_t columns,
                 Value value) {
  ASSERT_TRUE(matrix.has_value());
  ASSERT_EQ(matrix->rows(), rows);
  ASSERT_EQ(matrix->columns(), columns);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      ASSERT_EQ(matrix->at(i, j), value(i, j)) << i << ", " << j;
    }
  }
}

TEST(Derive, ComparesTwoMatrices) {
  const Matrix a = randomMatrix(70, 131, 1, 0.5, {.lambda = 0.1, .name = "a"});
  const Matrix b = randomMatrix(70, 131, 2, 0.5, {.name = "b"});
  const auto plain = difference(a, b);
  expectCells(plain, 70, 131, [&](auto i, auto j) { return a.at(i, j) - b.at(i, j); });
  EXPECT_EQ(plain->origin().name, "a - b");
  EXPECT_EQ(plain->origin().lambda, 0.1);
  expectCells(magnitudeDifference(a, b), 70, 131, [&](auto i, auto j) {
    return std::abs(a.at(i, j)) - std::abs(b.at(i, j));
  });
  EXPECT_THROW(difference(a, randomMatrix(70, 130, 1)), Exception);
}

TEST(Derive, ComparesWithTheTranspose) {
  const Matrix c = randomMatrix(101, 101, 3);
  expectCells(antisymmetricPart(c), 101, 101, [&](auto i, auto j) {
    return 0.5f * (c.at(i, j) - c.at(j, i));
  });
  const Matrix wide = randomMatrix(40, 77, 3);
  expectCells(transposed(wide), 77, 40, [&](auto i, auto j) { return wide.at(j, i); });
  EXPECT_THROW(antisymmetricPart(wide), Exception);
}

TEST(Derive, ArrangesAndSelects) {
  const Matrix c = randomMatrix(5, 6, 4);
  const std::vector<std::int32_t> rows = {4, 0, 2};
  const std::vector<std::int32_t> columns = {5, 5, 1, 0};
  expectCells(arranged(c, rows, columns), 3, 4, [&](auto i, auto j) {
    return c.at(rows[static_cast<std::size_t>(i)], columns[static_cast<std::size_t>(j)]);
  });
  EXPECT_THROW(arranged(c, {5}, {0}), CheckFailure);
  EXPECT_THROW(arranged(c, {0}, {-1}), CheckFailure);
}

TEST(Derive, StopsEverywhere) {
  std::stop_source stop;
  stop.request_stop();
  const JobControl control{.stop = stop.get_token()};
  const Matrix c = identityMatrix(9);
  EXPECT_FALSE(difference(c, c, control).has_value());
  EXPECT_FALSE(antisymmetricPart(c, control).has_value());
  EXPECT_FALSE(transposed(c, control).has_value());
  EXPECT_FALSE(arranged(c, {0}, {0}, control).has_value());
}

}  // namespace
}  // namespace barlow
