#include "ui/inspector/matrix_timeline.h"

#include "tests/support/embeddings.h"
#include "tests/support/fake_trainer.h"
#include "tests/support/temp_dir.h"
#include "ui/bridge/experiment.h"
#include "ui/bridge/matrix_feed.h"
#include "ui/bridge/run_controller.h"
#include "ui/inspector/time_bar.h"

#include <QLabel>
#include <QSlider>
#include <QTest>
#include <QToolButton>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

using Playback = MatrixTimeline::Playback;

bool waitUntil(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 10'000); }

class MatrixTimelineTest : public testing::Test {
 protected:
  MatrixTimelineTest() {
    control_->embeddings = [](std::int64_t step) { return randomEmbeddings(16, 8, step); };
    QObject::connect(
        &timeline_, &MatrixTimeline::failed, &timeline_, [this](const QString& s) { said_ = s; });
    timeline_.setActive(true);
  }
  ~MatrixTimelineTest() override {
    control_->preparing.open();
    control_->stepping.open();
  }
  // A run on disk that kept these steps.
  std::filesystem::path storedRun(const std::vector<std::int64_t>& steps) {
    const auto folder = dir_ / "stored-2026-11-26-091618-9231-quick-shapes-of-a-long-name";
    RunFolder::create(folder, RunConfig{}, RunRecord{.id = "stored", .state = "finished"});
    for (const std::int64_t step : steps) {
      writeMoment(folder, *randomEmbeddings(16, 8, step));
    }
    return folder;
  }
  // A run of 100 steps, of which the first is made and held.
  bool holdAtFirstStep() {
    control_->steps = 100;
    control_->preparing.open();
    run_.start();
    const bool isRunning = waitUntil([&] { return run_.state() == SessionState::Running; });
    control_->stepping.allow();
    const bool isShown = waitForStep(1);
    timeline_.hold();
    return isRunning && isShown;
  }
  std::int64_t shownStep() {
    return timeline_.inspection() ? timeline_.inspection()->origin().step : -1;
  }
  bool waitForStep(std::int64_t step) {
    return waitUntil([&] { return shownStep() == step; });
  }

  TempDir dir_;
  std::shared_ptr<FakeControl> control_ = std::make_shared<FakeControl>();
  Experiment experiment_;
  RunController run_{experiment_,
                     {.makeLoop =
                          [control = control_](RunRequest request) {
                            RunFolder::create(request.folder, request.config, RunRecord{.id = "x"});
                            return std::make_unique<FakeTrainer>(control);
                          },
                      .runsRoot = dir_.path(),
                      .moveToTrash = {}}};
  MatrixFeed feed_{run_};
  MatrixTimeline timeline_{run_, feed_};
  QString said_;
};

TEST_F(MatrixTimelineTest, ShowsTheNewestMomentOfAnOpenedRunAndGoesThroughTheOthers) {
  run_.open(storedRun({1, 10, 20}));
  ASSERT_TRUE(waitForStep(20));
  ASSERT_TRUE(waitUntil([&] { return timeline_.moments().size() == 3; }));
  EXPECT_EQ(timeline_.position(), timeline_.newestPosition());
  EXPECT_GT(timeline_.bytesOnDisk(), 3u * 2 * 16 * 8 * 4);
  timeline_.setPosition(0);
  EXPECT_EQ(timeline_.playback(), Playback::Held);
  ASSERT_TRUE(waitForStep(1));
  timeline_.step(1);
  ASSERT_TRUE(waitForStep(10));
  timeline_.step(-7);
  ASSERT_TRUE(waitForStep(1));
  timeline_.follow();
  EXPECT_EQ(timeline_.playback(), Playback::Following);
  ASSERT_TRUE(waitForStep(20));
}

// DeepCluster has no prototypes in its first epoch.
TEST_F(MatrixTimelineTest, AMomentWithoutSuchAMatrixSaysWhyAndTheNextOneIsShown) {
  const auto folder = dir_ / "deep";
  RunConfig config;
  config.objective.name = ObjectiveName::DeepCluster;
  RunFolder::create(folder, config, RunRecord{.id = "deep", .state = "finished"});
  writeMoment(folder, *randomEmbeddings(16, 8, 1));
  writeMoment(folder, *withPrototypes(randomEmbeddings(16, 8, 10), 12, 3));
  run_.open(folder);
  ASSERT_TRUE(waitForStep(10));
  feed_.setKind(MatrixKind::Assignments);
  ASSERT_TRUE(waitUntil(
      [&] { return timeline_.inspection() && timeline_.inspection()->matrix().columns() == 12; }));
  feed_.setKind(MatrixKind::CovarianceA);
  ASSERT_TRUE(waitUntil([&] { return timeline_.moments().size() == 2; }));
  timeline_.setPosition(0);
  ASSERT_TRUE(waitForStep(1));
  feed_.setKind(MatrixKind::Assignments);
  ASSERT_TRUE(waitUntil([&] { return timeline_.inspection() == nullptr; }));
  EXPECT_TRUE(timeline_.lacking().contains(QStringLiteral("no prototypes")));
  timeline_.step(1);
  ASSERT_TRUE(waitForStep(10));
  EXPECT_EQ(timeline_.inspection()->matrix().columns(), 12);
  EXPECT_TRUE(timeline_.lacking().isEmpty());
}

// Issue 16: End showed step 456, and one moment before it was 460.
TEST_F(MatrixTimelineTest, TheEndIsOneMomentTheNewest) {
  control_->steps = 2;
  control_->preparing.open();
  run_.start();
  ASSERT_TRUE(waitUntil([&] { return run_.state() == SessionState::Running; }));
  control_->stepping.allow();
  ASSERT_TRUE(waitForStep(1));
  writeMoment(run_.folder(), *randomEmbeddings(16, 8, 1));
  writeMoment(run_.folder(), *randomEmbeddings(16, 8, 7));  // kept after the last picture
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !run_.isLive(); }));
  ASSERT_TRUE(waitForStep(7));
  EXPECT_EQ(timeline_.moments().size(), 2u);
  EXPECT_EQ(timeline_.newestPosition(), 1);
  EXPECT_EQ(timeline_.position(), 1);
  EXPECT_EQ(timeline_.playback(), Playback::Following);
  timeline_.step(-1);
  ASSERT_TRUE(waitForStep(1));
  EXPECT_EQ(timeline_.position(), 0);
  timeline_.step(1);
  ASSERT_TRUE(waitForStep(7));
  EXPECT_EQ(timeline_.playback(), Playback::Following);
}

