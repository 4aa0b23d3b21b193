#pragma once

#include "core/report/events.h"
#include "core/report/live_snapshot.h"
#include "core/report/metric_point.h"
#include "core/report/run_plan.h"
#include "core/training/training_loop.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace barlow {

/// Idle -> Preparing -> Running <-> Paused -> Stopping -> Finished or Failed; start() leads back to
/// Preparing. Held, between Stopping and the end: what was learnt cannot be saved (a full disk, a
/// folder that was removed). It is tried again every minute, until it is saved or abort() gives it
/// up.
enum class SessionState { Idle, Preparing, Running, Paused, Stopping, Held, Finished, Failed };
std::string_view toText(SessionState state);

/// Told by the training thread: be quick, never call back into the Session.
class SessionObserver {
 public:
  virtual ~SessionObserver() = default;
  virtual void onState(SessionState state) = 0;
  virtual void onEvent(const SessionEvent& event) = 0;
  /// New metrics or a new snapshot wait to be taken; may come very often.
  virtual void onNews() = 0;
};

/// Trains one configuration on its own thread.
/// Call from one thread (the window's, or main). Commands return at once; what comes of them
/// arrives as an event. A command that makes no sense in the present state is ignored.
///   Session session(observer);
///   session.start({.config = config, .folder = folder});
///   session.wait();
class Session {
 public:
  explicit Session(SessionObserver& observer, TrainingLoopFactory makeLoop);
  /// With the real trainer.
  explicit Session(SessionObserver& observer);
  /// Aborts and joins: takes up to one step, so let it finish first.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start(RunRequest request);  // in Idle, Finished, Failed
  void pause();                    // in Running; takes effect after the current step
  void resume();                   // in Paused, or in Running when a pause is still pending
  void stop();                     // ends after the current step and writes a checkpoint
  void saveTo(std::filesystem::path folder);  // in Held; such as RunRequest::folder of a fresh run
  void retry();                               // in Held: tries again to save, now
  void abort();  // ends after the current step, writes no checkpoint, deletes nothing
  /// stop(), and blocks until the end; what cannot be saved is given up instead of held. For a
  /// process that has to go.
  void end();
  void wait();  // blocks until the thread is idle; not for the window's thread

  SessionState state() const;
  /// What prepare() settled; nothing before.
  std::optional<RunPlan> plan() const;
  /// The newest since the last call, or null.
  std::shared_ptr<const LiveSnapshot> takeSnapshot();
  /// All since the last call, in step order.
  std::vector<MetricPoint> takeMetrics();
  void setSnapshotDemand(SnapshotDemand interest);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow
