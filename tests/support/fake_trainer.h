#pragma once

#include "core/base/error.h"
#include "core/step/errors.h"
#include "core/training/training_loop.h"
#include "tests/support/barrier.h"

#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace barlow {

/// What a FakeTrainer does and what was asked of it; shared with the test.
struct FakeControl {
  Gate preparing;  // passed once per run
  Gate stepping;   // passed before every step
  int steps = 5;
  std::int64_t firstStep = 0;  // the checkpoint's, of a run that is resumed
  bool hasLabels = false;
  std::string throwIn;        // "prepare", "step", "checkpoint", "move", "finish"; guarded by mutex
  std::string folderProblem;  // the run folder is gone; guarded by mutex
  bool diverges = false;      // the first step's loss is not finite
  // What a snapshot of a step carries; empty: nothing.
  std::function<std::shared_ptr<const EmbeddingBatch>(std::int64_t step)> embeddings;
  std::mutex mutex;
  std::vector<std::string> calls;  // guarded by mutex
  int summaries = 0;               // guarded by mutex

  void note(const std::string& call) {
    std::lock_guard lock(mutex);
    calls.push_back(call);
  }
  void setThrowIn(const std::string& place) {
    std::lock_guard lock(mutex);
    throwIn = place;
  }
  void setFolderProblem(const std::string& problem) {
    std::lock_guard lock(mutex);
    folderProblem = problem;
  }
  std::vector<std::string> takeCalls() {
    std::lock_guard lock(mutex);
    return calls;
  }
};

/// A TrainingLoop without training, stepped by the test.
class FakeTrainer final : public TrainingLoop {
 public:
  explicit FakeTrainer(std::shared_ptr<FakeControl> control, std::filesystem::path folder = {})
      : control_(std::move(control)), folder_(std::move(folder)) {}
  RunPlan prepare(std::stop_token, const EventSink& emit) override {
    emit({.kind = EventKind::Preparing, .text = "fake"});
    control_->preparing.arrive();
    failIn("prepare");
    RunPlan plan;
    plan.stepsPerEpoch = 2;
    plan.lastStep = plan.totalSteps = control_->steps;
    plan.hasLabels = control_->hasLabels;
    plan.firstStep = step_ = control_->firstStep;
    return plan;
  }
  std::optional<EvaluationResult> evaluateIfDue(std::stop_token) override { return std::nullopt; }
  bool isDone() const override { return step_ >= control_->steps; }
  std::vector<MetricPoint> step(std::stop_token stop) override {
    control_->stepping.arrive();
    failIn("step");
    if (control_->diverges) {
      throw NonFiniteLoss(step_ + 1, std::numeric_limits<double>::quiet_NaN());
    }
    if (stop.stop_requested()) {
      return {};
    }
    ++step_;
    return {MetricPoint{.step = step_, .epoch = (step_ - 1) / 2}};
  }
  std::vector<MetricPoint> settle() override { return {}; }
  void beginSnapshot(int) override {
    std::lock_guard lock(control_->mutex);
    ++control_->summaries;
    auto snapshot = std::make_shared<LiveSnapshot>();
    snapshot->step = step_;
    if (control_->embeddings) {
      snapshot->embeddings = control_->embeddings(step_);
    }
    snapshot_ = std::move(snapshot);
  }
  std::shared_ptr<const LiveSnapshot> takeSnapshot() override {
    return std::exchange(snapshot_, nullptr);
  }
  void checkpointIfDue() override {}
  void checkpointNow() override {
    control_->note("checkpoint");
    failIn("checkpoint");
    savedStep_ = step_;
  }
  std::optional<ErrorInfo> folderProblem() override {
    std::lock_guard lock(control_->mutex);
    return control_->folderProblem.empty() || !movedTo_.empty()
               ? std::nullopt
               : std::optional(ErrorInfo{control_->folderProblem, ""});
  }
  void moveTo(const std::filesystem::path& folder) override {
    control_->note("move to " + folder.string());
    failIn("move");
    movedTo_ = folder;
  }
  std::filesystem::path folder() const override { return movedTo_.empty() ? folder_ : movedTo_; }
  std::int64_t savedStep() const override { return savedStep_; }
  void setPaused(bool isPaused) override { control_->note(isPaused ? "paused" : "resumed"); }
  void finish(RunEnd end, const ErrorInfo&) override {
    static const char* const kNames[] = {"finished", "stopped", "aborted", "failed"};
    control_->note(kNames[static_cast<int>(end)]);
    if (end != RunEnd::Failed) {
      failIn("finish");
    }
  }

 private:
  void failIn(const std::string& place) const {
    std::lock_guard lock(control_->mutex);
    if (control_->throwIn == place) {
      throw Exception("planned failure in " + place);
    }
  }
  std::shared_ptr<FakeControl> control_;
  std::filesystem::path folder_;
  std::filesystem::path movedTo_;
  std::shared_ptr<const LiveSnapshot> snapshot_;
  std::int64_t step_ = 0;
  std::int64_t savedStep_ = -1;
};

}  // namespace barlow
