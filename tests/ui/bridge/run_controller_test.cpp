#include "ui/bridge/run_controller.h"

#include "tests/support/fake_trainer.h"
#include "tests/support/temp_dir.h"
#include "ui/bridge/experiment.h"

#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace barlow::ui {
namespace {

bool waitUntil(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 10'000); }

std::string editText(const RunRequest& request) {
  std::string text = request.mode == RunRequest::Mode::Fresh ? "fresh" : "resume";
  if (request.epochs) {
    text += " epochs=" + std::to_string(*request.epochs);
  }
  for (const Setting& edit : request.edits) {
    text += " " + edit.key + "=" + edit.value;
  }
  return text;
}

// A controller over a fake trainer that the test steps; run folders are made by hand.
class RunControllerTest : public testing::Test {
 protected:
  RunControllerTest() {
    qRegisterMetaType<std::vector<MetricPoint>>();
    QObject::connect(&run_,
                     &RunController::metricsArrived,
                     &run_,
                     [this](const std::vector<MetricPoint>& points) {
                       for (const MetricPoint& point : points) {
                         steps_.push_back(point.step);
                       }
                     });
    QObject::connect(&run_, &RunController::failed, &run_, [this](const ErrorInfo& error) {
      failures_.push_back(error.message);
    });
  }
  ~RunControllerTest() override {
    control_->preparing.open();
    control_->stepping.open();
  }
  void startRunning() {
    control_->preparing.open();
    run_.start();
    ASSERT_TRUE(waitUntil([this] { return run_.state() == SessionState::Running; }));
  }
  bool waitForEnd() {
    return waitUntil([this] { return !run_.isLive() && run_.state() != SessionState::Idle; });
  }

  TempDir dir_;
  std::shared_ptr<FakeControl> control_ = std::make_shared<FakeControl>();
  std::vector<QString> trashed_;
  std::vector<std::int64_t> steps_;
  std::vector<std::string> failures_;
  Experiment experiment_;
  RunController run_{experiment_,
                     {.makeLoop =
                          [control = control_, root = dir_.path()](RunRequest request) {
                            control->note(editText(request));
                            if (request.mode == RunRequest::Mode::Fresh) {
                              RunFolder::create(
                                  request.folder, request.config, RunRecord{.id = "x"});
                            }
                            return std::make_unique<FakeTrainer>(control, request.folder);
                          },
                      .runsRoot = dir_.path(),
                      .moveToTrash =
                          [this](const QString& folder) {
                            trashed_.push_back(folder);
                            return true;
                          }}};
};

TEST_F(RunControllerTest, OffersWhatTheStateAllows) {
  EXPECT_TRUE(run_.canStart());
  EXPECT_FALSE(run_.canPause() || run_.canResume() || run_.canStop() || run_.canDiscard());
  startRunning();
  EXPECT_FALSE(run_.canStart());
  EXPECT_TRUE(run_.canPause());
  EXPECT_TRUE(run_.canStop());
  EXPECT_TRUE(run_.canDiscard());

  run_.pause();
  EXPECT_FALSE(run_.canPause()) << "it is pending";
  EXPECT_TRUE(run_.canResume());
  control_->stepping.allow();
  ASSERT_TRUE(waitUntil([this] { return run_.state() == SessionState::Paused; }));
  EXPECT_TRUE(run_.canResume());
  run_.resume();
  ASSERT_TRUE(waitUntil([this] { return run_.state() == SessionState::Running; }));
  control_->stepping.open();
  ASSERT_TRUE(waitForEnd());
  EXPECT_EQ(steps_, (std::vector<std::int64_t>{1, 2, 3, 4, 5})) << "lossless and in order";
  ASSERT_TRUE(waitUntil([this] { return run_.stateText().contains(QStringLiteral("Finished")); }));
  EXPECT_FALSE(run_.canResume()) << "nothing is left to do";
  EXPECT_TRUE(run_.canStart());
}

TEST_F(RunControllerTest, AStoppedRunCanGoOn) {
  startRunning();
  QSignalSpy ended(&run_, &RunController::ended);
  run_.stop();
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return ended.count() == 1; }));
  EXPECT_EQ(ended.front().front().toString(), QStringLiteral("stopped"));
  EXPECT_TRUE(run_.canResume());
  const auto folder = run_.folder();
  run_.resume();
  ASSERT_TRUE(waitUntil([&] { return ended.count() == 2; }));
  EXPECT_EQ(run_.folder(), folder);
}

