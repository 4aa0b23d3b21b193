#include "ui/plots/matrix_view.h"

#include "core/base/rng.h"
#include "core/matrix/color_map.h"
#include "ui/plots/matrix_pixels.h"

#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace barlow::ui {
namespace {

QRgb colorOf(float value) {
  const Rgb color = divergingColor(value);
  return qRgb(color[0], color[1], color[2]);
}

// A D x D identity with noise, pooled to side x side as the trainer does.
std::shared_ptr<MatrixPicture> noisyIdentity(std::int64_t dimensions, std::int64_t side) {
  auto picture = std::make_shared<MatrixPicture>();
  picture->dimensions = dimensions;
  picture->side = side;
  const auto cells = static_cast<std::size_t>(side * side);
  picture->peak.resize(cells);
  picture->mean.resize(cells);
  picture->rms.resize(cells);
  Rng rng = Rng::keyed(7, {1});
  for (std::int64_t row = 0; row < side; ++row) {
    for (std::int64_t column = 0; column < side; ++column) {
      const auto at = static_cast<std::size_t>(row * side + column);
      const auto noise = static_cast<float>(rng.uniform(-0.05, 0.05));
      picture->peak[at] = row == column ? 1.0F : noise;
      picture->mean[at] =
          row == column ? static_cast<float>(side) / static_cast<float>(dimensions) : 0.0F;
      picture->rms[at] = std::abs(picture->peak[at]);
    }
  }
  return picture;
}

TEST(MatrixPixels, ShowsEveryCellInItsColour) {
  MatrixPicture picture{.dimensions = 2, .side = 2};
  picture.peak = {1.0F, -0.5F, 0.0F, std::numeric_limits<float>::quiet_NaN()};
  picture.mean = picture.rms = {0, 0, 0, 0};
  const QImage image = matrixPixels(picture, MatrixReduction::Peak, {0, 0, 2, 2}, {4, 4});
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) {
      const auto value = picture.peak[static_cast<std::size_t>((y / 2) * 2 + x / 2)];
      EXPECT_EQ(image.pixel(x, y), colorOf(value)) << x << " " << y;
    }
  }
  EXPECT_NE(image.pixel(3, 3), image.pixel(0, 2)) << "NaN does not look like zero";
}

TEST(MatrixPixels, ReducesByItsOwnRuleWhenCellsAreSmallerThanPixels) {
  MatrixPicture picture{.dimensions = 4, .side = 4};
  picture.peak = {0.1F, 0, 0, 0, 0, -0.9F, 0, 0, 0, 0, 0.5F, 0, 0, 0, 0, 0.2F};
  picture.mean = picture.rms = picture.peak;
  const auto at = [&](MatrixReduction reduction, int x, int y) {
    return matrixPixels(picture, reduction, {0, 0, 4, 4}, {2, 2}).pixel(x, y);
  };
  EXPECT_EQ(at(MatrixReduction::Peak, 0, 0), colorOf(-0.9F));
  EXPECT_EQ(at(MatrixReduction::Peak, 1, 1), colorOf(0.5F));
  EXPECT_EQ(at(MatrixReduction::Peak, 1, 0), colorOf(0));
  EXPECT_EQ(at(MatrixReduction::Mean, 0, 0), colorOf(-0.2F));
  EXPECT_EQ(at(MatrixReduction::Rms, 1, 1), colorOf(std::sqrt((0.25F + 0.04F) / 4)));
}

// The reason for Peak: whatever the zoom and the offset, the diagonal is there.
TEST(MatrixPixels, NeverLosesTheDiagonal) {
  for (const auto& [dimensions, side] :
       {std::pair{512, 512}, std::pair{8192, 512}, std::pair{700, 512}}) {
    const auto picture = noisyIdentity(dimensions, side);
    Rng rng = Rng::keyed(11, {static_cast<std::uint64_t>(dimensions)});
    for (int trial = 0; trial < 60; ++trial) {
      const double size = dimensions * std::pow(2.0, rng.uniform(-6.0, 0.0));
      const double start = rng.uniform(0.0, dimensions - size);
      const int pixels = 120 + static_cast<int>(rng.below(400));
      const QImage image = matrixPixels(
          *picture, MatrixReduction::Peak, {start, start, size, size}, {pixels, pixels});
      int seen = 0;
      for (int i = 0; i < pixels; ++i) {
        seen += image.pixel(i, i) == colorOf(1.0F) ? 1 : 0;
      }
      EXPECT_GE(seen, pixels * 97 / 100)
          << dimensions << " from " << start << " size " << size << " on " << pixels;
    }
  }
}

class MatrixViewTest : public testing::Test {
 protected:
  MatrixViewTest() {
    view.resize(520, 480);
    view.setPicture(picture);
    view.show();
  }
  QPointF positionOf(double row, double column) const {
    const QRectF area = view.matrixArea();
    const QRectF shown = view.visibleEntries();
    return {area.x() + (column + 0.5 - shown.x()) / shown.width() * area.width(),
            area.y() + (row + 0.5 - shown.y()) / shown.height() * area.height()};
  }
  std::shared_ptr<MatrixPicture> picture = noisyIdentity(64, 64);
  MatrixView view;
};

