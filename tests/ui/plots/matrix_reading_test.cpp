#include "ui/plots/matrix_reading.h"

#include "tests/core/matrix/random_matrix.h"
#include "ui/plots/matrix_profiles.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace barlow::ui {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

MatrixFrame frameAt(const MatrixPyramid& pyramid, const MatrixPlace& place) {
  return {{.rows = pyramid.matrix().rows(),
           .columns = pyramid.matrix().columns(),
           .available = {50, 40, 300, 240},
           .ratio = 1.5},
          place};
}

class MatrixReadings : public testing::Test {
 protected:
  std::shared_ptr<const MatrixPyramid> pyramid =
      MatrixPyramid::build(randomMatrix(1500, 1500, 5, 0.7));
  std::shared_ptr<const MatrixStatistics> statistics = computeStatistics(pyramid->matrix());
  MatrixScene scene{.first = pyramid};
  MatrixLabels labels;
  Rng rng{12};
};

TEST_F(MatrixReadings, GiveTheSourceCellAtAnyZoom) {
  int pooled = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const MatrixFrame frame = frameAt(*pyramid,
                                      {.row = rng.uniform(0, 1500),
                                       .column = rng.uniform(0, 1500),
                                       .cellsPerPixel = std::pow(2.0, rng.uniform(-4, 3))});
    const QRectF area = frame.area();
    const QPointF at(rng.uniform(area.left(), area.right()),
                     rng.uniform(area.top(), area.bottom()));
    const auto reading = readingAt(scene, frame, labels, statistics.get(), at);
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->value, pyramid->matrix().checkedAt(reading->place));
    EXPECT_GE(reading->place.row, reading->pixel.firstRow);
    EXPECT_LE(reading->place.row, reading->pixel.lastRow);
    EXPECT_GE(reading->place.column, reading->pixel.firstColumn);
    EXPECT_LE(reading->place.column, reading->pixel.lastColumn);
    for (auto i = reading->pixel.firstRow; i <= reading->pixel.lastRow; ++i) {
      for (auto j = reading->pixel.firstColumn; j <= reading->pixel.lastColumn; ++j) {
        EXPECT_LE(std::abs(pyramid->matrix().at(i, j)), std::abs(reading->value));
      }
    }
    EXPECT_EQ(reading->percentile, statistics->magnitudes.shareBelow(reading->value));
    if (reading->place.row != reading->place.column) {
      EXPECT_EQ(reading->mirrored, pyramid->matrix().at(reading->place.column, reading->place.row));
    }
    pooled += reading->pixel.isPooled() ? 1 : 0;
    if (!reading->pixel.isPooled()) {
      const QPointF source = frame.sourceAt(at);
      EXPECT_NEAR(static_cast<double>(reading->place.row) + 0.5, source.y(), 0.5 + 1);
    }
  }
  EXPECT_GT(pooled, 50);
  EXPECT_LT(pooled, 250);
}

TEST_F(MatrixReadings, AreNoneBesideTheMatrixAndOnAHiddenDiagonal) {
  const MatrixFrame frame = frameAt(*pyramid, {.row = 8, .column = 8, .cellsPerPixel = 0.05});
  EXPECT_FALSE(readingAt(scene, frame, labels, nullptr, {10, 100}));
  EXPECT_FALSE(
      readingAt(scene, frame, labels, nullptr, frame.area().bottomRight() + QPointF(1, 0)));
  EXPECT_TRUE(readingAt(scene, frame, labels, nullptr, frame.centerOf({8, 8})));
  scene.settings.diagonal = DiagonalStyle::Hidden;
  EXPECT_FALSE(readingAt(scene, frame, labels, nullptr, frame.centerOf({8, 8})));
  EXPECT_TRUE(readingAt(scene, frame, labels, nullptr, frame.centerOf({8, 9})));
  EXPECT_FALSE(readingAt({}, frame, labels, nullptr, frame.centerOf({8, 9})));
}

TEST_F(MatrixReadings, NameTheDimensionsOfAnOrder) {
  auto order = std::make_shared<Order>(originalOrder(1500));
  std::reverse(order->begin(), order->end());
  labels = {.rows = order, .columns = order};
  const MatrixReading reading = readingOf(scene, labels, nullptr, {10, 20});
  EXPECT_EQ(reading.cell, (CellIndex{1489, 1479}));
  EXPECT_EQ(reading.place, (CellIndex{10, 20}));
  EXPECT_TRUE(readingText(reading, {.value = "C", .isReordered = true})
                  .startsWith("row 1489, column 1479 · place 10, 20 · C = "));
}

TEST_F(MatrixReadings, CompareBothMatrices) {
  const auto other = MatrixPyramid::build(randomMatrix(1500, 1500, 6));
  scene.second = other;
  scene.compare = MatrixCompare::SplitVertical;
  const MatrixFrame frame = frameAt(*pyramid, {.row = 8, .column = 8, .cellsPerPixel = 0.05});
  const auto left =
      readingAt(scene, frame, labels, nullptr, frame.area().topLeft() + QPointF(5, 5));
  const auto right =
      readingAt(scene, frame, labels, nullptr, frame.area().topRight() + QPointF(-5, 5));
  ASSERT_TRUE(left && right);
  EXPECT_EQ(left->value, pyramid->matrix().checkedAt(left->place));
  EXPECT_EQ(left->other, other->matrix().checkedAt(left->place));
  EXPECT_EQ(right->value, other->matrix().checkedAt(right->place));
  EXPECT_EQ(right->other, pyramid->matrix().checkedAt(right->place));
  EXPECT_TRUE(right->isOfSecond);
  const QString text = readingText(*right, {.value = "C", .first = "old", .second = "new"});
  EXPECT_TRUE(
      text.contains(" · old: " + valueText(*right->other) + " · new: " + valueText(right->value)))
      << text.toStdString();
  EXPECT_FALSE(text.contains("C = ")) << text.toStdString();
}

