#include "core/studio/model_export.h"
#include "tests/ui/window/window_fixture.h"
#include "ui/dialogs/weight_export_dialog.h"
#include "ui/evaluate/confusion_view.h"
#include "ui/evaluate/evaluate_panel.h"
#include "ui/evaluate/evaluation_queue.h"
#include "ui/evaluate/map_view.h"
#include "ui/evaluate/point_map.h"
#include "ui/evaluate/probe_form.h"
#include "ui/evaluate/results_view.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/panels/thumbnail_model.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QTabWidget>
#include <QToolButton>
#include <QTreeView>

#include <cstdlib>
#include <fstream>

namespace barlow::ui {
namespace {

class EvaluateTest : public WindowTest {
 protected:
  EvaluateTest() {
    setenv("XDG_CACHE_HOME", (dir / "cache").c_str(), 1);
    setenv("XDG_DATA_HOME", (dir / "data").c_str(), 1);
  }
  ~EvaluateTest() override {
    unsetenv("XDG_CACHE_HOME");
    unsetenv("XDG_DATA_HOME");
  }
  void train(int epochs) {
    open();
    RunConfig config = window->experiment().config();
    config.data.limit = 64;
    config.run.batchSize = 32;
    config.run.epochs = epochs;
    config.run.threads = 1;
    config.model.width = 4;
    config.model.projector = {8, 8};
    config.evaluate.everyEpochs = 0;
    window->experiment().load(config, QStringLiteral("tiny"));
    window->showWorkspace(MainWindow::Workspace::Train);
    QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier);
  }
  EvaluatePanel& panel() { return window->evaluatePanel(); }
};

// Two clicks after a run: its workspace, and Evaluate.
TEST_F(EvaluateTest, AFinishedRunIsJudgedInTwoClicks) {
  train(1);
  ASSERT_TRUE(waitUntil([&] { return window->run().isFinished(); }));
  QTest::mouseClick(child<QToolButton>("evaluateWorkspaceButton"), Qt::LeftButton);
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Evaluate);
  ASSERT_TRUE(waitUntil([&] { return child<QPushButton>("evaluateButton")->isEnabled(); }));
  QTest::mouseClick(child<QPushButton>("evaluateButton"), Qt::LeftButton);
  ASSERT_TRUE(waitUntil([&] { return panel().results().chosen() != nullptr; }));
  const EvaluationReport report = panel().results().chosen()->report;
  EXPECT_EQ(report.probe, "knn");
  EXPECT_EQ(report.model.epoch, 1);
  ASSERT_TRUE(report.top1);
  EXPECT_TRUE(std::filesystem::exists(panel().results().chosen()->file));

