#include "core/studio/session.h"

#include "core/base/latest_value.h"
#include "core/base/stopped.h"
#include "core/base/system.h"
#include "core/runs/run_folder.h"
#include "core/step/errors.h"
#include "core/studio/describe_exception.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace barlow {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Decides when a picture is made: as often as asked for, and never for more than a share of the
// training thread's time. Where a device trains, that thread mostly waits, and has more to spare.
class PictureBudget {
 public:
  explicit PictureBudget(bool isOnDevice) : share_(isOnDevice ? 0.1 : 0.02) {}
  bool allows(const SnapshotDemand& interest) const {
    return interest.isWanted && secondsSince(last_) * 1e3 >= interest.minIntervalMs &&
           spent_ <= share_ * secondsSince(start_);
  }
  void add(double seconds) {
    spent_ += seconds;
    last_ = Clock::now();
  }

 private:
  double share_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_{};
  double spent_ = 0;
};

}  // namespace

std::string_view toText(SessionState state) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "idle", "preparing", "running", "paused", "stopping", "held", "finished", "failed"};
  return kNames.at(static_cast<std::size_t>(state));
}

struct Session::Impl {
  enum class Wish { None, Stop, Abort };

  SessionObserver& observer;
  TrainingLoopFactory makeLoop;

  mutable std::mutex mutex;
  std::condition_variable changed;          // wish or isPauseWanted changed
  SessionState state = SessionState::Idle;  // guarded by mutex
  Wish wish = Wish::None;                   // guarded by mutex
  bool isPauseWanted = false;               // guarded by mutex
  bool isRetryWanted = false;               // guarded by mutex
  bool mayHold = true;                      // guarded by mutex
  std::filesystem::path newPlace;           // of a held run; guarded by mutex
  std::optional<RunPlan> plan;              // guarded by mutex
  std::vector<MetricPoint> metrics;         // guarded by mutex
  SnapshotDemand interest;                  // guarded by mutex
  LatestValue<LiveSnapshot> snapshot;

  std::jthread thread;  // last: it ends before what it uses

  Impl(SessionObserver& o, TrainingLoopFactory f) : observer(o), makeLoop(std::move(f)) {}

  void setState(SessionState next) {
    {
      std::lock_guard lock(mutex);
      if (wish != Wish::None && (next == SessionState::Running || next == SessionState::Paused)) {
        return;  // it is stopping already
      }
      state = next;
    }
    observer.onState(next);
  }

  bool isLive() const {
    return state == SessionState::Preparing || state == SessionState::Running ||
           state == SessionState::Paused;
  }

  Wish currentWish() const {
    std::lock_guard lock(mutex);
    return wish;
  }

  std::string memoryAdvice() const {
    std::lock_guard lock(mutex);
    return plan ? plan->memoryAdvice : std::string();
  }

  bool isUnderWay() const {
    return isLive() || state == SessionState::Stopping || state == SessionState::Held;
  }

  // Thread entry: everything that goes wrong becomes the Failed event.
  void run(RunRequest request, std::stop_token stop) {
    nameThread("training");
    std::unique_ptr<TrainingLoop> loop;
    SessionEvent end;
    SessionState endState = SessionState::Finished;
    bool isRecorded = false;
    try {
      loop = makeLoop(std::move(request));
      const RunEnd how = train(*loop, stop);
      end.text = how == RunEnd::Finished  ? "finished"
                 : how == RunEnd::Stopped ? "stopped"
                                          : "aborted";
      loop->finish(how, {});
      isRecorded = true;
      if (vanished && how != RunEnd::Aborted) {
        end.kind = EventKind::Failed;
        end.error = {savedElsewhereText(loop->folder()), vanished->detail};
        endState = SessionState::Failed;
      }
    } catch (const Stopped&) {
      end.text = currentWish() == Wish::Abort ? "aborted" : "stopped";
    } catch (...) {
      end.kind = EventKind::Failed;
      end.hasDiverged = hasDiverged(std::current_exception());
      end.error = describeException(std::current_exception(), memoryAdvice());
      endState = SessionState::Failed;
    }
    if (endState != SessionState::Failed) {
      end.kind = EventKind::Finished;
    } else if (!isRecorded) {
      recordFailure(loop.get(), end.error);
    }
    end.step = lastStep;
    end.epoch = lastEpoch;
    end.path = loop ? loop->folder().string() : std::string();
    loop.reset();  // on this thread, to which all its tensors belong
    setState(endState);
    observer.onEvent(end);
  }

  void recordFailure(TrainingLoop* loop, const ErrorInfo& error) {
    if (loop == nullptr) {
      return;
    }
    try {
      loop->finish(RunEnd::Failed, error);
    } catch (...) {
      observer.onEvent(
          {.kind = EventKind::Warning, .error = describeException(std::current_exception())});
    }
  }

