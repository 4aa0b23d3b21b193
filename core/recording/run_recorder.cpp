#include "core/recording/run_recorder.h"

#include "core/base/error.h"
#include "core/base/system.h"
#include "core/recording/embedding_snapshots.h"

#include <fmt/format.h>

#include <utility>

namespace barlow {

using Clock = std::chrono::steady_clock;

RunRecorder::RunRecorder(RunFolder folder,
                         const RunPlan& plan,
                         const TrainingPosition& position,
                         EventSink tell)
    : plan_(plan),
      position_(position),
      tell_(std::move(tell)),
      journal_(std::move(folder), [this](const ErrorInfo& error) {
        tell_({.kind = EventKind::Warning, .step = position_.step, .error = error});
      }) {}

void RunRecorder::moveTo(const std::filesystem::path& folder) {
  journal_.moveTo(folder);
  savedStep_ = -1;  // its checkpoints stayed behind
}

SessionEvent RunRecorder::note(SessionEvent event) {
  event.step = position_.step;
  event.epoch = plan_.stepsPerEpoch > 0 ? position_.step / plan_.stepsPerEpoch : 0;
  journal_.event(event);
  return event;
}

void RunRecorder::tell(SessionEvent event) { tell_(note(std::move(event))); }

void RunRecorder::tellEdits(const std::vector<Difference>& edits) {
  for (const Difference& edit : edits) {
    tell({.kind = EventKind::Edited,
          .text = fmt::format("{}: {} -> {}", edit.key, edit.left, edit.right)});
  }
}

void RunRecorder::warnOf(const std::vector<SampleProblem>& problems) {
  constexpr std::size_t kMost = 20;
  for (const SampleProblem& problem : problems) {
    ++problemsTold_;
    if (problemsTold_ <= kMost) {
      warn({fmt::format("{} is left out: {}", problem.path, problem.reason), ""});
    } else if (problemsTold_ == kMost + 1) {
      warn({"More images cannot be read; `barlow data check` lists them all.", ""});
    }
  }
}

void RunRecorder::setMetrics(const MetricSchema& metrics) {
  RunRecord changed = record();
  changed.metrics = metrics;
  journal_.record(changed);
}

void RunRecorder::setState(const std::string& state) {
  RunRecord changed = record();
  changed.state = state;
  changed.steps = position_.step;
  journal_.record(changed);
}

std::optional<TrainingPosition> RunRecorder::restore(Learner& learner) {
  CheckpointStore store(path() / "checkpoints");
  const auto position = loadNewestCheckpoint(store, learner, [this](const std::string& text) {
    warn({text, ""});
  });
  const std::int64_t step = position ? position->step : 0;
  savedStep_ = position ? step : -1;
  store.removeLeftovers(step);
  journal_.folder().cutMetricsAfter(step);
  removeSnapshotsAfter(path(), step);
  return position;
}

void RunRecorder::save(const Learner& learner, int keep) {
  journal_.folder().requirePlace();
  CheckpointStore store(path() / "checkpoints");
  journal_.flush();
  saveCheckpoint(store, keep, learner, position_);
  savedStep_ = position_.step;
  savedAt_ = Clock::now();
  tell({.kind = EventKind::Checkpoint, .path = store.folder(position_.step).filename().string()});
}

double RunRecorder::secondsSinceSaved() const {
  return std::chrono::duration<double>(Clock::now() - savedAt_).count();
}

void RunRecorder::postpone() { savedAt_ = Clock::now(); }

void RunRecorder::keep(const EmbeddingBatch& embeddings) {
  try {
    journal_.folder().requirePlace();
    writeSnapshot(path(), embeddings);
    keptStep_ = embeddings.a.origin().step;
  } catch (const Exception& error) {
    warn(error.info());
  }
}

void RunRecorder::dump(const StepDump& dump,
                       const Learner& learner,
                       const StepDump::Result& result) {
  if (!folderProblem()) {
    dump.write(path() / "dump" / fmt::format("step-{}", result.step), learner, result);
  }
}

void RunRecorder::end(RunEnd end, const ErrorInfo& error) {
  const bool isFailed = end == RunEnd::Failed;
  note({.kind = isFailed ? EventKind::Failed : EventKind::Finished,
        .text = end == RunEnd::Aborted ? "aborted" : stateName(end),
        .error = error});
  RunRecord ended = record();
  ended.state = stateName(end);
  ended.steps = position_.step;
  ended.ended = utcNow();
  ended.error = error.message;
  journal_.record(ended);
}

std::string stateName(RunEnd end) {
  return end == RunEnd::Failed ? "failed" : end == RunEnd::Finished ? "finished" : "stopped";
}

}  // namespace barlow
