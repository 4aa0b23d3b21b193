#pragma once

#include "core/studio/session.h"

#include <QObject>
#include <QTimer>

#include <atomic>
#include <memory>
#include <vector>

namespace barlow::ui {

/// A Session whose news arrive as signals on the thread of this object (the window's). However many
/// steps the training thread takes, metrics and snapshots come at most three times a second;
/// before a change of state or an event come all that were taken until then.
class SessionBridge final : public QObject, private SessionObserver {
  Q_OBJECT

 public:
  explicit SessionBridge(QObject* parent = nullptr);
  /// Tests pass a factory that makes a FakeTrainer; an empty one means the real trainer.
  explicit SessionBridge(TrainingLoopFactory makeLoop, QObject* parent = nullptr);
  /// Aborts and joins: takes up to one step, so let the run end first.
  ~SessionBridge() override;

  void start(RunRequest request);
  void pause();
  void resume();
  void stop();
  void abort();
  void end();                                 // blocks: Session::end()
  void saveTo(std::filesystem::path folder);  // of a held run
  void retry();
  void setSnapshotDemand(SnapshotDemand interest);

  /// As of the last stateChanged() signal.
  SessionState state() const { return state_; }
  /// Preparing, Running, Paused, Stopping or Held: there is a run that a closing window would end.
  bool isLive() const;
  std::optional<RunPlan> plan() const;

 Q_SIGNALS:
  void stateChanged(barlow::SessionState state);
  void eventArrived(const barlow::SessionEvent& event);
  /// All since the last time, in step order.
  void metricsArrived(const std::vector<barlow::MetricPoint>& points);
  /// The newest; older ones were dropped.
  void snapshotArrived(const std::shared_ptr<const barlow::LiveSnapshot>& snapshot);

 private:
  // From the training thread.
  void onState(SessionState state) override;
  void onEvent(const SessionEvent& event) override;
  void onNews() override;

  void deliverNews();

  std::atomic<bool> isWakeUpQueued_ = false;
  QTimer delivery_;
  SessionState state_ = SessionState::Idle;
  Session session_;  // last: its thread has ended before what it calls is gone
};

}  // namespace barlow::ui