  RunEnd train(TrainingLoop& loop, const std::stop_token& stop) {
    const auto emit = [this](SessionEvent event) { observer.onEvent(event); };
    {
      RunPlan settled = loop.prepare(stop, emit);
      lastStep = settled.firstStep;
      lastEpoch = settled.stepsPerEpoch > 0 ? settled.firstStep / settled.stepsPerEpoch : 0;
      stepsPerEpoch = settled.stepsPerEpoch;
      isOnDevice = settled.device != "cpu";
      std::lock_guard lock(mutex);
      plan = std::move(settled);
    }
    if (currentWish() == Wish::None) {
      setState(SessionState::Running);
      observer.onEvent({.kind = EventKind::Started, .step = lastStep, .epoch = lastEpoch});
    }
    PictureBudget budget(isOnDevice);
    while (!loop.isDone()) {
      waitWhilePaused(loop);
      if (currentWish() != Wish::None || (vanished = loop.folderProblem())) {
        break;
      }
      evaluate(loop, stop);
      const auto points = loop.step(stop);
      hasUnseenStep = true;
      publish(points);
      if (!points.empty()) {
        beginPicture(loop, budget);
        publishPicture(loop);
      }
      if (currentWish() == Wish::None) {
        loop.checkpointIfDue();  // also of a step whose numbers come later
      }
    }
    return end(loop, stop);
  }

  RunEnd end(TrainingLoop& loop, const std::stop_token& stop) {
    Wish last = currentWish();
    if (last == Wish::None && !vanished) {
      evaluate(loop, stop);  // of the final weights
      last = currentWish();
    }
    setState(SessionState::Stopping);
    if (last == Wish::Abort) {
      return RunEnd::Aborted;
    }
    finishPicture(loop);
    save(loop);
    return loop.isDone() ? RunEnd::Finished : RunEnd::Stopped;
  }

  // Returns once what was learnt is on a disk. Throws when that was given up.
  void save(TrainingLoop& loop) {
    for (bool wasHeld = false;; wasHeld = true) {
      std::filesystem::path place;
      {
        std::lock_guard lock(mutex);
        place = std::exchange(newPlace, {});
        isRetryWanted = false;
      }
      ErrorInfo problem;
      try {
        if (!place.empty()) {
          loop.moveTo(place);
        }
        loop.checkpointNow();
        if (wasHeld) {
          setState(SessionState::Stopping);
        }
        return;
      } catch (const NonFiniteLoss&) {
        throw;  // there is nothing to save
      } catch (const Exception& error) {
        problem = error.info();
      } catch (const std::filesystem::filesystem_error& error) {
        problem = {error.what(), ""};
      }
      hold(loop, problem);
    }
  }

  // Until it is worth another try.
  void hold(TrainingLoop& loop, const ErrorInfo& problem) {
    constexpr auto kRetry = std::chrono::minutes(1);
    setState(SessionState::Held);
    const auto reason = loop.folderProblem();
    if (reason) {
      vanished = reason;
    }
    const std::string old = loop.folder().string();
    observer.onEvent({.kind = EventKind::Held,
                      .step = lastStep,
                      .epoch = lastEpoch,
                      .path = reason ? freePath(old + "-saved").string() : std::string(),
                      .error = problem});
    std::unique_lock lock(mutex);
    changed.wait_for(lock, kRetry, [this] {
      return wish == Wish::Abort || isRetryWanted || !newPlace.empty() || !mayHold;
    });
    if (wish == Wish::Abort || !mayHold) {
      throw Exception(lostText(loop, problem.message), problem.detail);
    }
  }

  std::string lostText(const TrainingLoop& loop, const std::string& reason) const {
    const std::int64_t saved = loop.savedStep();
    const std::string lost = saved < 0
                                 ? fmt::format("All {} steps of this run", lastStep)
                                 : fmt::format("Steps {} to {} of this run", saved + 1, lastStep);
    return fmt::format("{} are lost, as they could not be saved: {}", lost, reason);
  }

  std::string savedElsewhereText(const std::filesystem::path& folder) const {
    return fmt::format("{} All that it learnt, until step {}, is saved in {}: resume it there.",
                       vanished->message,
                       lastStep,
                       folder.string());
  }

  void evaluate(TrainingLoop& loop, const std::stop_token& stop) {
    if (auto result = loop.evaluateIfDue(stop)) {
      observer.onEvent({.kind = EventKind::Evaluation,
                        .step = result->step,
                        .epoch = result->epoch,
                        .evaluation = result});
    }
  }

  void publish(const std::vector<MetricPoint>& points) {
    for (const MetricPoint& point : points) {
      lastStep = point.step;
      lastEpoch = point.epoch;
      {
        std::lock_guard lock(mutex);
        metrics.push_back(point);
      }
      observer.onNews();
      if (stepsPerEpoch > 0 && point.step % stepsPerEpoch == 0) {
        observer.onEvent({.kind = EventKind::EpochDone, .step = point.step, .epoch = point.epoch});
      }
    }
  }

  void beginPicture(TrainingLoop& loop, PictureBudget& budget) {
    SnapshotDemand wanted;
    {
      std::lock_guard lock(mutex);
      wanted = interest;
    }
    if (!budget.allows(wanted)) {
      return;
    }
    const auto start = Clock::now();
    loop.beginSnapshot(wanted.viewPairs);
    budget.add(secondsSince(start));
    hasUnseenStep = false;
  }

  // Where training rests, what is shown is its last step, whatever the budget says.
  void finishPicture(TrainingLoop& loop) {
    SnapshotDemand wanted;
    {
      std::lock_guard lock(mutex);
      wanted = interest;
    }
    if (hasUnseenStep && wanted.isWanted) {
      loop.beginSnapshot(wanted.viewPairs);
      hasUnseenStep = false;
    }
    publish(loop.settle());
    publishPicture(loop);
  }

  void publishPicture(TrainingLoop& loop) {
    if (auto made = loop.takeSnapshot()) {
      snapshot.publish(std::move(made));
      observer.onNews();
    }
  }

  void waitWhilePaused(TrainingLoop& loop) {
    {
      std::lock_guard lock(mutex);
      if (!isPauseWanted || wish != Wish::None) {
        return;
      }
    }
    finishPicture(loop);
    loop.setPaused(true);
    setState(SessionState::Paused);
    observer.onEvent({.kind = EventKind::Paused, .step = lastStep, .epoch = lastEpoch});
    bool isResumed = false;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return !isPauseWanted || wish != Wish::None; });
      isResumed = wish == Wish::None;
    }
    if (isResumed) {
      loop.setPaused(false);
      setState(SessionState::Running);
      observer.onEvent({.kind = EventKind::Resumed, .step = lastStep, .epoch = lastEpoch});
    }
  }

  // Of the training thread alone.
  std::int64_t lastStep = 0;
  std::int64_t lastEpoch = 0;
  std::int64_t stepsPerEpoch = 0;
  bool isOnDevice = false;
  std::optional<ErrorInfo> vanished;  // the run's folder, and how that is said
  bool hasUnseenStep = false;         // since the last picture

  void ask(Wish wanted) {
    {
      std::lock_guard lock(mutex);
      const bool isStopping =
          (state == SessionState::Stopping || state == SessionState::Held) && wanted == Wish::Abort;
      if ((!isLive() && !isStopping) || wish == Wish::Abort) {
        return;
      }
      wish = wanted;
      state = SessionState::Stopping;  // the observer is told when the step at hand is over
    }
    changed.notify_all();
    thread.request_stop();  // wakes a wait for data or an evaluation
  }
};

Session::Session(SessionObserver& observer, TrainingLoopFactory makeLoop)
    : impl_(std::make_unique<Impl>(observer, std::move(makeLoop))) {}

Session::~Session() {
  abort();
  wait();
}

void Session::start(RunRequest request) {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->isUnderWay()) {
      return;
    }
  }
  wait();  // the old thread is over but for its last lines
  {
    std::lock_guard lock(impl_->mutex);
    impl_->state = SessionState::Preparing;
    impl_->wish = Impl::Wish::None;
    impl_->isPauseWanted = false;
    impl_->isRetryWanted = false;
    impl_->mayHold = true;
    impl_->newPlace.clear();
    impl_->plan.reset();
    impl_->metrics.clear();
  }
  impl_->snapshot.take();
  impl_->lastStep = impl_->lastEpoch = impl_->stepsPerEpoch = 0;
  impl_->vanished.reset();
  impl_->observer.onState(SessionState::Preparing);
  impl_->thread = std::jthread([this, request = std::move(request)](std::stop_token stop) mutable {
    impl_->run(std::move(request), stop);
  });
}

void Session::pause() {
  std::lock_guard lock(impl_->mutex);
  if (impl_->state == SessionState::Running) {
    impl_->isPauseWanted = true;
  }
}

void Session::resume() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->isPauseWanted = false;
  }
  impl_->changed.notify_all();
}

void Session::stop() { impl_->ask(Impl::Wish::Stop); }

void Session::saveTo(std::filesystem::path folder) {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->state != SessionState::Held) {
      return;
    }
    impl_->newPlace = std::move(folder);
  }
  impl_->changed.notify_all();
}

void Session::retry() {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->state != SessionState::Held) {
      return;
    }
    impl_->isRetryWanted = true;
  }
  impl_->changed.notify_all();
}

void Session::abort() { impl_->ask(Impl::Wish::Abort); }

void Session::end() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->mayHold = false;
  }
  impl_->changed.notify_all();
  stop();
  wait();
}

void Session::wait() {
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

SessionState Session::state() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->state;
}

std::optional<RunPlan> Session::plan() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->plan;
}

std::shared_ptr<const LiveSnapshot> Session::takeSnapshot() { return impl_->snapshot.take(); }

std::vector<MetricPoint> Session::takeMetrics() {
  std::lock_guard lock(impl_->mutex);
  return std::exchange(impl_->metrics, {});
}

void Session::setSnapshotDemand(SnapshotDemand interest) {
  std::lock_guard lock(impl_->mutex);
  impl_->interest = interest;
}

}  // namespace barlow
