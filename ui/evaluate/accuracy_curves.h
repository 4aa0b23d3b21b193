#pragma once

#include "core/report/evaluation_report.h"
#include "core/report/events.h"
#include "ui/evaluate/accuracy_chart.h"

#include <vector>

namespace barlow::ui {

/// The chart against epochs: a curve for each way of measuring in `evaluations` (oldest first; the
/// newest way comes first), then what the run measured of itself, then published values of the
/// same data and probes, no farther than the run could be compared with.
std::vector<AccuracyChart::Series> accuracyCurves(const std::vector<StoredEvaluation>& evaluations,
                                                  const std::vector<EvaluationResult>& trained,
                                                  bool withPublished);

}  // namespace barlow::ui
