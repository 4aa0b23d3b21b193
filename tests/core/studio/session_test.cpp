#include "core/studio/session.h"

#include "tests/support/fake_trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <functional>
#include <thread>

namespace barlow {
namespace {

class RecordingObserver final : public SessionObserver {
 public:
  void onState(SessionState state) override {
    std::lock_guard lock(mutex_);
    states_.push_back(state);
    changed_.notify_all();
  }
  void onEvent(const SessionEvent& event) override {
    std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  void onNews() override {}
  // Blocks until so many of a kind came; the newest of them.
  SessionEvent waitForEvent(EventKind kind, int count) {
    std::unique_lock lock(mutex_);
    const auto isKind = [kind](const SessionEvent& event) { return event.kind == kind; };
    changed_.wait(lock,
                  [&] { return std::count_if(events_.begin(), events_.end(), isKind) >= count; });
    return *std::find_if(events_.rbegin(), events_.rend(), isKind);
  }
  void waitFor(SessionState state) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !states_.empty() && states_.back() == state; });
  }
  SessionEvent lastEvent() {
    std::lock_guard lock(mutex_);
    return events_.back();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SessionState> states_;
  std::vector<SessionEvent> events_;
};

struct Stage {
  std::shared_ptr<FakeControl> control = std::make_shared<FakeControl>();
  RecordingObserver observer;
  Session session{observer,
                  [this](RunRequest) { return std::make_unique<FakeTrainer>(control, "run"); }};

  void run() {
    control->preparing.open();
    control->stepping.open();
    session.start({});
  }
  // Brings the session into `state` and leaves its thread waiting at a known place.
  void enter(SessionState state) {
    switch (state) {
      case SessionState::Idle:
        return;
      case SessionState::Preparing:
        session.start({});
        control->preparing.waitForArrival(1);
        return;
      case SessionState::Running:
      case SessionState::Stopping:
        control->preparing.open();
        session.start({});
        control->stepping.waitForArrival(1);
        if (state == SessionState::Stopping) {
          session.stop();
        }
        return;
      case SessionState::Paused:
        control->preparing.open();
        session.start({});
        control->stepping.waitForArrival(1);
        session.pause();
        control->stepping.allow();
        observer.waitFor(SessionState::Paused);
        return;
      case SessionState::Held:
        control->setThrowIn("checkpoint");
        run();
        observer.waitForEvent(EventKind::Held, 1);
        return;
      case SessionState::Finished:
        run();
        session.wait();
        return;
      case SessionState::Failed:
        control->throwIn = "step";
        run();
        session.wait();
        control->throwIn.clear();
        return;
    }
  }
  bool hasCall(const std::string& call) {
    const auto calls = control->takeCalls();
    return std::find(calls.begin(), calls.end(), call) != calls.end();
  }
};

constexpr std::array<SessionState, 8> kStates = {SessionState::Idle,
                                                 SessionState::Preparing,
                                                 SessionState::Running,
                                                 SessionState::Paused,
                                                 SessionState::Stopping,
                                                 SessionState::Held,
                                                 SessionState::Finished,
                                                 SessionState::Failed};

// After the command everything is let go, and the session must come to rest as the table says.
TEST(Session, EveryCommandInEveryStateEndsAsItShould) {
  struct Command {
    const char* name;
    std::function<void(Session&)> give;
    // The end by state in the order of kStates; "" stands for nothing running.
    std::array<const char*, 8> ends;
  };
  const std::vector<Command> commands = {
      {"start",
       [](Session& s) { s.start({}); },
       {"finished", "finished", "finished", "paused", "stopped", "held", "finished", "finished"}},
      {"pause",
       [](Session& s) { s.pause(); },
       {"", "finished", "paused", "paused", "stopped", "held", "finished", "failed"}},
      {"resume",
       [](Session& s) { s.resume(); },
       {"", "finished", "finished", "finished", "stopped", "held", "finished", "failed"}},
      {"stop",
       [](Session& s) { s.stop(); },
       {"", "stopped", "stopped", "stopped", "stopped", "held", "finished", "failed"}},
      {"abort",
       [](Session& s) { s.abort(); },
       {"", "aborted", "aborted", "aborted", "aborted", "failed", "finished", "failed"}},
  };
  for (const Command& command : commands) {
    for (std::size_t i = 0; i < kStates.size(); ++i) {
      SCOPED_TRACE(std::string(command.name) + " in " + std::string(toText(kStates[i])));
      Stage stage;
      stage.enter(kStates[i]);
      command.give(stage.session);
      stage.control->preparing.open();
      stage.control->stepping.open();
      const std::string expected = command.ends[i];
      if (expected == "held") {
        EXPECT_EQ(stage.session.state(), SessionState::Held);
        continue;  // the destructor gives it up
      }
      if (expected == "paused") {
        stage.observer.waitFor(SessionState::Paused);
        EXPECT_EQ(stage.session.state(), SessionState::Paused);
        continue;  // the destructor ends a paused run
      }
      stage.session.wait();
      if (expected.empty()) {
        EXPECT_EQ(stage.session.state(), SessionState::Idle);
        EXPECT_TRUE(stage.control->takeCalls().empty());
      } else {
        EXPECT_TRUE(stage.hasCall(expected));
        EXPECT_EQ(stage.session.state(),
                  expected == "failed" ? SessionState::Failed : SessionState::Finished);
      }
      EXPECT_EQ(
          stage.hasCall("checkpoint"),
          expected == "finished" || expected == "stopped" || kStates[i] == SessionState::Held);
    }
  }
}

TEST(Session, PauseTakesEffectAfterTheStepAndResumeGoesOn) {
  Stage stage;
  stage.enter(SessionState::Paused);
  EXPECT_EQ(stage.session.takeMetrics().size(), 1u);
  stage.control->stepping.open();
  stage.session.resume();
  stage.session.wait();
  EXPECT_EQ(stage.session.takeMetrics().size(), 4u);
  EXPECT_EQ(stage.control->takeCalls(),
            (std::vector<std::string>{"paused", "resumed", "checkpoint", "finished"}));
}

TEST(Session, MetricsAreCompleteAndInOrderForASlowViewer) {
  Stage stage;
  stage.control->steps = 5000;
  stage.run();
  stage.session.wait();
  const auto metrics = stage.session.takeMetrics();
  ASSERT_EQ(metrics.size(), 5000u);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    ASSERT_EQ(metrics[i].step, static_cast<std::int64_t>(i) + 1);
  }
  EXPECT_TRUE(stage.session.takeMetrics().empty());
}

