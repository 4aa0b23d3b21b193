#include "tests/core/matrix/random_matrix.h"
#include "ui/plots/matrix_canvas.h"

#include <QMouseEvent>
#include <QShortcut>
#include <QTest>
#include <QWheelEvent>
#include <gtest/gtest.h>

#include <cmath>

namespace barlow::ui {
namespace {

class MatrixCanvasInput : public testing::Test {
 protected:
  MatrixCanvasInput() {
    canvas.resize(520, 480);
    canvas.setMatrix(MatrixPyramid::build(randomMatrix(200, 200, 1)));
    canvas.show();
    QObject::connect(&canvas, &MatrixCanvas::interacted, &canvas, [this] { ++interactions; });
    QObject::connect(&canvas, &MatrixCanvas::cellActivated, &canvas, [this](CellIndex cell) {
      activated.push_back(cell);
    });
    QObject::connect(&canvas, &MatrixCanvas::selectionRequested, &canvas, [this](const QRect& r) {
      selected.push_back(r);
    });
    QObject::connect(
        &canvas, &MatrixCanvas::hovered, &canvas, [this](const QString& now) { text = now; });
  }
  QPoint center(CellIndex cell) const { return canvas.cellRect(cell).center().toPoint(); }
  void drag(const QPoint& from,
            const QPoint& to,
            Qt::KeyboardModifiers keys = {},
            Qt::MouseButton button = Qt::LeftButton) {
    QTest::mousePress(&canvas, button, keys, from);
    move((from + to) / 2, button, keys);
    move(to, button, keys);
    QTest::mouseRelease(&canvas, button, keys, to);
  }
  void move(const QPoint& to,
            Qt::MouseButtons buttons = Qt::NoButton,
            Qt::KeyboardModifiers keys = {}) {
    QMouseEvent event(QEvent::MouseMove, to, canvas.mapToGlobal(to), Qt::NoButton, buttons, keys);
    QCoreApplication::sendEvent(&canvas, &event);
  }
  void wheel(const QPointF& at, int notches) {
    QWheelEvent event(at,
                      canvas.mapToGlobal(at),
                      {},
                      {0, 120 * notches},
                      Qt::NoButton,
                      Qt::NoModifier,
                      Qt::NoScrollPhase,
                      false);
    QCoreApplication::sendEvent(&canvas, &event);
  }
  CellIndex cursor() const { return canvas.cursorCell().value_or(CellIndex{-1, -1}); }

