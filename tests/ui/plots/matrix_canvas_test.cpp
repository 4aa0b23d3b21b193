#include "ui/plots/matrix_canvas.h"

#include "core/base/error.h"
#include "tests/core/matrix/random_matrix.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>
#include <QScreen>
#include <QTest>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace barlow::ui {
namespace {

std::shared_ptr<const MatrixPyramid> noisy(std::int64_t rows,
                                           std::int64_t columns,
                                           std::uint64_t seed = 1) {
  return MatrixPyramid::build(randomMatrix(rows, columns, seed));
}

// All that a widget draws, at a device ratio of one's choice.
QImage painted(MatrixCanvas& canvas, double ratio = 1) {
  QImage image((QSizeF(canvas.size()) * ratio).toSize(), QImage::Format_RGB32);
  image.setDevicePixelRatio(ratio);
  image.fill(canvas.palette().color(QPalette::Window));
  canvas.render(&image, {}, {}, QWidget::DrawWindowBackground);
  return image;
}

void hover(MatrixCanvas& canvas, const QPointF& at) {
  QMouseEvent move(
      QEvent::MouseMove, at, canvas.mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&canvas, &move);
}

class MatrixCanvasTest : public testing::Test {
 protected:
  MatrixCanvasTest() {
    canvas.resize(520, 480);
    canvas.setMatrix(noisy(200, 200));
    canvas.show();
  }
  MatrixCanvas canvas;
};

TEST_F(MatrixCanvasTest, PaintsItsPicturePixelByPixelAtEveryDeviceRatio) {
  canvas.setShowsProfiles(false);
  canvas.setShowsMiniMap(false);
  canvas.setShowsValues(false);
  canvas.clearFocus();
  const RenderSettings settings;
  for (const double ratio : {1.0, 1.5, 2.0}) {
    for (const double scale : {0.0, 0.5, 0.13, 0.021}) {
      scale == 0 ? canvas.fit()
                 : canvas.setPlace({.row = 90.3, .column = 120.7, .cellsPerPixel = scale});
      const QImage all = painted(canvas, ratio);
      const MatrixFrame frame = canvas.frameFor(ratio);
      const Viewport viewport = frame.viewport();
      QImage expected(viewport.width, viewport.height, QImage::Format_RGB32);
      renderViewport(*canvas.matrix(),
                     viewport,
                     settings,
                     reinterpret_cast<std::uint32_t*>(expected.bits()),
                     expected.bytesPerLine() / 4);
      // Without the frame's line around it.
      const QRect inner = expected.rect().adjusted(2, 2, -2, -2);
      QImage part = all.copy(inner.translated(frame.deviceArea().topLeft()));
      part.setDevicePixelRatio(1);
      EXPECT_EQ(part, expected.copy(inner)) << "ratio " << ratio << ", scale " << scale;
    }
  }
}

TEST_F(MatrixCanvasTest, RendersWhatIsInSightAtAnySize) {
  canvas.setPlace({.row = 80, .column = 50, .cellsPerPixel = 0.1});
  const QSize size = canvas.matrixArea().size().toSize();
  for (const int factor : {1, 2, 4}) {
    const QImage image = canvas.renderMatrix(size * factor);
    ASSERT_EQ(image.size(), size * factor);
    const QRectF cells = canvas.visibleCells();
    for (const double share : {0.1, 0.5, 0.9}) {
      const auto row = static_cast<std::int64_t>(cells.top() + share * cells.height());
      const auto column = static_cast<std::int64_t>(cells.left() + share * cells.width());
      const QPointF at = canvas.cellRect({row, column}).center() - canvas.matrixArea().topLeft();
      EXPECT_EQ(image.pixel((at * factor).toPoint()),
                ColorScale({}).color(canvas.matrix()->matrix().at(row, column)));
    }
  }
  EXPECT_TRUE(canvas.renderMatrix({}).isNull());
}

TEST_F(MatrixCanvasTest, MovingTheMouseMakesNoPicture) {
  painted(canvas);
  const std::int64_t before = canvas.renderedFrames();
  EXPECT_GT(before, 0);
  const QImage still = painted(canvas);
  QString text;
  QObject::connect(
      &canvas, &MatrixCanvas::hovered, &canvas, [&](const QString& now) { text = now; });
  for (int i = 1; i < 20; ++i) {
    const QPointF at = canvas.matrixArea().topLeft() + QPointF(10 * i, 12 * i);
    hover(canvas, at);
    EXPECT_EQ(text, canvas.readOut(at));
    EXPECT_NE(painted(canvas), still) << "a crosshair and the profiles";
  }
  EXPECT_FALSE(text.isEmpty());
  EXPECT_EQ(canvas.renderedFrames(), before);
  QEvent leave(QEvent::Leave);
  QCoreApplication::sendEvent(&canvas, &leave);
  EXPECT_TRUE(text.isEmpty());
  EXPECT_EQ(painted(canvas), still);
}

// Hovering repaints only some lines and strips: they must be all that changes.
TEST_F(MatrixCanvasTest, MovingTheMouseLeavesNothingBehind) {
  const auto onScreen = [&] {
    return canvas.screen()
        ->grabWindow(canvas.winId())
        .toImage()
        .convertToFormat(QImage::Format_RGB32);
  };
  for (const double scale : {0.5, 0.05, 0.02}) {
    canvas.setPlace({100, 100, scale});
    canvas.setCursorCell(CellIndex{100, 100});
    ASSERT_TRUE(QTest::qWaitFor([&] { return onScreen() == painted(canvas); })) << scale;
    for (const QPointF at : {QPointF(40, 50), QPointF(200, 60), QPointF(201, 300)}) {
      hover(canvas, canvas.matrixArea().topLeft() + at);
      EXPECT_TRUE(QTest::qWaitFor([&] { return onScreen() == painted(canvas); })) << scale;
    }
    hover(canvas, {2, 2});
    EXPECT_TRUE(QTest::qWaitFor([&] { return onScreen() == painted(canvas); })) << scale;
  }
}

TEST_F(MatrixCanvasTest, APictureIsMadeWhenSomethingChanges) {
  const auto expectOneMore = [&](const char* what, auto change) {
    painted(canvas);
    const std::int64_t before = canvas.renderedFrames();
    change();
    painted(canvas);
    painted(canvas);
    EXPECT_EQ(canvas.renderedFrames(), before + 1) << what;
  };
  expectOneMore("settings", [&] {
    RenderSettings settings;
    settings.color.high = 0.5f;
    canvas.setSettings(settings);
  });
  expectOneMore("matrix", [&] { canvas.setMatrix(noisy(200, 200, 9)); });
  expectOneMore("place", [&] { canvas.setPlace({100, 100, 0.2}); });
  expectOneMore("marks", [&] { canvas.setMarks({{3, 4}}); });
}

TEST_F(MatrixCanvasTest, TheCrosshairIsSeenOnEveryColour) {
  canvas.setShowsProfiles(false);
  for (const float value : {0.0f, 1.0f, -1.0f, 0.5f}) {
    canvas.setMatrix(
        MatrixPyramid::build(Matrix::generated(200, 200, [&](auto, auto) { return value; })));
    const QImage still = painted(canvas);
    const QPoint at(canvas.matrixArea().center().toPoint());
    hover(canvas, at);
    const QImage crossed = painted(canvas);
    int strongest = 0;
    for (int x = 0; x < crossed.width(); ++x) {
      for (int y = at.y() - 2; y <= at.y() + 2; ++y) {
        strongest =
            std::max(strongest, std::abs(qGray(crossed.pixel(x, y)) - qGray(still.pixel(x, y))));
      }
    }
    EXPECT_GE(strongest, 80) << value;
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(&canvas, &leave);
  }
}

TEST_F(MatrixCanvasTest, KeepsPlaceAndPinWhileTheShapeStays) {
  canvas.setPlace({50, 60, 0.1});
  canvas.setPinned(CellIndex{5, 6});
  canvas.setCursorCell(CellIndex{7, 8});
  const MatrixPlace place = canvas.place();
  canvas.setMatrix(noisy(200, 200, 2));
  EXPECT_EQ(canvas.place(), place);
  EXPECT_EQ(canvas.pinned(), (CellIndex{5, 6}));
  EXPECT_EQ(canvas.cursorCell(), (CellIndex{7, 8}));
  canvas.setMatrix(noisy(300, 100));
  EXPECT_EQ(canvas.visibleCells(), QRectF(0, 0, 100, 300));
  EXPECT_FALSE(canvas.pinned());
  EXPECT_FALSE(canvas.cursorCell());
}

TEST_F(MatrixCanvasTest, FittedStaysFittedWhenResized) {
  canvas.resize(700, 300);
  EXPECT_NEAR(canvas.visibleCells().height(), 200, 1e-6);
  canvas.setPlace({50, 60, 0.1});
  canvas.resize(600, 500);
  EXPECT_NEAR(canvas.place().cellsPerPixel, 0.1, 1e-12);
  EXPECT_NEAR(canvas.visibleCells().center().y(), 50, 1e-6);
}

TEST_F(MatrixCanvasTest, TellsOnlyOfMovesOfItsOwn) {
  std::vector<MatrixPlace> told;
  int views = 0;
  QObject::connect(&canvas, &MatrixCanvas::placeChanged, &canvas, [&](const MatrixPlace& place) {
    told.push_back(place);
  });
  QObject::connect(&canvas, &MatrixCanvas::viewChanged, &canvas, [&] { ++views; });
  canvas.setPlace({50, 60, 0.1});
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(views, 1);
  canvas.setPlace({50, 60, 0.1});
  EXPECT_EQ(views, 1);
  canvas.fit();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told.back(), canvas.place());
  canvas.fit();
  EXPECT_EQ(told.size(), 1u) << "it did not move";
  canvas.zoom(2, canvas.matrixArea().center());
  canvas.goTo({150, 20});
  EXPECT_EQ(told.size(), 3u);
}

