#pragma once

#include "core/base/log.h"
#include "core/params/config_io.h"
#include "core/studio/run_browser.h"
#include "ui/bridge/background_job.h"
#include "ui/bridge/run_pace.h"
#include "ui/bridge/session_bridge.h"

#include <QObject>
#include <QString>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace barlow::ui {

class Experiment;

/// What a new run that begins with the settings of `base` is called: a run folder's name without
/// its time and number, "quick-shapes" of "2026-01-31-120000-ab12-quick-shapes".
QString plainRunName(const QString& base);

/// The one run that the window works on, live or opened from disk, and everything that can be done
/// with it. Window thread only.
class RunController final : public QObject {
  Q_OBJECT

 public:
  struct Options {
    TrainingLoopFactory makeLoop;    // empty: the real trainer
    std::filesystem::path runsRoot;  // empty: runsFolder()
    // How a discarded run leaves: the desktop's trash. Tests watch it.
    std::function<bool(const QString& folder)> moveToTrash;
  };
  RunController(Experiment& experiment, Options options, QObject* parent = nullptr);

  /// A new run of the experiment's configuration in a new folder.
  void start();
  void pause();
  /// Goes on: a paused run at once, one that ended or was opened from its last checkpoint. With
  /// edits a paused run is stopped first and goes on from the checkpoint that this writes.
  /// `data`: where the data of a run that is not live is now, taken when it is the same.
  void resume(std::vector<Setting> edits = {}, std::optional<std::string> data = {});
  /// A finished run goes on until it has seen every image `epochs` times.
  void trainLonger(int epochs);
  /// The same with half the learning rate: what helps a run whose loss was not finite.
  void resumeWithHalfRate();
  void stop();
  /// Ends a live run without a checkpoint and moves its folder to the trash; an opened one as well.
  /// Asks nothing.
  void discard();
  /// A held run: saves it in `folder`, which is new. held() follows where that fails as well.
  void saveTo(const std::filesystem::path& folder);
  /// A held run: tries again now.
  void retrySave();
  /// A held run ends without what it could not save.
  void giveUp();
  /// For a process that ends without the window: blocks until a live run is stopped and saved.
  void endNow();
  /// Reads a run folder on a worker; the opened() signal follows, or failed().
  void open(const std::filesystem::path& folder);

  /// The folder of the run's data where it is not there any more; resume() needs to be told the
  /// new one then.
  std::string missingData() const;

  bool canStart() const;
  bool canPause() const;
  bool canResume() const;
  bool canStop() const;
  bool canDiscard() const;
  /// It ended as planned and could be given more epochs.
  bool canTrainLonger() const { return isFinished() && !folder_.empty(); }
  /// What resume() could take over from the experiment: settings of the run that were changed
  /// there. Empty when the experiment was given another model or other data, for it is another run
  /// then.
  std::vector<Difference> edits() const;
  /// `config` is this run's, but for what can change while it goes on.
  bool isOfRun(const RunConfig& config) const;
  /// The run halted as its loss was not finite.
  bool hasDiverged() const { return hasDiverged_ && !isLive(); }
  /// There is a run that closing the window would end.
  bool isLive() const { return session_.isLive(); }
  /// The run is over but cannot be saved: its folder has vanished, or the disk is full.
  bool isHeld() const { return session_.state() == SessionState::Held; }
  /// Why it is held.
  const ErrorInfo& heldReason() const { return heldReason_; }
  /// It takes all the time that it gets: other work yields to it.
  bool isTraining() const { return isLive() && state() != SessionState::Paused; }
  /// The run has nothing left to do.
  bool isFinished() const { return !isLive() && storedState_ == "finished"; }
  /// It was stopped before its end and can go on.
  bool hasStopped() const { return !isLive() && storedState_ == "stopped"; }
  bool isOpening() const { return opening_.isBusy(); }

  SessionState state() const { return session_.state(); }
  /// "Running", "Pausing after this step", "Stopped at step 120", ...
  QString stateText() const;
  /// What the run is busy with while no step is made: "kNN of the untrained network"; else empty.
  QString activity() const;
  /// "quick-shapes": the run's own name, or its folder's.
  QString name() const;
  /// The last completed step.
  std::int64_t lastStep() const { return lastStep_; }
  const RunPace& pace() const { return pace_; }
  /// Of the live run; nothing while it is being prepared or when none is live.
  std::optional<RunPlan> plan() const { return session_.plan(); }
  const RunConfig& runConfig() const { return runConfig_; }
  const std::filesystem::path& folder() const { return folder_; }
  /// Why the run ended by itself; empty when it did not.
  const ErrorInfo& error() const { return error_; }
  void setSnapshotDemand(SnapshotDemand interest) { session_.setSnapshotDemand(interest); }

 Q_SIGNALS:
  /// Another run begins or was opened: what was shown belongs to an old one.
  void cleared();
  /// What can be done, or stateText(), changed.
  void stateChanged();
  /// Training goes on from this step of a checkpoint: what was shown of later ones is no longer so.
  void wentOnFrom(qint64 step);
  /// Settings were changed after this step.
  void edited(qint64 step, const QString& text);
  void metricsArrived(const std::vector<barlow::MetricPoint>& points);
  void snapshotArrived(const std::shared_ptr<const barlow::LiveSnapshot>& snapshot);
  void evaluationArrived(const barlow::EvaluationResult& result);
  /// Comes after cleared(): everything that the folder holds.
  void opened(const std::shared_ptr<const barlow::StoredRun>& run);
  void logged(barlow::LogLevel level, const QString& text);
  /// Something went wrong; one sentence for the person in `message`.
  void failed(const barlow::ErrorInfo& error);
  /// The run is held from now on, or what was asked for to save it failed.
  void held(const barlow::ErrorInfo& reason);
  /// A live run is over: "finished", "stopped", "aborted" or "failed".
  void ended(const QString& how);

 private:
  void begin(RunRequest request);
  void onState(SessionState state);
  void onEvent(const SessionEvent& event);
  void onEnd(const SessionEvent& event);
  void trash();
  void takeMovedData();

  Experiment& experiment_;
  Options options_;
  RunConfig runConfig_;
  std::filesystem::path folder_;  // empty: there is no run
  std::string runId_;             // empty: unknown
  std::string storedState_;       // run.json's, of an opened run; empty for a live one
  std::int64_t lastStep_ = 0;
  std::int64_t evaluatedStep_ = -1;  // in this part of the run
  QString preparing_;                // what is being prepared
  RunPace pace_;
  ErrorInfo error_;
  bool hasDiverged_ = false;
  ErrorInfo heldReason_;
  bool isHoldToldNext_ = true;  // of a held run: whether its next failure is the person's concern
  std::vector<Setting> pendingEdits_;     // the run goes on with these when it has stopped
  std::optional<std::string> movedData_;  // becomes the run's when it has been taken
  bool isPausePending_ = false;
  bool isDiscarding_ = false;
  BackgroundJob opening_;
  SessionBridge session_;
};

}  // namespace barlow::ui