  // The images of a cell are those that the report counts.
  auto* confusion = child<ConfusionView>("confusionView");
  ASSERT_EQ(confusion->classCount(), static_cast<int>(report.classes.size()));
  ConfusionView::Cell wrong;
  std::int64_t most = 0;
  for (int row = 0; row < confusion->classCount(); ++row) {
    for (int column = 0; column < confusion->classCount(); ++column) {
      const std::int64_t count =
          report.confusion[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
      if (row != column && count > most) {
        most = count;
        wrong = {row, column};
      }
    }
  }
  ASSERT_GT(most, 0);
  QTest::mouseClick(confusion, Qt::LeftButton, {}, confusion->cellRect(wrong).center().toPoint());
  auto* images = child<QListView>("confusedImages")->model();
  EXPECT_TRUE(waitUntil([&] { return images->rowCount() == most; })) << images->rowCount();

  panel().tabs()->setCurrentIndex(2);
  EXPECT_TRUE(waitUntil([&] { return child<QListWidget>("neighbours")->count() == 12; }));
  panel().tabs()->setCurrentIndex(3);
  auto* points = child<PointMap>("pointMap");
  EXPECT_TRUE(waitUntil([&] { return points->count() == report.data.queries; }));
  EXPECT_TRUE(waitUntil([&] { return window->isSettled(); }));
}

TEST_F(EvaluateTest, AnImageThatIsDroppedOnTheNeighboursIsLookedUpByTheNetwork) {
  train(1);
  ASSERT_TRUE(waitUntil([&] { return window->run().isFinished(); }));
  QTest::keyClick(window.get(), Qt::Key_6, Qt::ControlModifier);
  ASSERT_TRUE(waitUntil([&] { return child<QPushButton>("evaluateButton")->isEnabled(); }));
  QTest::keyClick(&panel(), Qt::Key_E, Qt::ControlModifier);
  ASSERT_TRUE(waitUntil([&] { return panel().results().chosen() != nullptr; }));
  panel().tabs()->setCurrentIndex(2);
  ASSERT_TRUE(waitUntil([&] { return child<QPushButton>("queryFile")->isEnabled(); }));
  QImage image(40, 30, QImage::Format_RGB32);
  image.fill(Qt::darkGreen);
  const QString file = QString::fromStdString((dir / "leaf.png").string());
  ASSERT_TRUE(image.save(file));
  chosenFiles = {file};
  QTest::mouseClick(child<QPushButton>("queryFile"), Qt::LeftButton);
  EXPECT_TRUE(waitUntil([&] {
    return child<QLabel>("queryTitle")->text() == QStringLiteral("leaf.png") &&
           child<QListWidget>("neighbours")->count() == 12;
  }));
  std::ofstream((dir / "damaged.png").string()) << "no picture";
  chosenFiles = {QString::fromStdString((dir / "damaged.png").string())};
  QTest::mouseClick(child<QPushButton>("queryFile"), Qt::LeftButton);
  EXPECT_TRUE(waitUntil([&] {
    return child<QLabel>("neighboursNote")->text().contains(QStringLiteral("damaged.png"));
  }));
}

TEST_F(EvaluateTest, TheWeightsOfARunLeaveFromEveryPlaceWhereItIsSeen) {
  train(1);
  ASSERT_TRUE(waitUntil([&] { return window->run().isFinished(); }));
  const auto dialog = [&] {
    return window->findChild<WeightExportDialog*>(QStringLiteral("weightExportDialog"));
  };
  const auto closeIt = [&] {
    ASSERT_NE(dialog(), nullptr);
    dialog()->close();
    ASSERT_TRUE(waitUntil([&] { return dialog() == nullptr; }));
    window->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(window.get()));
  };
  QTest::mouseClick(child<QToolButton>("exportWeightsActionButton"), Qt::LeftButton);
  closeIt();
  QTest::keyClick(window.get(), Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
  closeIt();

  window->showWorkspace(MainWindow::Workspace::Start);
  auto* list = child<QTreeView>("recentRuns");
  ASSERT_TRUE(waitUntil([&] { return list->model()->rowCount() == 1; }));
  list->setCurrentIndex(list->model()->index(0, 0));
  QContextMenuEvent key(QContextMenuEvent::Keyboard, {}, {});
  QApplication::sendEvent(list, &key);
  auto* menu = child<QMenu>("runMenu");
  ASSERT_TRUE(QTest::qWaitForWindowExposed(menu));
  QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(menu->actions().at(1)).center());
  closeIt();

  window->showWorkspace(MainWindow::Workspace::Evaluate);
  auto* button = child<QPushButton>("evaluateExport");
  ASSERT_TRUE(waitUntil([&] { return button->isEnabled(); }));
  QTest::mouseClick(button, Qt::LeftButton);
  ASSERT_NE(dialog(), nullptr);
  auto* save = dialog()->findChild<QPushButton*>(QStringLiteral("weightSave"));
  ASSERT_TRUE(waitUntil([&] { return save->isEnabled(); }));
  chosenPath = QStringLiteral("/dev/full");
  QTest::mouseClick(save, Qt::LeftButton);
  auto* failure = dialog()->findChild<QLabel*>(QStringLiteral("weightFailure"));
  EXPECT_TRUE(waitUntil([&] { return failure->text().contains(QStringLiteral("/dev/full")); }));
  const std::filesystem::path file = dir / "net.safetensors";
  chosenPath = QString::fromStdString(file.string());
  QTest::mouseClick(save, Qt::LeftButton);
  EXPECT_TRUE(waitUntil([&] { return !dialog()->isBusy(); }));
  EXPECT_GT(std::filesystem::file_size(file), 1000U);
  EXPECT_TRUE(failure->text().isEmpty());
}

