// How a person leaves and finds a matrix in Inspect, and what a click or a key there does.
#include "tests/ui/window/inspect_fixture.h"
#include "ui/inspector/compared_numbers.h"
#include "ui/inspector/numbers_panel.h"
#include "ui/inspector/top_samples_panel.h"

#include <QLabel>
#include <QSlider>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>

namespace barlow::ui {
namespace {

// Issue 16: an order that was taken back came again with the run.
TEST_F(InspectTest, WhatIsTakenBackDoesNotComeBackWithTheRun) {
  openStored();
  QTest::keyClick(&canvas(), Qt::Key_D);
  pick(OrderKind::Diagonal);
  window->showWorkspace(MainWindow::Workspace::Start);
  ASSERT_TRUE(waitUntil([&] { return std::filesystem::exists(dir / "stored" / "view.json"); }));
  window->showWorkspace(MainWindow::Workspace::Inspect);
  inspector().undoStack().undo();
  inspector().undoStack().undo();
  window.reset();  // at once
  open();
  window->openPath(QString::fromStdString((dir / "stored").string()));
  window->showWorkspace(MainWindow::Workspace::Inspect);
  ASSERT_TRUE(waitUntil([&] { return shownStep() == 20 && window->isSettled(); }));
  EXPECT_EQ(inspector().arranger().shown()->order.request.kind, OrderKind::Original);
  EXPECT_EQ(canvas().settings().diagonal, DiagonalStyle::Shown);
}

// Issue 16: a matrix that nobody zoomed stayed as large as in the window before.
TEST_F(InspectTest, AllOfTheMatrixFillsEveryWindow) {
  openStored();
  QTest::keyClick(&canvas(), Qt::Key_D);  // something to keep
  window->resize(1000, 700);
  ASSERT_TRUE(waitUntil([&] { return window->width() == 1000 && canvas().place().isAll; }));
  const double small = canvas().matrixArea().width();
  window.reset();
  open();
  window->resize(1800, 1000);
  window->openPath(QString::fromStdString((dir / "stored").string()));
  window->showWorkspace(MainWindow::Workspace::Inspect);
  ASSERT_TRUE(waitUntil([&] {
    return shownStep() == 20 && window->isSettled() &&
           canvas().settings().diagonal == DiagonalStyle::Dimmed;
  }));
  EXPECT_TRUE(canvas().place().isAll);
  EXPECT_GT(canvas().matrixArea().width(), small);
  auto* fit = child<QToolButton>("inspectorFit");
  EXPECT_FALSE(fit->isEnabled());
  canvas().zoom(4, canvas().matrixArea().center());
  EXPECT_TRUE(fit->isEnabled());
  QTest::mouseClick(fit, Qt::LeftButton);
  EXPECT_TRUE(canvas().place().isAll);
}

// Issue 16: "Click it to see which images drive it", and a click only marked the cell.
TEST_F(InspectTest, AClickOnACellOpensWhatDrivesIt) {
  openStored();
  auto* images = window->findChild<TopSamplesPanel*>();
  ASSERT_NE(inspector().tabs()->currentWidget(), images);
  QTest::mouseClick(&canvas(), Qt::LeftButton, {}, canvas().cellRect({3, 9}).center().toPoint());
  EXPECT_EQ(inspector().tabs()->currentWidget(), images);
  EXPECT_TRUE(images->isVisible());
}

// Issue 16: the End key went to the newest moment from within any list.
TEST_F(InspectTest, EndIsTheEndOfAListInAList) {
  openStored();
  child<QSlider>("timeSlider")->setValue(0);
  ASSERT_TRUE(waitUntil([&] { return shownStep() == 1 && window->isSettled(); }));
  inspector().tabs()->setCurrentIndex(3);
  auto* table = child<QTableView>("pairTable");
  ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() > 1; }));
  table->setFocus();
  table->setCurrentIndex(table->model()->index(0, 0));
  QTest::keyClick(table, Qt::Key_End);
  QTest::keyClick(table, Qt::Key_End);
  auto* layout = child<QComboBox>("compareLayout");
  layout->setFocus();
  QTest::keyClick(layout, Qt::Key_End);
  EXPECT_EQ(layout->currentIndex(), layout->count() - 1);
  layout->setCurrentIndex(0);
  EXPECT_EQ(inspector().timeline().playback(), MatrixTimeline::Playback::Held);
  child<QToolButton>("inspectorFit")->setEnabled(true);
  child<QToolButton>("inspectorFit")->setFocus();
  QTest::keyClick(child<QToolButton>("inspectorFit"), Qt::Key_End);
  EXPECT_EQ(inspector().timeline().playback(), MatrixTimeline::Playback::Following);
}

TEST_F(InspectTest, TheWayOfShowingIsTakenBackLikeTheRest) {
  openStored();
  auto* layout = child<QComboBox>("compareLayout");
  layout->setFocus();
  QTest::keyClick(layout, Qt::Key_End);
  ASSERT_EQ(layout->currentIndex(), layout->count() - 1);
  ASSERT_TRUE(inspector().undoStack().canUndo());
  inspector().undoStack().undo();
  EXPECT_EQ(layout->currentIndex(), 0);
  EXPECT_FALSE(inspector().undoStack().canUndo());
}

// Issue 16: messages pushed everything down, and went by themselves while it was being read.
TEST_F(InspectTest, AMessageMovesNothingAndStaysUntilItIsDismissed) {
  openStored();
  const QRect before(canvas().mapTo(window.get(), QPoint()), canvas().size());
  givenText = QStringLiteral("99, 99");
  QTest::keyClick(&canvas(), Qt::Key_G, Qt::ControlModifier);
  auto* message = child<QLabel>("inspectorMessage");
  ASSERT_TRUE(message->isVisible());
  QCoreApplication::sendPostedEvents();
  EXPECT_EQ(QRect(canvas().mapTo(window.get(), QPoint()), canvas().size()), before);
  QTest::mouseClick(child<QToolButton>("dismissMessage"), Qt::LeftButton);
  EXPECT_FALSE(message->isVisible());
}

TEST_F(InspectTest, AComparisonHasTheNumbersOfBothSides) {
  openStored();
  auto* both = child<ComparedNumbers>("comparedNumbers");
  EXPECT_FALSE(both->isVisible());
  child<QAction>("compareFirst")->trigger();
  ASSERT_TRUE(waitUntil([&] {
    return both->isVisible() && window->isSettled() &&
           both->texts(NumberKey::RankB).difference != QStringLiteral("–");
  }));
  EXPECT_NE(both->texts(NumberKey::Loss).first, both->texts(NumberKey::Loss).second);
  child<QAction>("compareNothing")->trigger();
  EXPECT_FALSE(both->isVisible());
  EXPECT_TRUE(window->findChild<NumbersPanel*>()->isVisible());
}

}  // namespace
}  // namespace barlow::ui