TEST_F(MatrixCanvasTest, LinkedCanvasesFollowEachOther) {
  MatrixCanvas other;
  other.resize(520, 480);
  other.setMatrix(noisy(200, 200, 3));
  QObject::connect(&canvas, &MatrixCanvas::placeChanged, &other, &MatrixCanvas::setPlace);
  QObject::connect(&other, &MatrixCanvas::placeChanged, &canvas, &MatrixCanvas::setPlace);
  canvas.zoom(3, canvas.matrixArea().center() + QPointF(30, 10));
  EXPECT_EQ(other.place(), canvas.place());
  other.fit();
  EXPECT_EQ(other.place(), canvas.place());
  other.setCursorCell(CellIndex{3, 4});
  int spoken = 0;
  QObject::connect(&other, &MatrixCanvas::hovered, &other, [&] { ++spoken; });
  canvas.zoom(3, canvas.matrixArea().center());
  EXPECT_EQ(spoken, 0) << "it followed, but nobody looks at it";
  other.setMatrix(noisy(200, 200, 4));
  EXPECT_EQ(spoken, 1) << "its cell has another value";
}

TEST_F(MatrixCanvasTest, GoToBringsACellToTheMiddleAndMakesItVisible) {
  canvas.setMatrix(noisy(2000, 2000));
  canvas.goTo({900, 1100});
  EXPECT_GE(canvas.cellRect({900, 1100}).width(), 12 - 1e-9);
  const QPointF off = canvas.cellRect({900, 1100}).center() - canvas.matrixArea().center();
  EXPECT_LT(off.manhattanLength(), 2);
  canvas.goTo({0, 1999});
  EXPECT_TRUE(canvas.matrixArea().adjusted(-1, -1, 1, 1).contains(canvas.cellRect({0, 1999})));
  const MatrixPlace place = canvas.place();
  canvas.goTo({0, 2000});
  EXPECT_EQ(canvas.place(), place) << "there is no such cell";
}

