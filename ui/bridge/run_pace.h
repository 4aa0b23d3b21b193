#pragma once

#include "core/report/events.h"
#include "core/report/metric_point.h"
#include "core/report/run_plan.h"

#include <cstdint>
#include <optional>

namespace barlow::ui {

/// How fast the part of a run goes that is being trained, over all of its steps: what the last few
/// took says little on a machine that does other things as well.
class RunPace {
 public:
  /// A run begins or goes on.
  void begin() { *this = {}; }
  bool isEmpty() const { return firstStep_ == 0; }
  void add(const MetricPoint& point);
  void add(const EvaluationResult& result);
  /// 0 until there are enough steps to tell.
  double secondsPerStep() const;
  /// Training and evaluations from `step` to the end; nothing until there are enough steps to tell.
  std::optional<double> secondsLeft(const RunPlan& plan,
                                    std::int64_t step,
                                    std::int64_t evaluateEveryEpochs) const;

 private:
  // The first step pays for what is made once, so that time counts from its end.
  std::int64_t firstStep_ = 0;
  double firstSeconds_ = 0;
  std::int64_t lastStep_ = 0;
  double lastSeconds_ = 0;
  int evaluations_ = 0;
  double evaluationSeconds_ = 0;
};

}  // namespace barlow::ui
