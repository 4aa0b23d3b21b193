#include "core/matrix/matrix_text.h"

#include "core/base/check.h"
#include "core/matrix/derive.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <sstream>
#include <string>
#include <utility>

namespace barlow {
namespace {

std::vector<std::vector<std::string>> tableOf(const std::string& text, char separator) {
  std::vector<std::vector<std::string>> table;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    table.emplace_back();
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, separator);) {
      table.back().push_back(field);
    }
  }
  return table;
}

std::string written(const Matrix& matrix, const CellText& what) {
  std::string text;
  EXPECT_TRUE(writeCells(matrix, what, [&](std::string_view piece) { text += piece; }));
  return text;
}

TEST(MatrixText, CellsReadBackAsTheSameFloats) {
  // Wider than one piece of text.
  const Matrix matrix = randomMatrix(300, 400, 3, 1e-3);
  std::vector<std::int32_t> rows{299, 0, 17};
  std::vector<std::int32_t> columns;
  for (std::int32_t k = 399; k >= 0; --k) {
    columns.push_back(k);
  }
  const auto table = tableOf(written(matrix, {.rows = rows, .columns = columns, .order = {}}), ',');
  ASSERT_EQ(table.size(), rows.size() + 1);
  for (std::size_t i = 0; i <= rows.size(); ++i) {
    ASSERT_EQ(table[i].size(), columns.size() + 1);
  }
  EXPECT_EQ(table[0][1], "399");
  EXPECT_EQ(table[1][0], "299");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const float value = std::stof(table[i + 1][j + 1]);
      ASSERT_EQ(value, matrix.at(rows[i], columns[j])) << rows[i] << ", " << columns[j];
    }
  }
}

TEST(MatrixText, LabelsAreDimensionsNotPlaces) {
  const Matrix matrix =
      Matrix::generated(3, 3, [](auto i, auto j) { return static_cast<float>(10 * i + j); });
  EXPECT_EQ(
      written(matrix, {.rows = {0, 2}, .columns = {1}, .order = {7, 5, 6}, .separator = '\t'}),
      "dimension\t5\n7\t1\n6\t21\n");
}

TEST(MatrixText, SpecialValuesAreWords) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float values[] = {std::nanf(""), -std::nanf(""), infinity, -infinity, 0};
  const Matrix matrix = Matrix::generated(
      1, 5, [&](std::int64_t, std::int64_t j) { return values[static_cast<std::size_t>(j)]; });
  EXPECT_EQ(written(matrix, {.rows = {0}, .columns = {0, 1, 2, 3, 4}, .order = {}}),
            "dimension,0,1,2,3,4\n0,nan,nan,inf,-inf,0\n");
}

TEST(MatrixText, StopsAndRefuses) {
  const Matrix matrix = randomMatrix(4, 4, 1);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(writeCells(matrix,
                          {.rows = {0, 1}, .columns = {0}, .order = {}},
                          [](std::string_view) {},
                          {.stop = stop.get_token()}));
  EXPECT_THROW(written(matrix, {.rows = {4}, .columns = {0}, .order = {}}), CheckFailure);
  EXPECT_THROW(written(matrix, {.rows = {0}, .columns = {-1}, .order = {}}), CheckFailure);
}

TEST(MatrixText, PairsCarryBothDirections) {
  const Matrix matrix = Matrix::generated(
      3, 3, [](auto i, auto j) { return static_cast<float>(i) - 0.25f * static_cast<float>(j); });
  const std::vector<RankedCell> pairs = {{{2, 0}, 2.0f}, {{1, 2}, 0.5f}};
  std::string text;
  const auto collect = [&](std::string_view piece) { text += piece; };
  writePairs(matrix, pairs, {}, ',', collect);
  EXPECT_EQ(text, "i,j,c_ij,c_ji\n2,0,2,-0.5\n1,2,0.5,1.75\n");

  const Order order{2, 0, 1};
  const std::string plain = std::exchange(text, "");
  writePairs(*arranged(matrix, order, order), pairs, order, ',', collect);
  EXPECT_EQ(text, plain) << "an order changes places, not pairs";

  text.clear();
  writePairs(Matrix::generated(3, 4, [](auto, auto) { return 0.5f; }), pairs, {}, '\t', collect);
  EXPECT_EQ(text, "i\tj\tc_ij\tc_ji\n2\t0\t2\t\n1\t2\t0.5\t\n");
}

}  // namespace
}  // namespace barlow