// Issue 16: a held picture of a run that goes on stood between moments, at the slider's end.
TEST_F(MatrixTimelineTest, AHeldMatrixStandsBetweenItsMoments) {
  ASSERT_TRUE(holdAtFirstStep());
  writeMoment(run_.folder(), *randomEmbeddings(16, 8, 0));
  writeMoment(run_.folder(), *randomEmbeddings(16, 8, 40));
  ASSERT_TRUE(waitUntil([&] {
    control_->stepping.allow();
    return timeline_.newerCount() > 0 && timeline_.moments().size() == 2;
  }));
  EXPECT_EQ(timeline_.position(), 0);
  EXPECT_LT(timeline_.position(), timeline_.newestPosition());
  timeline_.step(-1);
  ASSERT_TRUE(waitForStep(0)) << "the moment before, not the one before that";
}

TEST_F(MatrixTimelineTest, ShowsAPictureBeforeItsNumbers) {
  run_.open(storedRun({1, 10}));
  ASSERT_TRUE(waitUntil([&] { return timeline_.moments().size() == 2 && !timeline_.isBusy(); }));
  std::vector<std::shared_ptr<const Inspection>> seen;
  QObject::connect(&timeline_, &MatrixTimeline::inspectionChanged, &timeline_, [&] {
    seen.push_back(timeline_.inspection());
  });
  timeline_.setPosition(0);
  ASSERT_TRUE(waitUntil([&] { return !seen.empty() && seen.back()->isComplete(); }));
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0]->statistics, nullptr);
  EXPECT_EQ(seen[0]->origin().step, 1);
  EXPECT_EQ(seen[1]->pyramid, seen[0]->pyramid);
  EXPECT_FALSE(timeline_.isBusy());
}

TEST_F(MatrixTimelineTest, PlaysToTheEndAndStops) {
  run_.open(storedRun({1, 2, 3, 4}));
  ASSERT_TRUE(waitUntil([&] { return timeline_.moments().size() == 4; }));
  timeline_.setMomentsPerSecond(60);
  std::vector<std::int64_t> seen;
  QObject::connect(&timeline_, &MatrixTimeline::inspectionChanged, &timeline_, [&] {
    // Its picture comes before its numbers.
    if (timeline_.inspection()->isComplete()) {
      seen.push_back(shownStep());
    }
  });
  timeline_.play();
  EXPECT_EQ(timeline_.playback(), Playback::Playing);
  ASSERT_TRUE(waitUntil([&] { return timeline_.playback() == Playback::Held; }));
  ASSERT_GE(seen.size(), 4u);
  EXPECT_EQ(std::vector<std::int64_t>(seen.end() - 4, seen.end()),
            (std::vector<std::int64_t>{1, 2, 3, 4}));
}

