#include "core/training/run_readings.h"

#include "core/planning/agenda.h"
#include "core/recording/embedding_snapshots.h"
#include "core/recording/run_pictures.h"
#include "core/step/errors.h"

#include <cmath>
#include <span>
#include <utility>

namespace barlow {

RunReadings::RunReadings(const Run& run, std::size_t lag, bool isBeside)
    : run_(run),
      numbers_(lag),
      collapseMeter_(isBeside),
      hasOwnCorrelation_(termIndex(run.plan.metrics, "mean_diagonal").has_value()),
      snapshots_(run.config),
      snapshotEvery_(snapshotEvery(run.config, run.plan.lastStep, run.plan.dimensions)),
      secondsBefore_(run.position.seconds) {}

void RunReadings::push(const MetricPoint& point,
                       const DeviceBatch& batch,
                       const TrainingStep::Output& output) {
  batch_ = batch;
  zA_ = output.inputs.online[0];
  zB_ = output.inputs.online[1];
  if (isSummaryDue(run_.config, run_.plan, point.step) && output.isUpdated) {
    collapseMeter_.measure(point.step, zA_, hasOwnCorrelation_ ? torch::Tensor() : zB_);
  }
  numbers_.push(point, torch::cat({output.loss.view({1}), output.numbers}));
  run_.position.step = point.step;
  if (snapshotEvery_ > 0 && (point.step == 1 || point.step % snapshotEvery_ == 0)) {
    request({.isKept = true});
  }
}

void RunReadings::request(const SnapshotReadback::Purpose& purpose) {
  snapshots_.push(run_.position.step, *batch_, zA_, zB_, purpose);
}

void RunReadings::ask(const SnapshotReadback::Purpose& purpose) {
  if (batch_) {
    request(purpose);
    collectSnapshots(false);
  }
}

void RunReadings::collect(bool isLast) {
  while (auto step = numbers_.pop(isLast)) {
    complete(std::move(*step), isLast);
  }
  collectSnapshots(isLast);
}

// A step whose numbers are there: this is when it counts as made, and as having taken time.
void RunReadings::complete(MetricReadback::Step step, bool isLast) {
  MetricPoint& point = step.point;
  point.loss = step.numbers[0];
  point.terms = run_.objective.values(std::span(step.numbers).subspan(1));
  point.seconds = secondsBefore_ + run_.clock.seconds();
  point.pairsPerSecond =
      static_cast<double>(run_.config.run.batchSize) / (point.seconds - run_.position.seconds);
  run_.position.seconds = point.seconds;
  if (auto numbers = collapseMeter_.take(isLast)) {
    collapse_ = std::move(numbers);
  }
  if (collapse_ && collapse_->step <= point.step) {
    point.collapse = std::exchange(collapse_, std::nullopt);
  }
  newest_ = point;
  run_.recorder.metric(point);
  if (!std::isfinite(point.loss)) {
    run_.position.step = point.step - 1;
    throw NonFiniteLoss(point.step, point.loss);
  }
  arrived_.push_back(point);
}

// Only of steps whose loss is known to be finite.
void RunReadings::collectSnapshots(bool isLast) {
  while (auto moment = snapshots_.pop(newest_.step, isLast)) {
    LiveSnapshot& snapshot = *moment->snapshot;
    snapshot.runId = run_.plan.runId;
    snapshot.epoch = (snapshot.step - 1) / run_.plan.stepsPerEpoch;
    snapshot.seconds = run_.position.seconds;
    if (moment->purpose.isKept) {
      run_.recorder.keep(*snapshot.embeddings);
    }
    if (moment->purpose.isShown) {
      snapshot_ = std::move(moment->snapshot);
    }
  }
}

std::vector<MetricPoint> RunReadings::take() { return std::exchange(arrived_, {}); }

std::shared_ptr<const LiveSnapshot> RunReadings::takeSnapshot() {
  return std::exchange(snapshot_, nullptr);
}

bool RunReadings::isSound() const { return newest_.step > 0 && std::isfinite(newest_.loss); }

void RunReadings::writePictures() {
  request(
      {.isShown = true, .isKept = run_.recorder.keptStep() != run_.position.step, .viewPairs = 8});
  collectSnapshots(true);
  if (const auto snapshot = takeSnapshot()) {
    writeRunPictures(run_.recorder.path(), *snapshot);
  }
}

RunSummary RunReadings::summary(RunEnd end,
                                const std::optional<EvaluationResult>& evaluation) const {
  const auto steps = static_cast<double>(run_.position.step);
  return {.run = run_.recorder.path().string(),
          .state = stateName(end),
          .steps = run_.position.step,
          .epochs = steps / static_cast<double>(run_.plan.stepsPerEpoch),
          .loss = newest_.loss,
          .terms = namedTerms(newest_, run_.plan.metrics),
          .knnTop1 = evaluation ? std::optional(evaluation->top1) : std::nullopt,
          .pairsPerSecond = static_cast<double>(run_.position.step * run_.config.run.batchSize) /
                            run_.position.seconds,
          .seconds = run_.position.seconds};
}

}  // namespace barlow
