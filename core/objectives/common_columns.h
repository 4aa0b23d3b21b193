#pragma once

#include "core/report/metric_schema.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace barlow {

// Columns that several objectives have.

/// The loss of an objective that has no bound to judge it by: `hint` stands beside it, its {} for
/// `reference`.
MetricColumn lossColumn(std::string hint,
                        double reference = std::numeric_limits<double>::quiet_NaN());

/// ContrastTerms::accuracy and similarity.
std::vector<MetricColumn> contrastColumns();
/// directionSpread() of embeddings of this width.
MetricColumn spreadColumn(std::int64_t dimensions);
/// momentumDistance(), of steps whose embeddings are summed up.
MetricColumn momentumDistanceColumn();
/// The mean cosine of predictions with what they predict.
MetricColumn predictionColumn();

}  // namespace barlow
