#include "ui/bridge/run_pace.h"

namespace barlow::ui {
namespace {

constexpr std::int64_t kEnough = 3;  // steps

}  // namespace

void RunPace::add(const MetricPoint& point) {
  if (firstStep_ == 0) {
    firstStep_ = point.step;
    firstSeconds_ = point.seconds;
  }
  lastStep_ = point.step;
  lastSeconds_ = point.seconds;
}

void RunPace::add(const EvaluationResult& result) {
  ++evaluations_;
  evaluationSeconds_ += result.seconds;
}

double RunPace::secondsPerStep() const {
  const std::int64_t steps = lastStep_ - firstStep_;
  return steps < kEnough ? 0 : (lastSeconds_ - firstSeconds_) / static_cast<double>(steps);
}

std::optional<double> RunPace::secondsLeft(const RunPlan& plan,
                                           std::int64_t step,
                                           std::int64_t evaluateEveryEpochs) const {
  const double perStep = secondsPerStep();
  if (perStep <= 0) {
    return std::nullopt;
  }
  double seconds = perStep * static_cast<double>(plan.lastStep - step);
  const std::int64_t every = evaluateEveryEpochs * plan.stepsPerEpoch;
  if (plan.hasLabels && every > 0 && evaluations_ > 0) {
    // One more at the end, where none is due anyway.
    const std::int64_t left =
        plan.lastStep / every - step / every + (plan.lastStep % every == 0 ? 0 : 1);
    seconds += static_cast<double>(left) * evaluationSeconds_ / evaluations_;
  }
  return seconds;
}

}  // namespace barlow::ui