// Issue 18: a stranger's network, as a file.
TEST_F(EvaluateTest, AFileOfWeightsIsInspectedAndJudged) {
  train(1);
  ASSERT_TRUE(waitUntil([&] { return window->run().isFinished(); }));
  const std::filesystem::path run = window->run().folder();
  exportModel({.model = run,
               .file = dir / "whole.pth",
               .format = WeightFormat::Pth,
               .part = ExportPart::All});
  exportModel({.model = run, .file = dir / "backbone.safetensors"});
  window.reset();
  open();
  const auto note = [&] { return child<QLabel>("weightNoteText")->text(); };
  chosenFiles = {QString::fromStdString((dir / "whole.pth").string())};
  action("openWeightsAction")->trigger();
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Inspect);
  InspectorPanel& inspector = window->inspectorPanel();
  ASSERT_TRUE(waitUntil([&] { return window->isSettled() && inspector.hasNumbers(); }));
  EXPECT_TRUE(note().startsWith(QStringLiteral("whole.pth is a tiny network")))
      << note().toStdString();
  const auto& inspection = *inspector.timeline().inspection();
  EXPECT_EQ(inspection.matrix().rows(), 8);
  EXPECT_EQ(inspection.embeddings->samples.size(), 1024U) << "each is an image that can be shown";
  // Of the same embeddings, without the network.
  window->matrices().setKind(MatrixKind::CovarianceA);
  ASSERT_TRUE(waitUntil(
      [&] { return inspector.timeline().inspection()->origin().kind == MatrixKind::CovarianceA; }));

  window->showWorkspace(MainWindow::Workspace::Evaluate);
  auto* evaluate = child<QPushButton>("evaluateButton");
  ASSERT_TRUE(waitUntil([&] { return window->isSettled() && evaluate->isEnabled(); }));
  child<QLineEdit>("evaluateData")->setText(QStringLiteral("shapes"));
  QTest::mouseClick(evaluate, Qt::LeftButton);
  ASSERT_TRUE(waitUntil([&] { return panel().results().chosen() != nullptr; }));
  EXPECT_EQ(panel().results().chosen()->report.model.checkpoint, "whole.pth");
  panel().tabs()->setCurrentIndex(2);
  EXPECT_TRUE(waitUntil([&] { return child<QListWidget>("neighbours")->count() == 12; }));

  // Without a projector there is no matrix; the button of the note leads on.
  window->openPath(QString::fromStdString((dir / "backbone.safetensors").string()));
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Inspect);
  ASSERT_TRUE(waitUntil([&] { return note().contains(QStringLiteral("no matrix of it")); }));
  QTest::mouseClick(child<QToolButton>("weightNoteAction"), Qt::LeftButton);
  EXPECT_EQ(window->workspace(), MainWindow::Workspace::Evaluate);
  EXPECT_EQ(panel().form().run(), dir / "backbone.safetensors");
}

TEST_F(EvaluateTest, AFileThatIsNoNetworkIsSaidToBeNone) {
  open();
  const std::filesystem::path file = dir / "net.pth";
  for (const char* content : {"", "PK\x03\x04 not much of an archive", "\x80\x02."}) {
    std::ofstream(file, std::ios::binary) << content;
    window->openPath(QString::fromStdString(file.string()));
    EXPECT_TRUE(waitUntil([&] { return window->isSettled(); }));
    auto* message = child<QLabel>("inspectorMessage");
    EXPECT_TRUE(message->isVisible());
    EXPECT_TRUE(message->text().contains(QStringLiteral("net.pth")))
        << message->text().toStdString();
    EXPECT_FALSE(child<QWidget>("weightNote")->isVisible());
  }
  window->openPath(QString::fromStdString((dir / "missing.pth").string()));
  EXPECT_EQ(told.size(), 1U);
}

TEST_F(EvaluateTest, TheWindowClosesWhileAProbeWorks) {
  train(1);
  ASSERT_TRUE(waitUntil([&] { return window->run().isFinished(); }));
  window->showWorkspace(MainWindow::Workspace::Evaluate);
  ASSERT_TRUE(waitUntil([&] { return child<QPushButton>("evaluateButton")->isEnabled(); }));
  QTest::mouseClick(child<QPushButton>("evaluateButton"), Qt::LeftButton);
  EXPECT_TRUE(panel().queue().isBusy());
  EXPECT_TRUE(window->close());
  window.reset();
}

}  // namespace
}  // namespace barlow::ui