TEST_F(MatrixTimelineTest, LoopsUntilItIsHeld) {
  run_.open(storedRun({1, 2}));
  ASSERT_TRUE(waitUntil([&] { return timeline_.moments().size() == 2; }));
  timeline_.setMomentsPerSecond(60);
  timeline_.setLooping(true);
  int firsts = 0;
  QObject::connect(&timeline_, &MatrixTimeline::inspectionChanged, &timeline_, [&] {
    firsts += shownStep() == 1 ? 1 : 0;
  });
  timeline_.play();
  ASSERT_TRUE(waitUntil([&] { return firsts == 3; }));
  timeline_.hold();
  EXPECT_EQ(timeline_.playback(), Playback::Held);
}

TEST_F(MatrixTimelineTest, HeldMatricesStayAndNewerOnesAreCounted) {
  ASSERT_TRUE(holdAtFirstStep());
  // Newer ones come as the feed asks for them.
  ASSERT_TRUE(waitUntil([&] {
    control_->stepping.allow();
    return timeline_.newerCount() > 0;
  }));
  EXPECT_EQ(shownStep(), 1);
  timeline_.follow();
  EXPECT_EQ(timeline_.newerCount(), 0);
  EXPECT_GT(shownStep(), 1);
}

TEST_F(MatrixTimelineTest, OpensFilesAndComesBackToTheRun) {
  run_.open(storedRun({5}));
  ASSERT_TRUE(waitForStep(5));
  const auto other = dir_ / "other";
  writeMoment(other, *randomEmbeddings(20, 6, 9));
  timeline_.openFiles({other / "matrices" / "step-00000009.safetensors"});
  ASSERT_TRUE(waitUntil(
      [&] { return timeline_.inspection() && timeline_.inspection()->matrix().rows() == 6; }));
  EXPECT_TRUE(timeline_.showsFiles());
  EXPECT_TRUE(timeline_.title().contains(QStringLiteral("step-00000009")));
  timeline_.closeFiles();
  ASSERT_TRUE(waitForStep(5));
}

TEST_F(MatrixTimelineTest, SaysWhatCannotBeReadAndKeepsWhatIsShown) {
  const auto folder = storedRun({1, 2});
  run_.open(folder);
  ASSERT_TRUE(waitForStep(2));
  ASSERT_TRUE(waitUntil([&] { return timeline_.moments().size() == 2; }));
  std::ofstream(folder / "matrices" / "step-00000001.safetensors") << "torn";
  timeline_.setPosition(0);
  ASSERT_TRUE(waitUntil([&] { return !said_.isEmpty(); }));
  EXPECT_TRUE(said_.contains(QStringLiteral("step-00000001"))) << qPrintable(said_);
  EXPECT_EQ(shownStep(), 2);
}

TEST_F(MatrixTimelineTest, TheBarShowsAndMovesTime) {
  TimeBar bar(timeline_);
  bar.resize(700, 40);
  bar.show();
  auto* slider = bar.findChild<QSlider*>(QStringLiteral("timeSlider"));
  EXPECT_FALSE(slider->isEnabled());
  run_.open(storedRun({1, 10, 20}));
  ASSERT_TRUE(waitUntil([&] { return slider->maximum() == 2; }));
  EXPECT_EQ(slider->value(), 2);
  slider->setValue(1);
  ASSERT_TRUE(waitForStep(10));
  EXPECT_TRUE(bar.findChild<QLabel*>(QStringLiteral("timeText"))
                  ->text()
                  .contains(QStringLiteral("3 moments")));
  QTest::mouseClick(bar.findChild<QToolButton*>(QStringLiteral("followNewest")), Qt::LeftButton);
  ASSERT_TRUE(waitForStep(20));
  EXPECT_EQ(slider->value(), 2);
  QTest::mouseClick(bar.findChild<QToolButton*>(QStringLiteral("playMoments")), Qt::LeftButton);
  EXPECT_EQ(timeline_.playback(), Playback::Playing);
}

// Issue 16: a run of a long name left the slider no track in a small window.
TEST_F(MatrixTimelineTest, ALongNameLeavesTheSliderItsTrack) {
  TimeBar bar(timeline_);
  bar.resize(480, 40);
  bar.show();
  run_.open(storedRun({1, 10, 20}));
  ASSERT_TRUE(waitForStep(20));
  ASSERT_TRUE(waitUntil([&] { return timeline_.moments().size() == 3; }));
  EXPECT_EQ(bar.width(), 480);
  EXPECT_LE(bar.minimumSizeHint().width(), 480);
  EXPECT_GE(bar.findChild<QSlider*>(QStringLiteral("timeSlider"))->width(), 160);
}

}  // namespace
}  // namespace barlow::ui
