#include "core/training/run_evaluations.h"

#include "core/evaluation/knn_probe.h"
#include "core/planning/agenda.h"

namespace barlow {

bool RunEvaluations::isDue(std::int64_t step) const {
  return run_.data.heldOut && (!newest_ || newest_->step != step) &&
         isEvaluationDue(run_.config, run_.plan, step);
}

std::optional<EvaluationResult> RunEvaluations::evaluate(std::int64_t step,
                                                         const std::stop_token& stop) {
  const auto& online = run_.learner.online;
  auto result = knnProbe(run_.learner.network,
                         *run_.data.train,
                         *run_.data.heldOut,
                         run_.config,
                         stop,
                         online ? std::optional(online->head()) : std::nullopt);
  if (!result) {
    return std::nullopt;
  }
  result->step = step;
  result->epoch = step / run_.plan.stepsPerEpoch;
  result->querySplit = run_.data.heldOutSplit;
  newest_ = result;
  run_.recorder.note({.kind = EventKind::Evaluation, .evaluation = result});
  return result;
}

}  // namespace barlow
