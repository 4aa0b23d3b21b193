#include "tests/ui/window/window_fixture.h"
#include "ui/forms/config_form.h"
#include "ui/panels/charts_panel.h"
#include "ui/panels/matrix_panel.h"
#include "ui/panels/metric_cards.h"
#include "ui/panels/train_panel.h"
#include "ui/plots/line_chart.h"
#include "ui/plots/matrix_canvas.h"

#include <QImage>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

namespace barlow::ui {
namespace {

class LiveRun : public WindowTest {
 protected:
  // Small enough for a test, long enough to be paused.
  void useTinyRun() {
    RunConfig config = window->experiment().config();
    config.data.limit = 256;
    config.run.batchSize = 32;
    config.run.epochs = 6;
    config.run.threads = 1;
    config.model.width = 4;
    config.model.projector = {16, 16};
    config.evaluate.everyEpochs = 3;
    window->experiment().load(config, QStringLiteral("tiny"));
  }
  void press(const char* button) { QTest::mouseClick(child<QToolButton>(button), Qt::LeftButton); }
  std::int64_t lastStep() { return readMetrics(window->run().folder()).back().step; }
};

TEST_F(LiveRun, StartsPausesResumesStopsAndGoesOnByKeyAndMouse) {
  open();
  useTinyRun();
  window->showWorkspace(MainWindow::Workspace::Train);
  TrainPanel& train = window->trainPanel();

  QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier);
  ASSERT_TRUE(waitUntil([&] { return train.matrix()->canvas()->matrix() != nullptr; }));
  EXPECT_EQ(train.matrix()->canvas()->matrix()->matrix().rows(), 16);
  press("pauseActionButton");
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Paused; }));
  const int points = train.charts()->lossChart()->pointCount();
  EXPECT_GT(points, 0);
  EXPECT_EQ(points, lastStep()) << "no step is missing from the chart";
  EXPECT_NE(child<MetricCard>("lossCard")->value(), QStringLiteral("–"));
  EXPECT_NE(child<MetricCard>("knnCard")->value(), QStringLiteral("–"));

  press("pauseActionButton");  // now it says Resume
  ASSERT_TRUE(waitUntil([&] { return train.charts()->lossChart()->pointCount() > points; }));
  QTest::keyClick(window.get(), Qt::Key_Period, Qt::ControlModifier);
  ASSERT_TRUE(waitUntil([&] { return !window->run().isLive() && window->run().canResume(); }));
  const std::int64_t stoppedAt = lastStep();
  ASSERT_LT(stoppedAt, 48);
  const auto folder = window->run().folder();

  // A new window on the folder, as after a restart of the program.
  window.reset();
  open();
  window->openPath(QString::fromStdString(folder.string()));
  ASSERT_TRUE(waitUntil([&] { return window->run().canResume() && window->isSettled(); }));
  EXPECT_EQ(window->trainPanel().charts()->lossChart()->pointCount(), stoppedAt);
  EXPECT_NE(window->trainPanel().matrix()->canvas()->matrix(), nullptr);
  EXPECT_EQ(window->experiment().config().run.epochs, 6);
  press("pauseActionButton");
  ASSERT_TRUE(
      waitUntil([&] { return window->run().stateText().contains(QStringLiteral("Finished")); }));
  EXPECT_EQ(lastStep(), 48);
  EXPECT_EQ(window->trainPanel().charts()->lossChart()->pointCount(), 48);
  EXPECT_EQ(readRunRecord(folder).state, "finished");
}

// Issue 17: before the first run the cards were those of Barlow Twins whatever was chosen.
TEST_F(LiveRun, CardsAndChartsFollowTheChosenObjectiveBeforeTheFirstRun) {
  open();
  EXPECT_NE(child<MetricCard>("meanDiagonalCard"), nullptr);
  RunConfig config = window->experiment().config();
  config.objective.name = ObjectiveName::Simclr;
  window->experiment().setConfig(config);
  EXPECT_EQ(window->findChild<MetricCard*>(QStringLiteral("meanDiagonalCard")), nullptr);
  EXPECT_TRUE(child<MetricCard>("contrastiveAccuracyCard")
                  ->note()
                  .startsWith(QStringLiteral("good: rises")));
  EXPECT_NE(child<LineChart>("rightAnswersChart"), nullptr);
}