TEST_F(MatrixCanvasTest, OneToOneShowsACellPerDevicePixel) {
  canvas.setMatrix(noisy(2000, 2000));
  canvas.oneToOne();
  EXPECT_NEAR(canvas.visibleCells().width(), canvas.matrixArea().width(), 1e-6);
  EXPECT_EQ(canvas.level(), 0);
  canvas.setMatrix(noisy(60, 60));
  canvas.oneToOne();
  EXPECT_EQ(canvas.matrixArea().size(), QSizeF(60, 60)) << "also where there is room for more";
  canvas.zoom(0.5, canvas.matrixArea().center());
  EXPECT_EQ(canvas.matrixArea().size(), QSizeF(60, 60));
}

TEST_F(MatrixCanvasTest, WritesValuesFromFortyPixelsOn) {
  const auto showsValues = [&] {
    canvas.setShowsValues(true);
    const QImage with = painted(canvas);
    canvas.setShowsValues(false);
    return with != painted(canvas);
  };
  canvas.setPlace({100, 100, 1 / 39.0});
  EXPECT_FALSE(showsValues());
  canvas.setPlace({100, 100, 1 / 40.0});
  EXPECT_TRUE(showsValues());
}

TEST_F(MatrixCanvasTest, ValuesContrastWithTheirCells) {
  canvas.setShowsProfiles(false);
  canvas.setShowsMiniMap(false);
  for (const float value : {0.0f, 0.3f, 1.0f, -1.0f}) {
    canvas.setMatrix(
        MatrixPyramid::build(Matrix::generated(5, 5, [&](auto, auto) { return value; })));
    const QImage image = painted(canvas);
    const QRect cell = canvas.cellRect({2, 2}).toAlignedRect().adjusted(3, 3, -3, -3);
    int darkest = 255;
    int lightest = 0;
    for (int y = cell.top(); y <= cell.bottom(); ++y) {
      for (int x = cell.left(); x <= cell.right(); ++x) {
        darkest = std::min(darkest, qGray(image.pixel(x, y)));
        lightest = std::max(lightest, qGray(image.pixel(x, y)));
      }
    }
    EXPECT_GE(lightest - darkest, 100) << value;
  }
}