TEST(Session, MakesNoPictureUntilOneIsWantedAndKeepsTheNewestOnly) {
  Stage quiet;
  quiet.run();
  quiet.session.wait();
  EXPECT_EQ(quiet.control->summaries, 0);
  Stage watched;
  watched.control->steps = 200;
  watched.session.setSnapshotDemand({.isWanted = true, .minIntervalMs = 0, .viewPairs = 1});
  watched.run();
  watched.session.wait();
  EXPECT_GE(watched.control->summaries, 1);
  ASSERT_NE(watched.session.takeSnapshot(), nullptr);
  EXPECT_EQ(watched.session.takeSnapshot(), nullptr);
}

TEST(Session, TheLastStepIsShownHoweverSeldomPicturesAreWanted) {
  Stage stage;
  stage.session.setSnapshotDemand({.isWanted = true, .minIntervalMs = 600'000, .viewPairs = 1});
  stage.run();
  stage.session.wait();
  const auto last = stage.session.takeSnapshot();
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->step, stage.control->steps);
}

TEST(Session, EveryFailureBecomesAnEventWithTheReason) {
  for (const char* place : {"prepare", "step", "finish"}) {
    SCOPED_TRACE(place);
    Stage stage;
    stage.control->throwIn = place;
    stage.run();
    stage.session.wait();
    EXPECT_EQ(stage.session.state(), SessionState::Failed);
    EXPECT_EQ(stage.observer.lastEvent().kind, EventKind::Failed);
    EXPECT_EQ(stage.observer.lastEvent().error.message, std::string("planned failure in ") + place);
    EXPECT_TRUE(stage.hasCall("failed"));
  }
}

TEST(Session, ARunThatCannotBeSavedIsHeldUntilItIs) {
  Stage stage;
  stage.enter(SessionState::Held);
  EXPECT_EQ(stage.session.state(), SessionState::Held);
  EXPECT_EQ(stage.observer.lastEvent().error.message, "planned failure in checkpoint");
  stage.session.retry();
  stage.observer.waitForEvent(EventKind::Held, 2);
  EXPECT_EQ(stage.session.state(), SessionState::Held);
  stage.control->setThrowIn("");
  stage.session.retry();
  stage.session.wait();
  EXPECT_EQ(stage.session.state(), SessionState::Finished);
  EXPECT_EQ(stage.observer.lastEvent().text, "finished");
  EXPECT_TRUE(stage.hasCall("finished"));
}

TEST(Session, AHeldRunCanBeSavedInAnotherFolder) {
  Stage stage;
  stage.enter(SessionState::Held);
  stage.control->setThrowIn("move");
  stage.session.saveTo("full too");
  EXPECT_EQ(stage.observer.waitForEvent(EventKind::Held, 2).error.message,
            "planned failure in move");
  stage.control->setThrowIn("");
  stage.session.saveTo("roomy");
  stage.session.wait();
  EXPECT_EQ(stage.session.state(), SessionState::Finished);
  EXPECT_EQ(stage.observer.lastEvent().path, "roomy");
  EXPECT_TRUE(stage.hasCall("move to roomy"));
}

TEST(Session, AHeldRunThatIsGivenUpSaysWhatIsLost) {
  Stage stage;
  stage.enter(SessionState::Held);
  stage.session.abort();
  stage.session.wait();
  EXPECT_EQ(stage.session.state(), SessionState::Failed);
  const SessionEvent end = stage.observer.lastEvent();
  EXPECT_EQ(end.kind, EventKind::Failed);
  EXPECT_EQ(end.error.message,
            "All 5 steps of this run are lost, as they could not be saved: planned failure in "
            "checkpoint");
}

TEST(Session, AProcessThatHasToGoSavesOrGivesUp) {
  Stage stage;
  stage.enter(SessionState::Running);
  stage.control->stepping.open();
  stage.session.end();
  EXPECT_TRUE(stage.hasCall("checkpoint"));
  EXPECT_EQ(stage.session.state(), SessionState::Finished);
  Stage held;
  held.enter(SessionState::Held);
  held.session.end();
  EXPECT_EQ(held.session.state(), SessionState::Failed);
}

TEST(Session, HaltsWhenTheRunFolderVanishesAndSavesElsewhere) {
  Stage stage;
  stage.control->preparing.open();
  stage.session.start({});
  stage.control->stepping.waitForArrival(1);
  stage.control->setFolderProblem("The run folder has vanished.");
  stage.control->setThrowIn("checkpoint");
  stage.control->stepping.allow();
  const SessionEvent held = stage.observer.waitForEvent(EventKind::Held, 1);
  EXPECT_EQ(held.step, 1) << "it halts after the step at hand";
  EXPECT_EQ(held.path, "run-saved") << "a place for it";
  stage.control->setThrowIn("");
  stage.session.saveTo(held.path);
  stage.session.wait();
  const SessionEvent end = stage.observer.lastEvent();
  EXPECT_EQ(end.kind, EventKind::Failed);
  EXPECT_EQ(end.path, "run-saved");
  EXPECT_NE(end.error.message.find("vanished. All that it learnt, until step 1, is saved in "
                                   "run-saved"),
            std::string::npos)
      << end.error.message;
  EXPECT_TRUE(stage.hasCall("stopped")) << "it can be resumed";
}

TEST(Session, AStopWhilePreparingIsNoFailure) {
  class Preparing final : public TrainingLoop {
   public:
    RunPlan prepare(std::stop_token stop, const EventSink&) override {
      std::mutex mutex;
      std::condition_variable_any changed;
      std::unique_lock lock(mutex);
      changed.wait(lock, stop, [] { return false; });
      throw PreparingStopped();
    }
    std::optional<EvaluationResult> evaluateIfDue(std::stop_token) override { return {}; }
    bool isDone() const override { return false; }
    std::vector<MetricPoint> step(std::stop_token) override { return {}; }
    std::vector<MetricPoint> settle() override { return {}; }
    void beginSnapshot(int) override {}
    std::shared_ptr<const LiveSnapshot> takeSnapshot() override { return nullptr; }
    void checkpointIfDue() override {}
    void checkpointNow() override {}
    std::optional<ErrorInfo> folderProblem() override { return {}; }
    void moveTo(const std::filesystem::path&) override {}
    std::filesystem::path folder() const override { return {}; }
    std::int64_t savedStep() const override { return -1; }
    void setPaused(bool) override {}
    void finish(RunEnd, const ErrorInfo&) override {}
  };
  RecordingObserver observer;
  Session session(observer, [](RunRequest) { return std::make_unique<Preparing>(); });
  session.start({});
  session.stop();
  session.wait();
  EXPECT_EQ(session.state(), SessionState::Finished);
  EXPECT_EQ(observer.lastEvent().text, "stopped");
  EXPECT_EQ(observer.lastEvent().path, "");
}

TEST(Session, CanBeDestroyedAtAnyMoment) {
  for (const SessionState state : kStates) {
    auto stage = std::make_unique<Stage>();
    stage->enter(state);
    // The destructor waits for the step at hand, so that is let go from another thread.
    std::jthread opener([control = stage->control] {
      control->preparing.open();
      control->stepping.open();
    });
    stage.reset();
  }
}

}  // namespace
}  // namespace barlow
