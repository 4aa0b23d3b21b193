#include "tests/ui/window/window_fixture.h"
#include "ui/evaluate/confusion_view.h"
#include "ui/evaluate/evaluate_panel.h"
#include "ui/evaluate/evaluation_queue.h"
#include "ui/evaluate/map_view.h"
#include "ui/evaluate/point_map.h"
#include "ui/evaluate/results_view.h"
#include "ui/panels/thumbnail_model.h"

#include <QLabel>
#include <QListView>
#include <QListWidget>
#include <QPushButton>
#include <QTabWidget>
#include <QToolButton>

#include <cstdlib>
#include <fstream>

namespace barlow::ui {
namespace {

class EvaluateTest : public WindowTest {
 protected:
  EvaluateTest() { setenv("XDG_CACHE_HOME", (dir / "cache").c_str(), 1); }
  ~EvaluateTest() override { unsetenv("XDG_CACHE_HOME"); }
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