TEST_F(MatrixCanvasTest, EverythingThatIsSwitchedOnIsDrawn) {
  canvas.setPlace({100, 100, 0.1});
  const auto expectDrawn = [&](const char* what, auto on, auto off) {
    off();
    const QImage without = painted(canvas);
    on();
    EXPECT_NE(painted(canvas), without) << what;
    off();
    EXPECT_EQ(painted(canvas), without) << what;
  };
  expectDrawn(
      "cursor",
      [&] {
        canvas.setCursorCell(CellIndex{100, 101});
      },
      [&] { canvas.setCursorCell(std::nullopt); });
  expectDrawn(
      "pin",
      [&] {
        canvas.setPinned(CellIndex{100, 101});
      },
      [&] { canvas.setPinned(std::nullopt); });
  expectDrawn(
      "marks",
      [&] {
        canvas.setMarks({{99, 103}});
      },
      [&] { canvas.setMarks({}); });
  expectDrawn(
      "row marks", [&] { canvas.setRowMarks({99}); }, [&] { canvas.setRowMarks({}); });
  expectDrawn(
      "blocks",
      [&] {
        canvas.setBlocks({{95, 10}});
      },
      [&] { canvas.setBlocks({}); });
  expectDrawn(
      "mini-map", [&] { canvas.setShowsMiniMap(true); }, [&] { canvas.setShowsMiniMap(false); });
  expectDrawn(
      "profiles", [&] { canvas.setShowsProfiles(true); }, [&] { canvas.setShowsProfiles(false); });
  auto order = std::make_shared<Order>(originalOrder(200));
  std::reverse(order->begin(), order->end());
  expectDrawn(
      "order", [&] { canvas.setOrder(order); }, [&] { canvas.setOrder(nullptr); });
}

// Issue 16: a canvas linked to one of another size, or a kept view, showed it too large or too
// small.
TEST_F(MatrixCanvasTest, AllOfTheMatrixStaysAllOfItInAnotherCanvasAndSize) {
  MatrixCanvas other;
  other.setMatrix(noisy(200, 200));
  other.resize(900, 800);
  other.setPlace(canvas.place());
  EXPECT_TRUE(other.place().isAll);
  EXPECT_GT(other.matrixArea().width(), canvas.matrixArea().width());
  other.resize(400, 400);
  EXPECT_TRUE(other.place().isAll);
  EXPECT_LE(other.matrixArea().right(), 400);
  other.zoom(2, other.matrixArea().center());
  EXPECT_FALSE(other.place().isAll);
  other.zoom(0.25, other.matrixArea().center());
  EXPECT_TRUE(other.place().isAll) << "zoomed out again";
}

