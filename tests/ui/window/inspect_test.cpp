#include "tests/ui/window/inspect_fixture.h"
#include "ui/inspector/display_controls.h"
#include "ui/inspector/numbers_panel.h"
#include "ui/inspector/order_panel.h"
#include "ui/inspector/pairs_panel.h"
#include "ui/panels/matrix_panel.h"
#include "ui/panels/train_panel.h"
#include "ui/plots/matrix_canvas.h"

#include <QComboBox>
#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLayout>
#include <QMimeData>
#include <QSlider>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QUrl>

#include <limits>

namespace barlow::ui {
namespace {

TEST_F(InspectTest, ShowsAStoredRunAndItsMoments) {
  openStored();
  EXPECT_EQ(canvas().matrix()->matrix().rows(), 24);
  EXPECT_TRUE(child<QLabel>("inspectorCaption")->text().contains(QStringLiteral("24 x 24")));
  child<QSlider>("timeSlider")->setValue(0);
  ASSERT_TRUE(waitUntil([&] { return shownStep() == 1; }));
  QTest::keyClick(&canvas(), Qt::Key_BracketRight);
  ASSERT_TRUE(waitUntil([&] { return shownStep() == 10; }));
}

TEST_F(InspectTest, AnOrderMovesRowsAndColumnsAndCanBeTakenBack) {
  openStored();
  const float before = canvas().matrix()->matrix().at(0, 1);
  pick(OrderKind::Clusters);
  const auto order = inspector().arranger().shown()->order.order;
  ASSERT_TRUE(order);
  const auto& plain = inspector().arranger().shown()->first->matrix();
  EXPECT_EQ(canvas().matrix()->matrix().at(0, 1), plain.at((*order)[0], (*order)[1]));
  ASSERT_TRUE(inspector().undoStack().canUndo());
  QTest::keyClick(&canvas(), Qt::Key_Z, Qt::ControlModifier);
  ASSERT_TRUE(waitUntil([&] { return inspector().arranger().shown()->order.order == nullptr; }));
  EXPECT_EQ(canvas().matrix()->matrix().at(0, 1), before);
  inspector().undoStack().redo();
  ASSERT_TRUE(waitUntil([&] { return inspector().arranger().shown()->order.order == order; }));
}

TEST_F(InspectTest, ColoursAreTakenBackAsWell) {
  openStored();
  const RenderSettings before = canvas().settings();
  QTest::keyClick(&canvas(), Qt::Key_D);
  EXPECT_EQ(canvas().settings().diagonal, DiagonalStyle::Dimmed);
  inspector().undoStack().undo();
  EXPECT_TRUE(canvas().settings() == before);
}

TEST_F(InspectTest, AChosenPairLeadsToItsCellInAnyOrder) {
  openStored();
  pick(OrderKind::RowRms);
  inspector().tabs()->setCurrentIndex(3);
  auto* table = window->findChild<PairsPanel*>()->findChild<QTableView*>();
  ASSERT_GT(table->model()->rowCount(), 0);
  table->setFocus();
  table->setCurrentIndex(table->model()->index(0, 0));
  QTest::keyClick(table, Qt::Key_Return);
  ASSERT_TRUE(canvas().cursorCell());
  const CellIndex place = *canvas().cursorCell();
  const auto& strongest = inspector().arranger().shown()->first->statistics->strongest(1);
  const auto& shown = *inspector().arranger().shown();
  EXPECT_EQ(shown.pyramid->matrix().at(place.row, place.column), strongest[0].value);
  EXPECT_EQ((*shown.order.order)[static_cast<std::size_t>(place.row)], strongest[0].cell.row);
}

TEST_F(InspectTest, ChosenDimensionsComeToTheTopOrStandAlone) {
  openStored();
  givenText = QStringLiteral("7, 3-5");
  QTest::keyClick(&canvas(), Qt::Key_F, Qt::ControlModifier);
  const auto openMenu = [&] {
    const QPoint center = canvas().matrixArea().center().toPoint();
    QContextMenuEvent event(
        QContextMenuEvent::Mouse, center, canvas().mapToGlobal(center), Qt::NoModifier);
    QApplication::sendEvent(&canvas(), &event);
  };
  const auto& plain = inspector().arranger().shown()->first->matrix();
  openMenu();
  child<QAction>("bringToTop")->trigger();
  ASSERT_TRUE(waitUntil([&] { return inspector().arranger().shown()->order.order != nullptr; }));
  EXPECT_EQ(canvas().matrix()->matrix().rows(), 24);
  EXPECT_EQ(canvas().matrix()->matrix().at(0, 1), plain.at(7, 3));
  EXPECT_EQ(canvas().matrix()->matrix().at(4, 5), plain.at(0, 1)) << "the others follow in order";
  delete child<QWidget>("matrixMenu");

  openMenu();
  child<QAction>("showOnly")->trigger();
  ASSERT_TRUE(waitUntil([&] { return canvas().matrix()->matrix().rows() == 4; }));
  EXPECT_EQ(canvas().matrix()->matrix().at(3, 0), plain.at(5, 7));
  delete child<QWidget>("matrixMenu");

  // What is out of sight is said, and everything can come back.
  givenText = QStringLiteral("20, 21");
  QTest::keyClick(&canvas(), Qt::Key_G, Qt::ControlModifier);
  EXPECT_TRUE(child<QLabel>("inspectorMessage")->isVisible());
  openMenu();
  child<QAction>("showAll")->trigger();
  ASSERT_TRUE(waitUntil([&] { return canvas().matrix()->matrix().rows() == 24; }));
}

TEST_F(InspectTest, GoesToACellAndSaysWhatIsNone) {
  openStored();
  givenText = QStringLiteral("12, 5");
  QTest::keyClick(&canvas(), Qt::Key_G, Qt::ControlModifier);
  ASSERT_TRUE(canvas().cursorCell());
  EXPECT_EQ(*canvas().cursorCell(), (CellIndex{12, 5}));
  givenText = QStringLiteral("12, 24");
  QTest::keyClick(&canvas(), Qt::Key_G, Qt::ControlModifier);
  EXPECT_TRUE(child<QLabel>("inspectorMessage")->text().contains(QStringLiteral("0 to 23")));
}

TEST_F(InspectTest, OrdersGoThroughAFile) {
  openStored();
  const auto file = dir / "order.json";
  std::ofstream(file) << R"({"format":1,"name":"mine","order":[)" << [] {
    std::string numbers;
    for (int i = 23; i >= 0; --i) {
      numbers += std::to_string(i) + (i > 0 ? "," : "");
    }
    return numbers;
  }() << "]}";
  chosenFiles = {QString::fromStdString(file.string())};
  Q_EMIT window->findChild<OrderPanel*>()->loadOrderRequested();
  ASSERT_TRUE(waitUntil([&] { return inspector().arranger().shown()->order.order != nullptr; }));
  const auto& plain = inspector().arranger().shown()->first->matrix();
  EXPECT_EQ(canvas().matrix()->matrix().at(0, 1), plain.at(23, 22));
  std::ofstream(file) << R"({"format":1,"name":"torn","order":[0,0]})";
  Q_EMIT window->findChild<OrderPanel*>()->loadOrderRequested();
  ASSERT_TRUE(waitUntil([&] { return child<QLabel>("inspectorMessage")->isVisible(); }));
  EXPECT_EQ(canvas().matrix()->matrix().at(0, 1), plain.at(23, 22)) << "nothing is lost";
}

TEST_F(InspectTest, TwoMomentsStandSideBySideAndAreSubtracted) {
  openStored();
  child<QAction>("compareFirst")->trigger();
  ASSERT_TRUE(waitUntil([&] {
    return inspector().secondCanvas()->isVisible() && inspector().secondCanvas()->matrix();
  }));
  EXPECT_EQ(inspector().secondCanvas()->matrix()->matrix().origin().step, 1);
  canvas().zoom(3, canvas().matrixArea().center());
  EXPECT_EQ(inspector().secondCanvas()->place().cellsPerPixel, canvas().place().cellsPerPixel);
  choose("compareLayout", 2);
  ASSERT_TRUE(waitUntil(
      [&] { return inspector().arranger().shown()->derivation == Derivation::Difference; }));
  EXPECT_FALSE(inspector().secondCanvas()->isVisible());
  const auto& shown = *inspector().arranger().shown();
  EXPECT_EQ(canvas().matrix()->matrix().at(2, 3),
            shown.first->matrix().at(2, 3) - shown.second->matrix().at(2, 3));
  child<QAction>("compareNothing")->trigger();
  ASSERT_TRUE(
      waitUntil([&] { return inspector().arranger().shown()->derivation == Derivation::None; }));
}

// Issue 16, F8: in a low window what may come next was drawn over by what stands beside it.
TEST_F(InspectTest, WhatComesNextIsWholeInALowWindow) {
  openStored();
  window->showWorkspace(MainWindow::Workspace::Train);
  window->trainPanel().settingsAction()->setChecked(true);
  const auto areaOf = [&](const char* name) {
    const auto* widget = child<QWidget>(name);
    return QRect(widget->mapTo(window.get(), QPoint()), widget->size());
  };
  for (const int height : {560, 640, 680, 720}) {
    window->resize(1280, height);
    EXPECT_TRUE(waitUntil(
        [&] {
          const QRect next = areaOf("nextSteps");
          return child<QWidget>("nextSteps")->isVisible() &&
                 next.top() > areaOf("startActionButton").bottom() &&
                 next.bottom() < areaOf("lossCard").top();
        },
        5'000))
        << height << ": " << areaOf("nextSteps").top() << " below "
        << areaOf("startActionButton").bottom() << ", above " << areaOf("lossCard").top();
    const TrainPanel& train = window->trainPanel();
    EXPECT_TRUE(waitUntil(
        [&] { return train.layout()->totalMinimumSize().height() <= train.height(); }, 5'000))
        << train.layout()->totalMinimumSize().height() << " in " << train.height();
  }
}

// Issue 16, F26: two matrices beside each other were small.
TEST_F(InspectTest, NumbersStayReadableInALowWindow) {
  openStored();
  window->resize(960, 500);
  const auto* numbers = inspector().findChild<NumbersPanel*>();
  EXPECT_TRUE(
      waitUntil([&] { return numbers->height() >= numbers->minimumSizeHint().height(); }, 5'000));
  const auto* loss = child<QLabel>("number0");
  EXPECT_GE(loss->height(), loss->fontMetrics().height());
}

TEST_F(InspectTest, TheNumbersMakeRoomForTheMatrix) {
  openStored();
  window->resize(1280, 800);
  const auto* tabs = child<QTabWidget>("inspectorTabs");
  ASSERT_TRUE(tabs->isVisible());
  const int before = canvas().width();
  QTest::keyClick(&canvas(), Qt::Key_F9);
  EXPECT_FALSE(tabs->isVisible());
  ASSERT_TRUE(waitUntil([&] { return canvas().width() >= before + 300; })) << canvas().width();
  child<QAction>("inspectorNumbers")->trigger();
  EXPECT_TRUE(tabs->isVisible());
}

TEST_F(InspectTest, MatricesOfOtherSizesAreRefusedWithASentence) {
  openStored();
  const auto other = dir / "other";
  RunFolder::create(other, RunConfig{}, RunRecord{.id = "o", .state = "finished"});
  writeMoment(other, *randomEmbeddings(32, 12, 5));
  chosenFolder = QString::fromStdString(other.string());
  child<QAction>("compareRun")->trigger();
  ASSERT_TRUE(waitUntil([&] { return child<QLabel>("inspectorMessage")->isVisible(); }));
  EXPECT_TRUE(child<QLabel>("inspectorMessage")->text().contains(QStringLiteral("12 x 12")));
  EXPECT_FALSE(inspector().secondCanvas()->isVisible());
}

TEST_F(InspectTest, TheViewComesBackWithTheRun) {
  openStored();
  QTest::keyClick(&canvas(), Qt::Key_D);
  pick(OrderKind::Diagonal);
  window->showWorkspace(MainWindow::Workspace::Start);
  ASSERT_TRUE(waitUntil([&] { return std::filesystem::exists(dir / "stored" / "view.json"); }));
  window.reset();
  open();
  window->openPath(QString::fromStdString((dir / "stored").string()));
  window->showWorkspace(MainWindow::Workspace::Inspect);
  ASSERT_TRUE(waitUntil([&] {
    const auto& shown = inspector().arranger().shown();
    return shown && shown->order.request.kind == OrderKind::Diagonal;
  }));
  EXPECT_EQ(canvas().settings().diagonal, DiagonalStyle::Dimmed);
}

TEST_F(InspectTest, DroppedEmbeddingsOpenHere) {
  open();
  const auto other = dir / "files";
  writeMoment(other, *randomEmbeddings(20, 6, 9));
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(
      QString::fromStdString((other / "matrices" / "step-00000009.safetensors").string()))});
  QDragEnterEvent enter({600, 400}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window.get(), &enter);
  EXPECT_TRUE(enter.isAccepted());
  QDropEvent drop({600, 400}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window.get(), &drop);
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Inspect);
  ASSERT_TRUE(
      waitUntil([&] { return canvas().matrix() && canvas().matrix()->matrix().rows() == 6; }));
  EXPECT_FALSE(child<QToolButton>("backToRun")->isVisible()) << "there is no run";
  window->openPath(data.urls().front().toLocalFile() + QStringLiteral(":z_b"));
  EXPECT_TRUE(waitUntil([&] { return canvas().matrix()->matrix().rows() == 20; }))
      << "one array of the file";
}

TEST_F(InspectTest, OddMatricesOpenAndCanBeLookedAtInEveryWay) {
  open();
  const auto odd = [](std::int64_t rows, std::int64_t columns, float first) {
    Rng rng(3);
    const auto value = [&](std::int64_t i, std::int64_t j) {
      return i == 1 && j == 0 ? first : static_cast<float>(rng.uniform(-1, 1));
    };
    const MatrixOrigin origin{.n = 16, .step = rows * 100 + columns};
    return EmbeddingBatch{.a = Matrix::generated(16, rows, value, origin),
                          .b = Matrix::generated(16, columns, value, origin),
                          .samples = std::vector<std::int64_t>(16)};
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<EmbeddingBatch> pairs = {
      odd(1, 1, 0), odd(2, 2, 0), odd(6, 4, 0), odd(3, 3, kNan), odd(5, 5, kInfinity)};
  for (const EmbeddingBatch& pair : pairs) {
    writeMoment(dir.path(), pair);
    const auto step = pair.a.origin().step;
    window->openPath(QString::fromStdString(
        (dir / "matrices" / ("step-00000" + std::to_string(step) + ".safetensors")).string()));
    ASSERT_TRUE(waitUntil([&] {
      return window->isSettled() && canvas().matrix() &&
             canvas().matrix()->matrix().rows() == pair.a.columns() &&
             canvas().matrix()->matrix().columns() == pair.b.columns();
    })) << step;
    for (int layout = 0; layout < child<QComboBox>("compareLayout")->count(); ++layout) {
      choose("compareLayout", layout);
    }
    choose("compareLayout", 0);
    for (int tab = 0; tab < inspector().tabs()->count(); ++tab) {
      inspector().tabs()->setCurrentIndex(tab);
      EXPECT_FALSE(window->grab().isNull());
    }
    inspector().arranger().computeOrder({.kind = OrderKind::Clusters});
    ASSERT_TRUE(waitUntil([&] { return window->isSettled(); }));
  }
}

TEST_F(InspectTest, ABadFileSaysWhatIsWrongAndTheWindowLives) {
  openStored();
  for (const char* name : {"bad.npy", "bad.npz", "bad.safetensors"}) {
    const auto bad = dir / name;
    std::ofstream(bad) << "no array";
    window->openPath(QString::fromStdString(bad.string()));
    ASSERT_TRUE(waitUntil([&] {
      return child<QLabel>("inspectorMessage")->isVisible() &&
             child<QLabel>("inspectorMessage")->text().contains(QLatin1String(name));
    })) << name;
  }
  QTest::mouseClick(child<QToolButton>("backToRun"), Qt::LeftButton);
  ASSERT_TRUE(waitUntil([&] { return shownStep() == 20; }));
}

TEST_F(InspectTest, AnythingDoneToALiveMatrixHoldsIt) {
  control->steps = 1000;
  control->embeddings = [](std::int64_t step) { return randomEmbeddings(32, 24, step); };
  open([control = control](RunRequest request) {
    RunFolder::create(request.folder, request.config, RunRecord{.id = "x"});
    return std::make_unique<FakeTrainer>(control);
  });
  control->preparing.open();
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Running; }));
  QTest::mouseClick(child<QToolButton>("matrixInspect"), Qt::LeftButton);
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Inspect);
  control->stepping.allow();
  ASSERT_TRUE(waitUntil([&] { return shownStep() == 1; }));
  EXPECT_EQ(inspector().timeline().playback(), MatrixTimeline::Playback::Following);
  QTest::keyClick(&canvas(), Qt::Key_Plus);
  EXPECT_EQ(inspector().timeline().playback(), MatrixTimeline::Playback::Held);
  ASSERT_TRUE(waitUntil([&] {
    control->stepping.allow();
    return inspector().timeline().newerCount() > 0;
  }));
  EXPECT_EQ(shownStep(), 1);
  QTest::mouseClick(child<QToolButton>("followNewest"), Qt::LeftButton);
  ASSERT_TRUE(waitUntil([&] { return shownStep() > 1; }));
}

}  // namespace
}  // namespace barlow::ui