TEST_F(RunControllerTest, ADiscardedRunGoesToTheTrash) {
  startRunning();
  QSignalSpy ended(&run_, &RunController::ended);
  const QString folder = QString::fromStdString(run_.folder().string());
  run_.discard();
  EXPECT_FALSE(run_.canDiscard());
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return ended.count() == 1; }));
  EXPECT_EQ(trashed_, std::vector<QString>{folder});
  EXPECT_FALSE(run_.canDiscard());
  EXPECT_FALSE(run_.canResume());
  const auto calls = control_->takeCalls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "checkpoint"), 0) << "nothing more is written";
}

TEST_F(RunControllerTest, AFailureIsSaidAndLeavesTheRunResumable) {
  control_->throwIn = "step";
  control_->preparing.open();
  control_->stepping.open();
  run_.start();
  ASSERT_TRUE(waitUntil([this] { return !failures_.empty(); }));
  EXPECT_EQ(failures_.front(), "planned failure in step");
  EXPECT_EQ(run_.error().message, "planned failure in step");
  EXPECT_TRUE(run_.canResume());
  EXPECT_TRUE(run_.canStart());
}

TEST_F(RunControllerTest, APausedRunGoesOnWithEditsFromItsCheckpoint) {
  startRunning();
  EXPECT_TRUE(run_.edits().empty());
  run_.pause();
  control_->stepping.allow();
  ASSERT_TRUE(waitUntil([this] { return run_.state() == SessionState::Paused; }));
  RunConfig config = experiment_.config();
  config.optim.baseLearningRate = 0.125;
  experiment_.setConfig(config);
  ASSERT_EQ(run_.edits().size(), 1u);
  EXPECT_EQ(run_.edits().front().key, "optim.base_learning_rate");
  config.model.width *= 2;
  experiment_.setConfig(config);
  EXPECT_TRUE(run_.edits().empty()) << "another model is another run";

  control_->stepping.open();
  run_.resume({{"optim.base_learning_rate", "0.125"}});
  ASSERT_TRUE(waitUntil([this] { return run_.stateText().contains(QStringLiteral("Finished")); }));
  EXPECT_EQ(run_.runConfig().optim.baseLearningRate, 0.125);
  const auto calls = control_->takeCalls();
  const auto stopped = std::find(calls.begin(), calls.end(), "stopped");
  ASSERT_NE(stopped, calls.end()) << "the paused run was stopped, which writes a checkpoint";
  EXPECT_NE(std::find(stopped, calls.end(), "resume optim.base_learning_rate=0.125"), calls.end());
}

TEST_F(RunControllerTest, ALossThatIsNotFiniteOffersHalfTheRate) {
  control_->diverges = true;
  control_->preparing.open();
  control_->stepping.open();
  run_.start();
  ASSERT_TRUE(waitUntil([this] { return !failures_.empty(); }));
  EXPECT_NE(failures_.front().find("loss of step 1 is nan"), std::string::npos);
  EXPECT_TRUE(run_.hasDiverged());
  const double rate = run_.runConfig().optim.baseLearningRate;
  control_->diverges = false;
  run_.resumeWithHalfRate();
  ASSERT_TRUE(waitUntil([this] { return run_.stateText().contains(QStringLiteral("Finished")); }));
  EXPECT_FALSE(run_.hasDiverged());
  EXPECT_EQ(run_.runConfig().optim.baseLearningRate, rate / 2);
  EXPECT_EQ(experiment_.config().optim.baseLearningRate, rate / 2);
}

TEST_F(RunControllerTest, ARunThatCannotBeSavedGoesToAnotherFolder) {
  QSignalSpy held(&run_, &RunController::held);
  QSignalSpy ended(&run_, &RunController::ended);
  control_->setThrowIn("checkpoint");
  startRunning();
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return held.count() == 1; }));
  EXPECT_TRUE(run_.isHeld());
  EXPECT_TRUE(run_.isLive()) << "closing the window would lose it";
  EXPECT_FALSE(run_.canStart() || run_.canPause() || run_.canResume() || run_.canStop());
  EXPECT_EQ(run_.heldReason().message, "planned failure in checkpoint");
  run_.retrySave();
  ASSERT_TRUE(waitUntil([&] { return held.count() == 2; })) << "what was asked for failed";
  control_->setThrowIn("");
  const std::filesystem::path roomy = dir_ / "roomy";
  RunFolder::create(roomy, RunConfig{}, RunRecord{.id = "x"});
  run_.saveTo(roomy);
  ASSERT_TRUE(waitUntil([&] { return ended.count() == 1; }));
  EXPECT_EQ(run_.folder(), roomy);
  EXPECT_TRUE(run_.isFinished());
}

