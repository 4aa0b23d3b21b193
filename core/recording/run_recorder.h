#pragma once

#include "core/matrix/embedding_batch.h"
#include "core/params/config_io.h"
#include "core/recording/checkpoint.h"
#include "core/recording/run_journal.h"
#include "core/recording/step_dump.h"
#include "core/report/events.h"
#include "core/report/run_plan.h"
#include "core/report/run_request.h"
#include "core/report/run_summary.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// What a running training leaves in its folder, and tells its viewers. It says where the run
/// stands with everything it writes. One thread.
class RunRecorder {
 public:
  /// `plan` and `position` are the run's and outlive this.
  RunRecorder(RunFolder folder,
              const RunPlan& plan,
              const TrainingPosition& position,
              EventSink tell);
  RunRecorder(const RunRecorder&) = delete;
  RunRecorder& operator=(const RunRecorder&) = delete;

  const std::filesystem::path& path() const { return journal_.folder().path(); }
  /// Why nothing can be written to the folder any more.
  std::optional<ErrorInfo> folderProblem() { return journal_.folder().problem(); }
  /// From now on in another folder, with all that was recorded so far.
  void moveTo(const std::filesystem::path& folder);

  /// Writes an event down, at the present step, and gives what was written.
  SessionEvent note(SessionEvent event);
  /// And tells it.
  void tell(SessionEvent event);
  void warn(const ErrorInfo& error) { tell({.kind = EventKind::Warning, .error = error}); }
  /// What the configuration of a run that is resumed was and is now.
  void tellEdits(const std::vector<Difference>& edits);
  /// The first twenty samples that could not be read, each once.
  void warnOf(const std::vector<SampleProblem>& problems);
  void metric(const MetricPoint& point) { journal_.metric(point); }

  RunRecord record() const { return journal_.folder().record(); }
  void setRecord(const RunRecord& record) { journal_.record(record); }
  void setMetrics(const MetricSchema& metrics);
  /// "running", "paused", with the present step.
  void setState(const std::string& state);

  /// Goes on from the newest sound checkpoint: what was recorded after it is removed. Nothing
  /// where there is none.
  std::optional<TrainingPosition> restore(Learner& learner);
  /// A checkpoint of the present step. Throws Exception.
  void save(const Learner& learner, int keep);
  /// The step of the newest checkpoint; -1: there is none.
  std::int64_t savedStep() const { return savedStep_; }
  double secondsSinceSaved() const;
  /// The next try to save comes after another interval.
  void postpone();

  /// Embeddings for looking at them again. A full disk costs these, not the run.
  void keep(const EmbeddingBatch& embeddings);
  std::int64_t keptStep() const { return keptStep_; }
  /// A step as files, unless the folder is gone: then the run halts before its next step.
  void dump(const StepDump& dump, const Learner& learner, const StepDump::Result& result);

  /// The end of the run; then pictures and summary may follow.
  void end(RunEnd end, const ErrorInfo& error);
  void flush() { journal_.flush(); }

 private:
  const RunPlan& plan_;
  const TrainingPosition& position_;
  EventSink tell_;
  RunJournal journal_;
  std::size_t problemsTold_ = 0;
  std::int64_t savedStep_ = -1;
  std::chrono::steady_clock::time_point savedAt_ = std::chrono::steady_clock::now();
  std::int64_t keptStep_ = -1;
};

/// How `end` is called in run.json and summary.json.
std::string stateName(RunEnd end);

}  // namespace barlow
