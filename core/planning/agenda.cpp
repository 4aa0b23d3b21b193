#include "core/planning/agenda.h"

#include <algorithm>

namespace barlow {

bool isEvaluationDue(const RunConfig& config, const RunPlan& plan, std::int64_t step) {
  const std::int64_t every = config.evaluate.everyEpochs * plan.stepsPerEpoch;
  return every > 0 && (step % every == 0 || step >= plan.lastStep);
}

bool isCheckpointDue(const RunConfig& config, const RunPlan& plan, std::int64_t step, double age) {
  constexpr double kShortest = 30;  // seconds
  constexpr double kLongest = 300;
  if (step >= plan.lastStep) {
    return false;
  }
  const std::int64_t every = config.run.checkpointEverySteps;
  return every > 0 ? step % every == 0
                   : (step % plan.stepsPerEpoch == 0 && age > kShortest) || age > kLongest;
}

bool isSummaryDue(const RunConfig& config, const RunPlan& plan, std::int64_t step) {
  const std::int64_t every =
      config.run.summaryEverySteps > 0 ? config.run.summaryEverySteps : plan.stepsPerEpoch / 10;
  return step % std::max<std::int64_t>(1, every) == 0;
}

}  // namespace barlow