TEST_F(RunControllerTest, ADiscardedRunLeavesAnotherOfItsNameAlone) {
  const auto stored = [&](const std::string& id) {
    RunFolder::create(
        dir_ / "run", RunConfig{}, RunRecord{.id = id, .name = "n", .state = "stopped"});
  };
  stored("ours");
  QSignalSpy opened(&run_, &RunController::opened);
  run_.open(dir_ / "run");
  ASSERT_TRUE(waitUntil([&] { return opened.count() == 1; }));
  std::filesystem::remove_all(dir_ / "run");
  stored("theirs");
  run_.discard();
  EXPECT_TRUE(trashed_.empty());
}

// Issue 16, F4: half a minute of "Preparing" and another of "Running" without a word.
TEST_F(RunControllerTest, SaysWhatItIsBusyWithWhileNoStepIsMade) {
  control_->hasLabels = true;
  run_.start();
  ASSERT_TRUE(waitUntil([this] { return !run_.activity().isEmpty(); }));
  EXPECT_EQ(run_.activity(), QStringLiteral("fake"));
  control_->preparing.open();
  ASSERT_TRUE(waitUntil([this] { return run_.state() == SessionState::Running; }));
  EXPECT_EQ(run_.activity(), QStringLiteral("kNN of the untrained network"));
  control_->stepping.allow();
  ASSERT_TRUE(waitUntil([this] { return !steps_.empty(); }));
  EXPECT_TRUE(run_.activity().isEmpty());
}

TEST_F(RunControllerTest, AResumedRunSaysFromWhichStep) {
  startRunning();
  run_.stop();
  control_->stepping.open();
  ASSERT_TRUE(waitForEnd());
  control_->firstStep = 3;
  QStringList lines;
  QObject::connect(
      &run_, &RunController::logged, &run_, [&](LogLevel, const QString& text) { lines << text; });
  run_.resume();
  EXPECT_TRUE(waitUntil([&] { return lines.contains(QStringLiteral("Goes on after step 3")); }));
}

TEST_F(RunControllerTest, AFinishedRunCanTrainLonger) {
  control_->preparing.open();
  control_->stepping.open();
  run_.start();
  ASSERT_TRUE(waitUntil([this] { return run_.isFinished(); }));
  EXPECT_TRUE(run_.canTrainLonger());
  const auto folder = run_.folder();
  const int epochs = run_.runConfig().run.epochs + 4;
  QSignalSpy ended(&run_, &RunController::ended);
  run_.trainLonger(epochs);
  ASSERT_TRUE(waitUntil([&] { return ended.count() == 1; }));
  EXPECT_EQ(run_.folder(), folder);
  EXPECT_EQ(run_.runConfig().run.epochs, epochs);
  EXPECT_EQ(experiment_.config().run.epochs, epochs);
  const auto calls = control_->takeCalls();
  EXPECT_NE(std::find(calls.begin(), calls.end(), "resume epochs=" + std::to_string(epochs)),
            calls.end());
}

// Issue 16, F19: the time of the run that was opened went into the name of the next one.
TEST_F(RunControllerTest, ANewRunOfAnOldOnesSettingsHasItsNameOnce) {
  EXPECT_EQ(plainRunName(QStringLiteral("2026-11-26-091618-9231-quick-shapes")),
            QStringLiteral("quick-shapes"));
  EXPECT_EQ(plainRunName(QStringLiteral("2026-11-26-093829-b5e7-2026-11-26-092241-005f")),
            QString());
  EXPECT_EQ(plainRunName(QStringLiteral("mine")), QStringLiteral("mine"));
  experiment_.load(experiment_.config(), QStringLiteral("2026-11-26-091618-9231-quick-shapes"));
  startRunning();
  const QString name = QString::fromStdString(run_.folder().filename().string());
  EXPECT_TRUE(name.endsWith(QStringLiteral("-quick-shapes"))) << qPrintable(name);
  EXPECT_EQ(plainRunName(name), QStringLiteral("quick-shapes"));
  EXPECT_EQ(name.count(QStringLiteral("-quick-shapes")), 1);
  EXPECT_EQ(run_.name(), name);
}

TEST_F(RunControllerTest, DoesNotStartWithProblems) {
  RunConfig config = experiment_.config();
  config.run.batchSize = 1;
  experiment_.setConfig(config);
  EXPECT_FALSE(run_.canStart());
  run_.start();
  EXPECT_EQ(run_.state(), SessionState::Idle);
  EXPECT_TRUE(run_.folder().empty());
}

TEST_F(RunControllerTest, WhatIsNoRunIsSaid) {
  run_.open(dir_ / "nothing");
  ASSERT_TRUE(waitUntil([this] { return !failures_.empty(); }));
  EXPECT_NE(failures_.front().find("nothing"), std::string::npos) << failures_.front();
  EXPECT_TRUE(run_.folder().empty());
}

}  // namespace
}  // namespace barlow::ui