TEST_F(MatrixViewTest, ReadsOutTheSourceValueAtAnyZoom) {
  Rng rng = Rng::keyed(3, {3});
  for (int trial = 0; trial < 50; ++trial) {
    const double size = rng.uniform(4.0, 64.0);
    view.setVisibleEntries({rng.uniform(0.0, 64 - size), rng.uniform(0.0, 64 - size), size, size});
    const QRectF shown = view.visibleEntries();
    const auto row = static_cast<int>(
        shown.y() + 1 + static_cast<double>(rng.below(static_cast<std::uint64_t>(size) - 2)));
    const auto column = static_cast<int>(
        shown.x() + 1 + static_cast<double>(rng.below(static_cast<std::uint64_t>(size) - 2)));
    const QString text = view.readOut(positionOf(row, column));
    EXPECT_TRUE(text.startsWith(QStringLiteral("row %1, column %2 ").arg(row).arg(column)))
        << text.toStdString();
    const float value = picture->peak[static_cast<std::size_t>(row * 64 + column)];
    EXPECT_TRUE(text.endsWith(QLocale().toString(static_cast<double>(value), 'f', 3)))
        << text.toStdString() << " " << value;
  }
  EXPECT_TRUE(view.readOut({1, 1}).isEmpty());
}

TEST_F(MatrixViewTest, NamesTheBlockWhereCellsArePooled) {
  view.setPicture(noisyIdentity(1024, 64));
  EXPECT_TRUE(
      view.readOut(positionOf(0, 0)).startsWith(QStringLiteral("rows 0 to 15, columns 0 to 15")))
      << view.readOut(positionOf(0, 0)).toStdString();
  EXPECT_TRUE(view.readOut(positionOf(0, 0)).contains(QStringLiteral("strongest")));
  view.setReduction(MatrixView::Reduction::Rms);
  EXPECT_TRUE(view.readOut(positionOf(0, 0)).contains(QStringLiteral("RMS")));
}

TEST_F(MatrixViewTest, TheWheelZoomsAtTheCursor) {
  const QPointF at = positionOf(10, 50);
  const QString before = view.readOut(at);
  QWheelEvent wheel(at,
                    view.mapToGlobal(at),
                    {},
                    {0, 240},
                    Qt::NoButton,
                    Qt::NoModifier,
                    Qt::NoScrollPhase,
                    false);
  QCoreApplication::sendEvent(&view, &wheel);
  EXPECT_LT(view.visibleEntries().width(), 64);
  EXPECT_EQ(view.readOut(at), before) << "what is under the cursor stays there";
}

TEST_F(MatrixViewTest, KeysAndDragMoveAndDoubleClickFits) {
  QTest::keyClick(&view, Qt::Key_Plus);
  QTest::keyClick(&view, Qt::Key_Plus);
  const QRectF zoomed = view.visibleEntries();
  EXPECT_NEAR(zoomed.width(), 64 / 1.25 / 1.25, 1e-9);
  QTest::keyClick(&view, Qt::Key_Right);
  EXPECT_GT(view.visibleEntries().x(), zoomed.x());
  const QRectF moved = view.visibleEntries();
  const QPoint center = view.matrixArea().center().toPoint();
  QTest::mousePress(&view, Qt::LeftButton, {}, center);
  QTest::mouseMove(&view, center + QPoint(20, 0));
  QTest::mouseRelease(&view, Qt::LeftButton, {}, center + QPoint(20, 0));
  EXPECT_LT(view.visibleEntries().x(), moved.x()) << "the picture follows the hand";
  QTest::mouseDClick(&view, Qt::LeftButton, {}, center);
  EXPECT_EQ(view.visibleEntries(), QRectF(0, 0, 64, 64));
  for (int i = 0; i < 40; ++i) {
    QTest::keyClick(&view, Qt::Key_Plus);
    QTest::keyClick(&view, Qt::Key_Up);
  }
  EXPECT_GE(view.visibleEntries().width(), 2);
  EXPECT_GE(view.visibleEntries().y(), 0);
}

TEST_F(MatrixViewTest, KeepsThePlaceWhileTheMatrixChanges) {
  view.setVisibleEntries({10, 10, 20, 20});
  view.setPicture(noisyIdentity(64, 64));
  EXPECT_EQ(view.visibleEntries(), QRectF(10, 10, 20, 20));
  view.setPicture(noisyIdentity(128, 128));
  EXPECT_EQ(view.visibleEntries(), QRectF(0, 0, 128, 128));
  view.setPicture(std::make_shared<MatrixPicture>());
  EXPECT_EQ(view.picture(), nullptr) << "an empty picture is none";
  view.grab();
}

TEST_F(MatrixViewTest, TellsWhatIsUnderTheCursor) {
  QString text;
  QObject::connect(&view, &MatrixView::hovered, &view, [&](const QString& now) { text = now; });
  QTest::mouseMove(&view, positionOf(5, 5).toPoint());
  EXPECT_TRUE(QTest::qWaitFor([&] { return text.startsWith(QStringLiteral("row 5, column 5")); }))
      << text.toStdString();
}

}  // namespace
}  // namespace barlow::ui