TEST_F(MatrixCanvasTest, TheMiniMapIsThereOnlyWhereItHelps) {
  const auto mapped = [&] {
    canvas.setShowsMiniMap(true);
    const QImage with = painted(canvas);
    canvas.setShowsMiniMap(false);
    return with != painted(canvas);
  };
  EXPECT_FALSE(mapped()) << "all of the matrix is in sight";
  canvas.setPlace({100, 100, 0.1});
  EXPECT_TRUE(mapped());
  canvas.fit();
  canvas.setPlace({100, 100, 0.97 * canvas.place().cellsPerPixel});
  EXPECT_FALSE(mapped()) << "it would cover more than what is out of sight";
  canvas.resize(220, 200);
  canvas.setPlace({100, 100, 0.1});
  EXPECT_FALSE(mapped()) << "no room";
}

TEST_F(MatrixCanvasTest, ComparesOnlyWhatHasItsShape) {
  RenderSettings settings;
  const QSize size = canvas.matrixArea().size().toSize();
  const QImage first = canvas.renderMatrix(size);
  canvas.setCompare(MatrixCompare::Flicker);
  canvas.setShowsSecond(true);
  canvas.setSecond(noisy(100, 200), "a", "b");
  EXPECT_EQ(canvas.renderMatrix(size), first);
  const auto second = noisy(200, 200, 7);
  canvas.setSecond(second, "a", "b");
  const QImage both = canvas.renderMatrix(size);
  EXPECT_NE(both, first);
  canvas.setShowsSecond(false);
  EXPECT_EQ(canvas.renderMatrix(size), first);
  for (const auto compare : {MatrixCompare::SplitVertical,
                             MatrixCompare::SplitHorizontal,
                             MatrixCompare::Flicker,
                             MatrixCompare::RedBlue}) {
    canvas.setCompare(compare);
    const QImage named = painted(canvas);
    canvas.setSecond(second, "another name", "the second");
    EXPECT_NE(painted(canvas), named) << "a badge says which is which";
    canvas.setSecond(second, "a", "b");
  }
  canvas.setMatrix(noisy(100, 100));
  EXPECT_EQ(canvas.renderMatrix({50, 50}), [&] {
    MatrixCanvas alone;
    alone.resize(canvas.size());
    alone.setMatrix(canvas.matrix());
    return alone.renderMatrix({50, 50});
  }()) << "the second matrix went with the shape";
}

TEST_F(MatrixCanvasTest, RefusesColoursThatCannotBe) {
  RenderSettings settings = canvas.settings();
  settings.color.low = 2;
  EXPECT_THROW(canvas.setSettings(settings), Exception);
  EXPECT_EQ(canvas.settings(), RenderSettings{});
  painted(canvas);
}