TEST(ReadingText, SaysOneCell) {
  const MatrixReading reading{
      .place = {12, 40},
      .cell = {12, 40},
      .pixel = {.firstRow = 12, .lastRow = 12, .firstColumn = 40, .lastColumn = 40},
      .value = 0.831f,
      .mirrored = 0.79f,
      .percentile = 0.9934};
  EXPECT_EQ(readingText(reading, {.value = "C"}),
            "row 12, column 40 · C = 0.831 · C_ji = 0.790 · above 99.3 % of |C|");
}

TEST(ReadingText, SaysWhatIsBehindAPooledCell) {
  MatrixReading reading{.place = {9, 41},
                        .cell = {9, 41},
                        .pixel = {.level = 2,
                                  .firstRow = 8,
                                  .lastRow = 11,
                                  .firstColumn = 40,
                                  .lastColumn = 43,
                                  .value = 0.02f},
                        .value = -0.21f};
  EXPECT_EQ(readingText(reading, {.value = "C"}),
            "rows 8-11, columns 40-43 · strongest C[9, 41] = -0.210");
  EXPECT_EQ(readingText(reading, {.value = "C", .reduction = Reduction::Mean}),
            "rows 8-11, columns 40-43 · mean C = 0.020 · strongest C[9, 41] = -0.210");
  reading.cell = {700, 3};
  EXPECT_EQ(readingText(reading, {.value = "C", .isReordered = true}),
            "places 8-11, 40-43 · strongest C[700, 3] = -0.210");
}

TEST(ReadingText, NeverRoundsToAllOrNothing) {
  MatrixReading reading{.value = 1, .percentile = 0.999999};
  EXPECT_TRUE(readingText(reading, {.value = "C"}).endsWith("above 99.999 % of |C|"));
  reading.percentile = 1;
  EXPECT_TRUE(readingText(reading, {.value = "C"}).endsWith("above 100.0 % of |C|"));
}

TEST(ValueText, KeepsWhatSaysSomething) {
  EXPECT_EQ(valueText(0), "0.000");
  EXPECT_EQ(valueText(-0.25f), "-0.250");
  EXPECT_EQ(valueText(0.0000125f), "1.25e-05");
  EXPECT_EQ(valueText(123456), "1.23e+05");
  EXPECT_EQ(valueText(std::nanf("")), "NaN");
  EXPECT_EQ(valueText(kInfinity), "∞");
  EXPECT_EQ(valueText(-kInfinity), "-∞");
}

TEST(MatrixProfiles, ShowTheStrongestCellOfEachPixel) {
  const auto pyramid = MatrixPyramid::build(randomMatrix(900, 1200, 8, 0.9));
  const Matrix& matrix = pyramid->matrix();
  for (const double scale : {0.1, 1.0, 2.7}) {
    const MatrixFrame frame =
        frameAt(*pyramid, {.row = 400, .column = 500, .cellsPerPixel = scale});
    const std::vector<float> row = rowProfile(matrix, frame, 123, false);
    ASSERT_EQ(row.size(), static_cast<std::size_t>(std::ceil(frame.area().width())));
    const std::vector<float> column = columnProfile(matrix, frame, 321, false);
    ASSERT_EQ(column.size(), static_cast<std::size_t>(std::ceil(frame.area().height())));
    float strongest = 0;
    for (const float value : row) {
      strongest = std::max(strongest, std::abs(value));
    }
    const QRectF cells = frame.visibleCells();
    float expected = 0;
    for (auto j = static_cast<std::int64_t>(std::ceil(cells.left()));
         j < static_cast<std::int64_t>(std::floor(cells.right()));
         ++j) {
      expected = std::max(expected, std::abs(matrix.at(123, j)));
    }
    EXPECT_GE(strongest, expected) << "no peak is lost at scale " << scale;
    if (scale < 1) {
      for (int x = 0; x < static_cast<int>(row.size()); ++x) {
        const double source = frame.viewport().column + (x + 0.5) * scale;
        EXPECT_EQ(row[static_cast<std::size_t>(x)],
                  matrix.at(123, static_cast<std::int64_t>(source)));
      }
    }
  }
}

TEST(MatrixProfiles, LeaveOutAHiddenDiagonalAndNan) {
  const auto pyramid = MatrixPyramid::build(Matrix::generated(4, 4, [](auto i, auto j) {
    return i == j ? 1.0f : j == 3 ? std::nanf("") : 0.25f;
  }));
  const MatrixFrame frame = frameAt(*pyramid, {.row = 2, .column = 2, .cellsPerPixel = 0.01});
  const std::vector<float> shown = rowProfile(pyramid->matrix(), frame, 1, false);
  const std::vector<float> hidden = rowProfile(pyramid->matrix(), frame, 1, true);
  const auto at = [&](std::int64_t column) {
    return static_cast<std::size_t>(frame.centerOf({1, column}).x() - frame.area().left());
  };
  EXPECT_EQ(shown[at(1)], 1.0f);
  EXPECT_TRUE(std::isnan(hidden[at(1)]));
  EXPECT_EQ(hidden[at(2)], 0.25f);
  EXPECT_EQ(columnProfile(pyramid->matrix(), frame, 1, false).size(), 240u);
}

}  // namespace
}  // namespace barlow::ui