TEST_F(LiveRun, ChangedSettingsAreTakenOverWhenAskedFor) {
  open();
  useTinyRun();
  window->showWorkspace(MainWindow::Workspace::Train);
  press("startActionButton");
  ASSERT_TRUE(waitUntil([&] { return window->run().canPause(); }));
  press("pauseActionButton");
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Paused; }));
  RunConfig config = window->experiment().config();
  config.optim.baseLearningRate /= 4;
  window->experiment().setConfig(config);
  answer = 0;
  press("pauseActionButton");
  ASSERT_TRUE(
      waitUntil([&] { return window->run().stateText().contains(QStringLiteral("Finished")); }));
  EXPECT_EQ(asked, std::vector<QString>{QStringLiteral("Resume with the changed settings?")});
  EXPECT_EQ(lastStep(), 48);
  EXPECT_EQ(window->trainPanel().charts()->lossChart()->pointCount(), 48);
  EXPECT_EQ(readRunConfig(window->run().folder()).optim.baseLearningRate,
            config.optim.baseLearningRate);
  // Issue 16, F18: in the words of the form.
  const auto* lines = window->findChild<QListView*>(QStringLiteral("logLines"));
  const QModelIndexList found = lines->model()->match(lines->model()->index(0, 0),
                                                      Qt::DisplayRole,
                                                      QStringLiteral("Changed after step"),
                                                      1,
                                                      Qt::MatchContains);
  ASSERT_EQ(found.size(), 1);
  EXPECT_TRUE(found.front().data().toString().contains(fieldName("optim.base_learning_rate") +
                                                       QStringLiteral(": ")))
      << qPrintable(found.front().data().toString());
}

// Issue 16, P25.
TEST_F(LiveRun, ResumeAsksForDataThatHasMoved) {
  for (const char* name : {"cat", "dog"}) {
    for (int i = 0; i < 20; ++i) {
      const auto folder = dir / "photos" / name;
      std::filesystem::create_directories(folder);
      QImage image(16 + i, 16, QImage::Format_RGB32);
      image.fill(Qt::red);
      ASSERT_TRUE(image.save(
          QString::fromStdString((folder / (std::to_string(i) + ".png")).string()), "PNG"));
    }
  }
  open();
  useTinyRun();
  RunConfig config = window->experiment().config();
  config.data.source = (dir / "photos").string();
  config.run.batchSize = 4;
  window->experiment().load(config, QStringLiteral("tiny"));
  window->showWorkspace(MainWindow::Workspace::Train);
  press("startActionButton");
  ASSERT_TRUE(waitUntil([&] { return window->run().state() == SessionState::Running; }));
  press("stopActionButton");
  ASSERT_TRUE(waitUntil([&] { return !window->run().isLive() && window->run().canResume(); }));
  std::filesystem::rename(dir / "photos", dir / "moved");

  chosenFolder.reset();  // cancelled
  press("pauseActionButton");
  EXPECT_FALSE(window->run().isLive());

  std::filesystem::copy(
      dir / "moved" / "cat", dir / "other", std::filesystem::copy_options::recursive);
  chosenFolder = QString::fromStdString((dir / "other").string());
  press("pauseActionButton");
  ASSERT_TRUE(waitUntil([&] { return !window->run().error().message.empty(); }));
  EXPECT_NE(window->run().error().message.find("does not hold the images"), std::string::npos);

  chosenFolder = QString::fromStdString((dir / "moved").string());
  ASSERT_TRUE(waitUntil([&] { return window->run().canResume() && !window->run().isLive(); }));
  press("pauseActionButton");
  ASSERT_TRUE(
      waitUntil([&] { return window->run().stateText().contains(QStringLiteral("Finished")); }));
  EXPECT_EQ(readRunConfig(window->run().folder()).data.source, (dir / "moved").string());
  EXPECT_EQ(window->experiment().config().data.source, (dir / "moved").string());
}

TEST_F(LiveRun, ALossThatIsNotFiniteHaltsAndOffersAWayOn) {
  open();
  useTinyRun();
  RunConfig config = window->experiment().config();
  config.optim.name = OptimizerName::Sgd;
  config.optim.baseLearningRate = 100;
  config.optim.warmupEpochs = 0;
  config.optim.weightDecay = 1;  // every step multiplies the weights by 1 - 12.5
  window->experiment().load(config, QStringLiteral("wild"));
  window->showWorkspace(MainWindow::Workspace::Train);
  press("startActionButton");
  ASSERT_TRUE(waitUntil([&] { return child<QWidget>("runBanner")->isVisible(); }));
  EXPECT_TRUE(child<QLabel>("runBannerText")->text().contains(QStringLiteral("loss of step")));
  EXPECT_TRUE(window->run().stateText().contains(QStringLiteral("Halted")));
  auto* halfRate = child<QPushButton>("resumeWithHalfRate");
  ASSERT_TRUE(halfRate->isVisible());
  const QSignalSpy ended(&window->run(), &RunController::ended);
  QTest::mouseClick(halfRate, Qt::LeftButton);
  ASSERT_TRUE(waitUntil([&] { return ended.count() == 1; }));
  EXPECT_EQ(readRunConfig(window->run().folder()).optim.baseLearningRate, 50);
}

TEST_F(LiveRun, AFailureIsShownAndTheWindowLives) {
  open();
  useTinyRun();
  RunConfig config = window->experiment().config();
  config.data.source = (dir / "missing").string();
  window->experiment().load(config, QStringLiteral("tiny"));
  window->showWorkspace(MainWindow::Workspace::Train);
  action("startAction")->trigger();
  ASSERT_TRUE(waitUntil([&] { return child<QWidget>("runBanner")->isVisible(); }));
  EXPECT_TRUE(child<QLabel>("runBannerText")->text().contains(QStringLiteral("missing")));
  EXPECT_TRUE(window->run().canStart());
}

}  // namespace
}  // namespace barlow::ui
