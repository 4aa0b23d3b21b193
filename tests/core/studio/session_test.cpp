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
  Session session{observer, [this](RunRequest) { return std::make_unique<FakeTrainer>(control); }};

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

constexpr std::array<SessionState, 7> kStates = {SessionState::Idle,
                                                 SessionState::Preparing,
                                                 SessionState::Running,
                                                 SessionState::Paused,
                                                 SessionState::Stopping,
                                                 SessionState::Finished,
                                                 SessionState::Failed};

// After the command everything is let go, and the session must come to rest as the table says.
TEST(Session, EveryCommandInEveryStateEndsAsItShould) {
  struct Command {
    const char* name;
    std::function<void(Session&)> give;
    // The end by state in the order of kStates; "" stands for nothing running.
    std::array<const char*, 7> ends;
  };
  const std::vector<Command> commands = {
      {"start",
       [](Session& s) { s.start({}); },
       {"finished", "finished", "finished", "paused", "stopped", "finished", "finished"}},
      {"pause",
       [](Session& s) { s.pause(); },
       {"", "finished", "paused", "paused", "stopped", "finished", "failed"}},
      {"resume",
       [](Session& s) { s.resume(); },
       {"", "finished", "finished", "finished", "stopped", "finished", "failed"}},
      {"stop",
       [](Session& s) { s.stop(); },
       {"", "stopped", "stopped", "stopped", "stopped", "finished", "failed"}},
      {"abort",
       [](Session& s) { s.abort(); },
       {"", "aborted", "aborted", "aborted", "aborted", "finished", "failed"}},
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
      EXPECT_EQ(stage.hasCall("checkpoint"), expected == "finished" || expected == "stopped");
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
  watched.session.setMatrixInterest({.isWanted = true, .minIntervalMs = 0, .viewPairs = 1});
  watched.run();
  watched.session.wait();
  EXPECT_GE(watched.control->summaries, 1);
  ASSERT_NE(watched.session.takeSnapshot(), nullptr);
  EXPECT_EQ(watched.session.takeSnapshot(), nullptr);
}

TEST(Session, EveryFailureBecomesAnEventWithTheReason) {
  for (const char* place : {"prepare", "step", "checkpoint", "finish"}) {
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