  MatrixCanvas canvas;
  int interactions = 0;
  std::vector<CellIndex> activated;
  std::vector<QRect> selected;
  QString text;
};

TEST_F(MatrixCanvasInput, TheWheelZoomsAtTheCursor) {
  Rng rng(4);
  for (int trial = 0; trial < 40; ++trial) {
    canvas.setPlace({.row = rng.uniform(0, 200),
                     .column = rng.uniform(0, 200),
                     .cellsPerPixel = rng.uniform(0.02, 0.3)});
    const QRectF area = canvas.matrixArea();
    const QPointF at(rng.uniform(area.left() + 1, area.right() - 1),
                     rng.uniform(area.top() + 1, area.bottom() - 1));
    const QPointF before = canvas.frameFor(1).sourceAt(at);
    const QString under = canvas.readOut(at);
    wheel(at, 2);
    const QPointF after = canvas.frameFor(1).sourceAt(at);
    EXPECT_NEAR(after.x(), before.x(), 1e-9);
    EXPECT_NEAR(after.y(), before.y(), 1e-9);
    EXPECT_EQ(canvas.readOut(at), under);
  }
  EXPECT_EQ(interactions, 40);
  canvas.fit();
  const double all = canvas.place().cellsPerPixel;
  wheel(canvas.matrixArea().center(), 1);
  EXPECT_NEAR(canvas.place().cellsPerPixel, all / std::pow(1.0015, 120), 1e-9);
  wheel(canvas.matrixArea().center(), -30);
  EXPECT_EQ(canvas.visibleCells(), QRectF(0, 0, 200, 200)) << "all of it is as far as it goes";
}

TEST_F(MatrixCanvasInput, ADragTakesTheMatrixAlong) {
  for (const auto button : {Qt::LeftButton, Qt::MiddleButton}) {
    canvas.setPlace({100, 100, 0.1});
    const QPoint from = center({95, 105});
    drag(from, from + QPoint(60, -40), {}, button);
    EXPECT_LT(
        (canvas.cellRect({95, 105}).center() - QPointF(from + QPoint(60, -40))).manhattanLength(),
        2);
  }
  EXPECT_TRUE(activated.empty()) << "a drag is no click";
  EXPECT_EQ(interactions, 2);
  canvas.setPlace({100, 100, 0.1});
  const MatrixPlace place = canvas.place();
  drag(center({95, 105}), center({95, 105}) + QPoint(2, 1));
  EXPECT_EQ(canvas.place(), place) << "a shaky click is no drag";
  EXPECT_EQ(activated.size(), 1u);
}

TEST_F(MatrixCanvasInput, ShiftDragZoomsToABand) {
  drag(center({40, 60}), center({80, 90}), Qt::ShiftModifier);
  const QRectF cells = canvas.visibleCells();
  EXPECT_TRUE(cells.adjusted(-1, -1, 1, 1).contains(QRectF(60, 40, 30, 40)));
  EXPECT_LT(cells.height(), 45) << "no larger than needed";
  EXPECT_NEAR(cells.center().x(), 75.5, 1);
  EXPECT_NEAR(cells.center().y(), 60.5, 1);
  EXPECT_TRUE(selected.empty());
  EXPECT_FALSE(canvas.pinned());
}

TEST_F(MatrixCanvasInput, EscapeTakesABandBack) {
  const MatrixPlace place = canvas.place();
  const QImage before = canvas.grab().toImage();
  QTest::mousePress(&canvas, Qt::LeftButton, Qt::ShiftModifier, center({40, 60}));
  move(center({80, 90}), Qt::LeftButton, Qt::ShiftModifier);
  EXPECT_NE(canvas.grab().toImage(), before) << "the band is seen";
  QTest::keyClick(&canvas, Qt::Key_Escape);
  QTest::mouseRelease(&canvas, Qt::LeftButton, Qt::ShiftModifier, center({80, 90}));
  EXPECT_EQ(canvas.place(), place);
  EXPECT_FALSE(canvas.pinned());
  EXPECT_TRUE(activated.empty());
}

TEST_F(MatrixCanvasInput, ControlDragSelectsRowsAndColumns) {
  const MatrixPlace place = canvas.place();
  canvas.setPlace({100, 100, 0.1});
  drag(center({95, 90}), center({101, 110}), Qt::ControlModifier);
  ASSERT_EQ(selected.size(), 1u);
  EXPECT_EQ(selected[0], QRect(90, 95, 21, 7));
  canvas.setRubberBandSelects(true);
  drag(center({101, 110}), center({95, 90}));
  ASSERT_EQ(selected.size(), 2u);
  EXPECT_EQ(selected[1], selected[0]) << "from either corner";
  drag(center({101, 110}), {2000, 2000});
  EXPECT_EQ(selected[2].topLeft(), QPoint(110, 101)) << "and out of the area";
  QTest::mouseClick(&canvas, Qt::LeftButton, Qt::ControlModifier, center({101, 104}));
  EXPECT_EQ(selected[3], QRect(104, 101, 1, 1));
  EXPECT_NE(canvas.place(), place);
}

TEST_F(MatrixCanvasInput, AClickActivatesAndShiftClickPins) {
  canvas.setPlace({100, 100, 0.1});
  QTest::mouseClick(&canvas, Qt::LeftButton, {}, center({97, 103}));
  EXPECT_EQ(activated, (std::vector<CellIndex>{{97, 103}}));
  EXPECT_EQ(cursor(), (CellIndex{97, 103}));
  QTest::mouseClick(&canvas, Qt::LeftButton, Qt::ShiftModifier, center({98, 104}));
  EXPECT_EQ(canvas.pinned(), (CellIndex{98, 104}));
  EXPECT_EQ(activated.size(), 1u);
  QTest::mouseClick(&canvas, Qt::LeftButton, Qt::ShiftModifier, center({98, 104}));
  EXPECT_FALSE(canvas.pinned()) << "once more takes it back";
  QTest::mouseClick(&canvas, Qt::LeftButton, {}, {3, 3});
  EXPECT_EQ(activated.size(), 1u) << "beside the matrix there is no cell";
}

TEST_F(MatrixCanvasInput, DoubleClickFits) {
  canvas.setPlace({100, 100, 0.1});
  QTest::mouseDClick(&canvas, Qt::LeftButton, {}, center({97, 103}));
  EXPECT_EQ(canvas.visibleCells(), QRectF(0, 0, 200, 200));
}

TEST_F(MatrixCanvasInput, TheMiniMapMovesTheView) {
  canvas.setPlace({100, 100, 0.1});
  const QRectF area = canvas.matrixArea();
  const MatrixFrame frame({.rows = 200, .columns = 200, .available = area}, canvas.place());
  const QRectF map = MatrixMiniMap::boxIn(frame);
  ASSERT_FALSE(map.isEmpty());
  const auto at = [&](double row, double column) {
    return QPointF(map.left() + map.width() * column / 200, map.top() + map.height() * row / 200)
        .toPoint();
  };
  drag(at(100, 100), at(40, 150));
  EXPECT_NEAR(canvas.place().row, 40, 2);
  EXPECT_NEAR(canvas.place().column, 150, 2);
  QTest::mouseClick(&canvas, Qt::LeftButton, {}, at(120, 60));
  EXPECT_NEAR(canvas.place().row, 120, 2);
  EXPECT_NEAR(canvas.place().column, 60, 2);
  EXPECT_TRUE(activated.empty());
  move(at(120, 60));
  EXPECT_TRUE(text.isEmpty()) << "what the map covers is not read";
}

TEST_F(MatrixCanvasInput, TheMiniMapDoesNotCoverTheCellCursor) {
  canvas.setPlace({100, 100, 0.1});
  const QRectF map = MatrixMiniMap::boxIn(canvas.frameFor(1));
  const QPointF source = canvas.frameFor(1).sourceAt(map.center());
  const CellIndex below{static_cast<std::int64_t>(source.y()),
                        static_cast<std::int64_t>(source.x())};
  EXPECT_TRUE(canvas.matrixArea().contains(map));
  canvas.setCursorCell(below);
  const QRectF moved = MatrixMiniMap::boxIn(canvas.frameFor(1), below);
  EXPECT_FALSE(moved.intersects(canvas.cellRect(below)));
  EXPECT_TRUE(canvas.matrixArea().contains(moved));
  QTest::mouseClick(&canvas, Qt::LeftButton, {}, center(below));
  EXPECT_EQ(activated, (std::vector<CellIndex>{below})) << "the cell can be clicked again";
  QTest::mouseClick(&canvas, Qt::LeftButton, {}, moved.center().toPoint() + QPoint(20, 0));
  EXPECT_EQ(activated.size(), 1u) << "and the map is where it is drawn";
}

TEST_F(MatrixCanvasInput, TheLineOfASplitIsDragged) {
  canvas.setSecond(MatrixPyramid::build(randomMatrix(200, 200, 2)), "a", "b");
  const QRectF area = canvas.matrixArea();
  for (const auto compare : {MatrixCompare::SplitVertical, MatrixCompare::SplitHorizontal}) {
    canvas.setCompare(compare);
    canvas.setSplit(0.5);
    const bool isVertical = compare == MatrixCompare::SplitVertical;
    const QPoint from = area.center().toPoint();
    const QPoint by = isVertical ? QPoint(80, 5) : QPoint(5, 80);
    const MatrixPlace place = canvas.place();
    move(from);
    EXPECT_EQ(canvas.cursor().shape(), isVertical ? Qt::SplitHCursor : Qt::SplitVCursor);
    drag(from, from + by);
    EXPECT_NEAR(canvas.split(), 0.5 + 80 / (isVertical ? area.width() : area.height()), 0.01);
    EXPECT_EQ(canvas.place(), place);
    QTest::keyClick(&canvas, isVertical ? Qt::Key_Left : Qt::Key_Up, Qt::AltModifier);
    EXPECT_NEAR(canvas.split(), 0.45 + 80 / (isVertical ? area.width() : area.height()), 0.01);
    drag(from, from + QPoint(40, 40));
    EXPECT_EQ(canvas.place(), place) << "beside the line nothing is to pan, as all is in sight";
  }
}

TEST_F(MatrixCanvasInput, SpaceHeldShowsTheSecondMatrix) {
  canvas.setSecond(MatrixPyramid::build(randomMatrix(200, 200, 2)), "a", "b");
  canvas.setCompare(MatrixCompare::Flicker);
  const QImage first = canvas.renderMatrix({100, 100});
  QTest::keyPress(&canvas, Qt::Key_Space);
  EXPECT_TRUE(canvas.showsSecond());
  EXPECT_NE(canvas.renderMatrix({100, 100}), first);
  QKeyEvent repeat(QEvent::KeyRelease, Qt::Key_Space, {}, " ", true);
  QCoreApplication::sendEvent(&canvas, &repeat);
  EXPECT_TRUE(canvas.showsSecond()) << "a key that repeats is still held";
  QTest::keyRelease(&canvas, Qt::Key_Space);
  EXPECT_FALSE(canvas.showsSecond());
  QTest::keyPress(&canvas, Qt::Key_Space);
  QFocusEvent out(QEvent::FocusOut);
  QCoreApplication::sendEvent(&canvas, &out);
  EXPECT_FALSE(canvas.showsSecond()) << "its release would go elsewhere";
  canvas.setCompare(MatrixCompare::None);
  QTest::keyPress(&canvas, Qt::Key_Space);
  EXPECT_FALSE(canvas.showsSecond());
}

TEST_F(MatrixCanvasInput, KeysZoom) {
  const double before = canvas.place().cellsPerPixel;
  QTest::keyClick(&canvas, Qt::Key_Plus);
  QTest::keyClick(&canvas, Qt::Key_Equal);
  EXPECT_NEAR(canvas.place().cellsPerPixel, before / 1.25 / 1.25, 1e-9);
  QTest::keyClick(&canvas, Qt::Key_Minus);
  EXPECT_NEAR(canvas.place().cellsPerPixel, before / 1.25, 1e-9);
  const QRectF all(0, 0, 200, 200);
  const auto zooms = [&] { canvas.setPlace({100, 100, 0.1}); };
  for (const auto& [key, modifier] :
       std::vector<std::pair<Qt::Key, Qt::KeyboardModifier>>{{Qt::Key_0, Qt::NoModifier},
                                                             {Qt::Key_F, Qt::NoModifier},
                                                             {Qt::Key_9, Qt::ControlModifier}}) {
    zooms();
    QTest::keyClick(&canvas, key, modifier);
    EXPECT_EQ(canvas.visibleCells(), all) << key;
  }
  for (const auto& [key, modifier] : std::vector<std::pair<Qt::Key, Qt::KeyboardModifier>>{
           {Qt::Key_1, Qt::NoModifier}, {Qt::Key_0, Qt::ControlModifier}}) {
    zooms();
    QTest::keyClick(&canvas, key, modifier);
    EXPECT_EQ(canvas.place().cellsPerPixel, canvas.devicePixelRatioF()) << key;
  }
  EXPECT_EQ(interactions, 8);
  for (int i = 0; i < 100; ++i) {
    QTest::keyClick(&canvas, Qt::Key_Plus);
  }
  EXPECT_NEAR(std::min(canvas.visibleCells().width(), canvas.visibleCells().height()), 2, 1e-6);
}

TEST_F(MatrixCanvasInput, ArrowsMoveTheCellCursorAndTheViewFollows) {
  canvas.setPlace({100, 100, 0.1});
  QTest::keyClick(&canvas, Qt::Key_Down);
  EXPECT_EQ(cursor(), (CellIndex{100, 100})) << "first it shows where it is";
  QTest::keyClick(&canvas, Qt::Key_Down);
  QTest::keyClick(&canvas, Qt::Key_Right);
  EXPECT_EQ(cursor(), (CellIndex{101, 101}));
  QTest::keyClick(&canvas, Qt::Key_Up);
  QTest::keyClick(&canvas, Qt::Key_Left);
  EXPECT_EQ(cursor(), (CellIndex{100, 100}));
  QTest::keyClick(&canvas, Qt::Key_Right, Qt::ShiftModifier);
  EXPECT_EQ(cursor(), (CellIndex{100, 110}));
  EXPECT_TRUE(text.startsWith("row 100, column 110 · C = ")) << text.toStdString();
  for (int i = 0; i < 70; ++i) {
    QTest::keyClick(&canvas, Qt::Key_Right);
    ASSERT_TRUE(
        canvas.visibleCells()
            .adjusted(-0.01, -0.01, 0.01, 0.01)
            .contains(QRectF(
                static_cast<double>(cursor().column), static_cast<double>(cursor().row), 1, 1)));
  }
  EXPECT_EQ(cursor(), (CellIndex{100, 180}));
}

TEST_F(MatrixCanvasInput, TheKeyboardTakesOverFromTheMouse) {
  canvas.setPlace({100, 100, 0.1});
  move(center({95, 103}));
  EXPECT_TRUE(text.startsWith("row 95, column 103 ")) << text.toStdString();
  QTest::keyClick(&canvas, Qt::Key_Right);
  EXPECT_EQ(cursor(), (CellIndex{95, 103})) << "it begins where the mouse is";
  QTest::keyClick(&canvas, Qt::Key_Right);
  EXPECT_TRUE(text.startsWith("row 95, column 104 ")) << text.toStdString();
  canvas.setPlace({90, 90, 0.1});
  EXPECT_TRUE(text.startsWith("row 95, column 104 ")) << text.toStdString();
  QTest::keyClick(&canvas, Qt::Key_P);
  EXPECT_EQ(canvas.pinned(), (CellIndex{95, 104}));
  move(center({90, 91}));
  EXPECT_TRUE(text.startsWith("row 90, column 91 ")) << text.toStdString();
}

TEST_F(MatrixCanvasInput, PagesAndEndsMoveFar) {
  canvas.setPlace({100, 100, 0.1});
  canvas.setCursorCell(CellIndex{100, 100});
  const auto page = static_cast<std::int64_t>(std::floor(0.9 * canvas.visibleCells().height()));
  QTest::keyClick(&canvas, Qt::Key_PageDown);
  EXPECT_EQ(cursor(), (CellIndex{100 + page, 100}));
  QTest::keyClick(&canvas, Qt::Key_PageUp);
  EXPECT_EQ(cursor(), (CellIndex{100, 100}));
  QTest::keyClick(&canvas, Qt::Key_Home);
  EXPECT_EQ(cursor(), (CellIndex{100, 0}));
  QTest::keyClick(&canvas, Qt::Key_Left);
  EXPECT_EQ(cursor(), (CellIndex{100, 0})) << "there is nothing beyond";
  QTest::keyClick(&canvas, Qt::Key_End);
  EXPECT_EQ(cursor(), (CellIndex{100, 199}));
  QTest::keyClick(&canvas, Qt::Key_End, Qt::ControlModifier);
  EXPECT_EQ(cursor(), (CellIndex{199, 199}));
  QTest::keyClick(&canvas, Qt::Key_PageDown);
  EXPECT_EQ(cursor(), (CellIndex{199, 199}));
  QTest::keyClick(&canvas, Qt::Key_Home, Qt::ControlModifier);
  EXPECT_EQ(cursor(), (CellIndex{0, 0}));
  EXPECT_TRUE(canvas.visibleCells().contains(QPointF(0.5, 0.5)));
}

TEST_F(MatrixCanvasInput, ControlArrowsPan) {
  canvas.setPlace({100, 100, 0.1});
  const QRectF before = canvas.visibleCells();
  QTest::keyClick(&canvas, Qt::Key_Right, Qt::ControlModifier);
  EXPECT_NEAR(canvas.visibleCells().left(), before.left() + before.width() / 10, 1e-6);
  QTest::keyClick(&canvas, Qt::Key_Up, Qt::ControlModifier);
  EXPECT_NEAR(canvas.visibleCells().top(), before.top() - before.height() / 10, 1e-6);
  QTest::keyClick(&canvas, Qt::Key_Left, Qt::ControlModifier);
  QTest::keyClick(&canvas, Qt::Key_Down, Qt::ControlModifier);
  EXPECT_NEAR(canvas.visibleCells().left(), before.left(), 1e-6);
  EXPECT_NEAR(canvas.visibleCells().top(), before.top(), 1e-6);
  EXPECT_FALSE(canvas.cursorCell());
}

TEST_F(MatrixCanvasInput, EnterActivatesPPinsEscapeTakesBack) {
  QTest::keyClick(&canvas, Qt::Key_Return);
  EXPECT_TRUE(activated.empty());
  canvas.setCursorCell(CellIndex{30, 40});
  QTest::keyClick(&canvas, Qt::Key_Return);
  QTest::keyClick(&canvas, Qt::Key_Enter);
  EXPECT_EQ(activated, (std::vector<CellIndex>{{30, 40}, {30, 40}}));
  QTest::keyClick(&canvas, Qt::Key_P);
  EXPECT_EQ(canvas.pinned(), (CellIndex{30, 40}));
  QTest::keyClick(&canvas, Qt::Key_P);
  EXPECT_FALSE(canvas.pinned());
  QTest::keyClick(&canvas, Qt::Key_P);
  QTest::keyClick(&canvas, Qt::Key_Escape);
  EXPECT_FALSE(canvas.pinned());
  EXPECT_TRUE(canvas.cursorCell());
  QTest::keyClick(&canvas, Qt::Key_Escape);
  EXPECT_FALSE(canvas.cursorCell());
}

TEST_F(MatrixCanvasInput, ItsKeysComeBeforeTheWindowsWhileItHasTheFocus) {
  QWidget window;
  auto* inner = new MatrixCanvas(&window);
  inner->setMatrix(MatrixPyramid::build(randomMatrix(200, 200, 1)));
  inner->setGeometry(0, 0, 500, 500);
  int fits = 0;
  QShortcut shortcut(QKeySequence(Qt::Key_F), &window);
  QObject::connect(&shortcut, &QShortcut::activated, &window, [&] { ++fits; });
  window.show();
  ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
  inner->setFocus();
  inner->setPlace({100, 100, 0.1});
  QTest::keyClick(inner, Qt::Key_F);
  EXPECT_EQ(fits, 0);
  EXPECT_EQ(inner->visibleCells(), QRectF(0, 0, 200, 200));
  inner->setMatrix(nullptr);
  QTest::keyClick(inner, Qt::Key_F);
  EXPECT_EQ(fits, 1) << "without a matrix the key is the window's";
}

}  // namespace
}  // namespace barlow::ui
