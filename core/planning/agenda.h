#pragma once

#include "core/params/run_config.h"
#include "core/report/run_plan.h"

#include <cstdint>

namespace barlow {

/// What is due after `step` completed steps, by the configuration and the plan of a run alone.

/// An evaluation: every so many epochs, from the start on, and at the end.
bool isEvaluationDue(const RunConfig& config, const RunPlan& plan, std::int64_t step);

/// A checkpoint, the newest being `age` seconds old: every so many steps where the configuration
/// says so; else at the ends of epochs, though not twice in half a minute, and every five minutes,
/// which is what a crash may cost. Not at the run's end, which writes one anyway.
bool isCheckpointDue(const RunConfig& config, const RunPlan& plan, std::int64_t step, double age);

/// Numbers of collapse: ten times an epoch unless told otherwise.
bool isSummaryDue(const RunConfig& config, const RunPlan& plan, std::int64_t step);

}  // namespace barlow
