#include "core/training/run_readings.h"

#include "core/models/momentum_encoder.h"
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
  inputs_ = output.inputs;
  if (isSummaryDue(run_.config, run_.plan, point.step) && output.isUpdated) {
    collapseMeter_.measure(
        point.step, inputs_.online[0], hasOwnCorrelation_ ? torch::Tensor() : inputs_.online[1]);
  }
  std::vector<torch::Tensor> numbers = {output.loss.view({1}), output.numbers};
  if (hasDistance(point.step)) {
    numbers.push_back(
        momentumDistance(run_.learner.momentum, run_.learner.network).to(output.loss).view({1}));
  }
  numbers_.push(point, torch::cat(numbers));
  run_.position.step = point.step;
  if (snapshotEvery_ > 0 && (point.step == 1 || point.step % snapshotEvery_ == 0)) {
    request({.isKept = true});
  }
}

void RunReadings::request(const SnapshotReadback::Purpose& purpose) {
  torch::Tensor scores = run_.learner.objective->prototypeScores(inputs_);
  if (scores.defined() && scores.size(1) > kMaxMatrixSide) {
    scores = torch::Tensor();  // too large to be looked at, and to be kept
  }
  snapshots_.push(
      run_.position.step, *batch_, inputs_.online[0], inputs_.online[1], scores, purpose);
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

bool RunReadings::hasDistance(std::int64_t step) const {
  return run_.learner.momentum && isSummaryDue(run_.config, run_.plan, step);
}

// A step whose numbers are there: this is when it counts as made, and as having taken time.
void RunReadings::complete(MetricReadback::Step step, bool isLast) {
  MetricPoint& point = step.point;
  point.loss = step.numbers[0];
  auto numbers = std::span<const double>(step.numbers).subspan(1);
  const bool isMeasured = hasDistance(point.step);
  if (isMeasured) {
    distance_ = numbers.back();
    numbers = numbers.first(numbers.size() - 1);
  }
  const std::size_t online = run_.learner.online ? OnlineClassifier::kNumbers : 0;
  point.terms = run_.learner.objective->values(numbers.first(numbers.size() - online));
  const auto beside = numbers.last(online);
  point.terms.insert(point.terms.end(), beside.begin(), beside.end());
  if (isMeasured) {
    point.terms.push_back(*distance_);
  }
  point.seconds = secondsBefore_ + run_.clock.seconds();
  point.pairsPerSecond =
      static_cast<double>(run_.config.run.batchSize) / (point.seconds - run_.position.seconds);
  run_.position.seconds = point.seconds;
  if (auto collapse = collapseMeter_.take(isLast)) {
    collapse_ = std::move(collapse);
  }
  if (collapse_ && collapse_->step <= point.step) {
    point.collapse = std::exchange(collapse_, std::nullopt);
  }
  newest_ = point;
  if (distance_ && !isMeasured) {
    newest_.terms.push_back(*distance_);  // the last one known is the run's, for its summary
  }
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
          .onlineTop1 = evaluation ? evaluation->onlineTop1 : std::nullopt,
          .pairsPerSecond = static_cast<double>(run_.position.step * run_.config.run.batchSize) /
                            run_.position.seconds,
          .seconds = run_.position.seconds};
}

}  // namespace barlow
