#pragma once

#include "core/report/events.h"
#include "core/report/live_snapshot.h"
#include "core/report/metric_point.h"
#include "core/report/run_plan.h"
#include "core/report/run_request.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// The work of one run, without threads: prepare once, step until done, finish once. The Session
/// drives it from its thread; tests drive a fake one. All calls come from one thread. Failures are
/// Exceptions.
class TrainingLoop {
 public:
  virtual ~TrainingLoop() = default;
  /// Opens data, builds or restores model and optimiser, creates the run folder. Stops early when
  /// asked, with PreparingStopped (core/step/errors.h).
  virtual RunPlan prepare(std::stop_token stop, const EventSink& emit) = 0;
  /// The evaluation that is due before the next step, if one is. Stops early when asked, and is
  /// then repeated later.
  virtual std::optional<EvaluationResult> evaluateIfDue(std::stop_token stop) = 0;
  virtual bool isDone() const = 0;
  /// One step: batch, loss, backward, update. Gives the metrics that are known by now and were not
  /// given before, each written to the run's record: those of this very step on the CPU, of earlier
  /// ones where a device is still at work. No step is made when asked to stop while it waited for
  /// data. Throws NonFiniteLoss (core/step/errors.h) for a loss that is NaN or infinite.
  virtual std::vector<MetricPoint> step(std::stop_token stop) = 0;
  /// Waits for the device, and gives the metrics of all steps made that were not given before.
  virtual std::vector<MetricPoint> settle() = 0;
  /// Asks for the newest step's embeddings and views, `viewPairs` of them at most. Does not wait
  /// for a device.
  virtual void beginSnapshot(int viewPairs) = 0;
  /// The newest of those asked for that has arrived since the last call, or null: at once on the
  /// CPU, after some steps, or settle(), where a device is still at work.
  virtual std::shared_ptr<const LiveSnapshot> takeSnapshot() = 0;
  /// Writes a checkpoint when the configuration says that one is due.
  virtual void checkpointIfDue() = 0;
  virtual void checkpointNow() = 0;
  /// Why nothing can be written to the run folder any more: it was removed, moved or renamed.
  /// Cheap.
  virtual std::optional<ErrorInfo> folderProblem() = 0;
  /// From now on the run is in `folder`, as RunRequest::folder of a fresh run, with all that was
  /// recorded so far; the next checkpoint is written there.
  virtual void moveTo(const std::filesystem::path& folder) = 0;
  /// Where the run is; empty before prepare() has made it.
  virtual std::filesystem::path folder() const = 0;
  /// The step of the newest checkpoint; -1: there is none.
  virtual std::int64_t savedStep() const = 0;
  /// Pauses and resumptions, for the run's record; nothing else happens in the loop.
  virtual void setPaused(bool isPaused) = 0;
  /// Records the end in the run folder and writes matrix.png, views.png and summary.json. Call
  /// once, last.
  virtual void finish(RunEnd end, const ErrorInfo& error) = 0;
};

using TrainingLoopFactory = std::function<std::unique_ptr<TrainingLoop>(RunRequest)>;

}  // namespace barlow
