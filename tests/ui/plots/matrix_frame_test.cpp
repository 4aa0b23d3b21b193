#include "ui/plots/matrix_frame.h"

#include "tests/core/matrix/random_matrix.h"
#include "ui/plots/matrix_axes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace barlow::ui {
namespace {

const std::vector<double> kRatios{1, 1.25, 1.5, 2};

MatrixRoom roomOf(
    std::int64_t rows, std::int64_t columns, double width, double height, double ratio) {
  return {.rows = rows, .columns = columns, .available = {41, 33, width, height}, .ratio = ratio};
}

TEST(MatrixFrame, FittedShowsAllOfItOnWholePixels) {
  Rng rng(5);
  for (const auto& [rows, columns] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {1, 1}, {2, 2}, {7, 7}, {513, 513}, {8192, 8192}, {300, 90}, {64, 2048}}) {
    for (const double ratio : kRatios) {
      const MatrixRoom room =
          roomOf(rows, columns, rng.uniform(150, 900), rng.uniform(150, 900), ratio);
      const MatrixFrame frame(room, room.fitted());
      EXPECT_TRUE(frame.isWhole()) << rows << " x " << columns << " at " << ratio;
      EXPECT_TRUE(room.devicePixels().contains(frame.deviceArea()));
      EXPECT_EQ(frame.viewport().row, 0);
      EXPECT_EQ(frame.viewport().column, 0);
      EXPECT_TRUE(frame.deviceArea().width() == room.devicePixels().width() ||
                  frame.deviceArea().height() == room.devicePixels().height())
          << "as large as it can be";
      const QRectF cells = frame.visibleCells();
      EXPECT_NEAR(cells.height(), static_cast<double>(rows), frame.viewport().cellsPerPixel / 2);
      EXPECT_NEAR(cells.width(), static_cast<double>(columns), frame.viewport().cellsPerPixel / 2);
    }
  }
}

TEST(MatrixFrame, LeavesNoRoomEmptyThatTheMatrixCouldFill) {
  Rng rng(6);
  for (int trial = 0; trial < 500; ++trial) {
    const auto rows = static_cast<std::int64_t>(1 + rng.below(3000));
    const auto columns = static_cast<std::int64_t>(1 + rng.below(3000));
    const double ratio = kRatios[rng.below(kRatios.size())];
    const MatrixRoom room =
        roomOf(rows, columns, rng.uniform(50, 700), rng.uniform(50, 700), ratio);
    const MatrixFrame frame(room,
                            {.row = rng.uniform(-9000, 9000),
                             .column = rng.uniform(-9000, 9000),
                             .cellsPerPixel = std::pow(2.0, rng.uniform(-14, 14))});
    const double scale = frame.viewport().cellsPerPixel;
    EXPECT_LE(frame.place().cellsPerPixel, std::max(room.fitted().cellsPerPixel, ratio));
    const auto expectFull = [&](double cells, double origin, int pixels, int most) {
      if (cells / scale <= most) {
        EXPECT_EQ(origin, 0);
        EXPECT_NEAR(pixels, cells / scale, 1);
      } else {
        EXPECT_EQ(pixels, most);
        EXPECT_GE(origin, -1e-6);
        EXPECT_LE(origin + pixels * scale, cells + 1e-6);
      }
    };
    const Viewport& viewport = frame.viewport();
    const QRect most = room.devicePixels();
    expectFull(static_cast<double>(rows), viewport.row, viewport.height, most.height());
    expectFull(static_cast<double>(columns), viewport.column, viewport.width, most.width());
    EXPECT_EQ(MatrixFrame(room, frame.place()).place(), frame.place()) << "clamping is done once";
  }
}

TEST(MatrixFrame, GoesFromPositionsToCellsAndBack) {
  Rng rng(7);
  const MatrixRoom room = roomOf(800, 600, 333, 277, 1.5);
  for (int trial = 0; trial < 100; ++trial) {
    const MatrixFrame frame(room,
                            {.row = rng.uniform(0, 800),
                             .column = rng.uniform(0, 600),
                             .cellsPerPixel = std::pow(2.0, rng.uniform(-5, 1))});
    const double row = rng.uniform(0, 800);
    const double column = rng.uniform(0, 600);
    const QPointF source = frame.sourceAt(frame.positionOf(row, column));
    EXPECT_NEAR(source.y(), row, 1e-9);
    EXPECT_NEAR(source.x(), column, 1e-9);
    EXPECT_NEAR(frame.cellRect({3, 4}).width(), 1 / frame.place().cellsPerPixel, 1e-9);
    EXPECT_TRUE(frame.cellRect({3, 4}).contains(frame.centerOf({3, 4})));
  }
}

TEST(MatrixFrame, ANumberThatIsNoneShowsEverything) {
  const MatrixRoom room = roomOf(50, 50, 200, 200, 1);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(room.clamped({nan, 0, 1}), room.fitted());
  EXPECT_EQ(room.clamped({0, 0, std::numeric_limits<double>::infinity()}), room.fitted());
}

TEST(MatrixAxes, TicksAreRoundAndFarEnoughApart) {
  using Places = std::vector<std::int64_t>;
  EXPECT_EQ(tickPlaces(0, 100, 100, 5, 60), (Places{0, 20, 40, 60, 80}));
  EXPECT_EQ(tickPlaces(9.8, 13.1, 100, 50, 40), (Places{10, 11, 12}));
  EXPECT_EQ(tickPlaces(9.2, 13.6, 100, 50, 40), (Places{9, 10, 11, 12, 13}))
      << "a tick is at the middle of its cell";
  EXPECT_EQ(tickPlaces(0, 1, 1, 300, 40), (Places{0}));
  Rng rng(8);
  for (int trial = 0; trial < 200; ++trial) {
    const double cellSize = std::pow(2.0, rng.uniform(-5, 6));
    const Places places = tickPlaces(rng.uniform(0, 4000), 8192, 8192, cellSize, 50);
    for (std::size_t k = 1; k < places.size(); ++k) {
      EXPECT_GE(static_cast<double>(places[k] - places[k - 1]) * cellSize, 50);
    }
  }
}

}  // namespace
}  // namespace barlow::ui