TEST_F(MatrixCanvasTest, TakesEveryShapeAndEveryValue) {
  const float nan = std::nanf("");
  const float infinity = std::numeric_limits<float>::infinity();
  for (const auto& [rows, columns] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {1, 1}, {2, 2}, {1, 300}, {300, 1}, {64, 2048}, {3, 3}}) {
    for (const float value : {0.0f, 0.5f, nan, infinity, -infinity}) {
      const auto pyramid = MatrixPyramid::build(Matrix::generated(
          rows, columns, [&](auto i, auto j) { return i == 0 && j == 0 ? 1.0f : value; }));
      canvas.setMatrix(pyramid);
      canvas.setStatistics(computeStatistics(pyramid->matrix()));
      canvas.setSecond(pyramid, "a", "b");
      EXPECT_FALSE(canvas.readOut(canvas.cellRect({0, 0}).center()).isEmpty());
      for (const auto compare : {MatrixCompare::None,
                                 MatrixCompare::SplitVertical,
                                 MatrixCompare::SplitHorizontal,
                                 MatrixCompare::RedBlue}) {
        canvas.setCompare(compare);
        for (const double scale : {1e-6, 1.0, 1e6}) {
          canvas.setPlace({0, 0, scale});
          canvas.setPinned(CellIndex{rows - 1, columns - 1});
          canvas.setCursorCell(CellIndex{0, 0});
          painted(canvas, 1.5);
          EXPECT_FALSE(canvas.matrixArea().isEmpty());
        }
      }
      canvas.fit();
      const QPointF last = canvas.cellRect({rows - 1, columns - 1}).center();
      EXPECT_TRUE(canvas.readOut(last).contains(std::isnan(value)   ? QStringLiteral("NaN")
                                                : std::isinf(value) ? QStringLiteral("∞")
                                                                    : QStringLiteral("C")) ||
                  rows * columns == 1)
          << canvas.readOut(last).toStdString();
    }
  }
}

TEST_F(MatrixCanvasTest, WithoutAMatrixItSaysWhy) {
  canvas.setEmptyText("Nothing yet");
  canvas.setMatrix(nullptr);
  const QImage empty = painted(canvas);
  canvas.setEmptyText("Something else");
  EXPECT_NE(painted(canvas), empty);
  const std::int64_t frames = canvas.renderedFrames();
  canvas.fit();
  canvas.oneToOne();
  canvas.goTo({0, 0});
  canvas.zoom(2, {100, 100});
  canvas.setPlace({1, 2, 3});
  canvas.setCursorCell(CellIndex{0, 0});
  canvas.setPinned(CellIndex{0, 0});
  canvas.setSecond(noisy(5, 5), "a", "b");
  canvas.setMarks({{0, 0}});
  canvas.setBlocks({{0, 1}});
  hover(canvas, {200, 200});
  for (int key = Qt::Key_Space; key <= Qt::Key_Z; ++key) {
    QTest::keyClick(&canvas, static_cast<Qt::Key>(key));
  }
  QTest::keyClick(&canvas, Qt::Key_Left);
  QTest::mouseClick(&canvas, Qt::LeftButton);
  QTest::mouseDClick(&canvas, Qt::LeftButton);
  painted(canvas);
  EXPECT_FALSE(canvas.cursorCell());
  EXPECT_FALSE(canvas.pinned());
  EXPECT_TRUE(canvas.readOut(QPointF(200, 200)).isEmpty());
  EXPECT_TRUE(canvas.renderMatrix({10, 10}).isNull());
  EXPECT_EQ(canvas.renderedFrames(), frames);
}

TEST_F(MatrixCanvasTest, FollowsTheThemeButNotItsMatrix) {
  auto& application = *qobject_cast<QApplication*>(QCoreApplication::instance());
  const auto wear = [&](Theme theme) {
    applyTheme(application, theme);
    ASSERT_TRUE(
        QTest::qWaitFor([&] { return isDark(canvas.palette()) == (theme == Theme::Dark); }));
  };
  wear(Theme::Light);
  const QRect inner = canvas.matrixArea().toAlignedRect().adjusted(4, 4, -4, -4);
  const QImage light = painted(canvas);
  wear(Theme::Dark);
  const QImage dark = painted(canvas);
  wear(Theme::Light);
  EXPECT_EQ(dark.copy(inner), light.copy(inner));
  const QRect labels(0, 0, canvas.width(), inner.top() - 8);
  const auto contrast = [&](const QImage& image) {
    int darkest = 255;
    int lightest = 0;
    for (int y = 0; y < labels.height(); ++y) {
      for (int x = 0; x < labels.width(); ++x) {
        darkest = std::min(darkest, qGray(image.pixel(x, y)));
        lightest = std::max(lightest, qGray(image.pixel(x, y)));
      }
    }
    return lightest - darkest;
  };
  EXPECT_NE(dark.copy(labels), light.copy(labels));
  EXPECT_GE(contrast(light), 120);
  EXPECT_GE(contrast(dark), 120);
}

}  // namespace
}  // namespace barlow::ui
