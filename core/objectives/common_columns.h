#pragma once

#include "core/report/metric_schema.h"

#include <cstdint>
#include <vector>

namespace barlow {

// Columns that several objectives have.

/// ContrastTerms::accuracy and similarity.
std::vector<MetricColumn> contrastColumns();
/// directionSpread() of embeddings of this width.
MetricColumn spreadColumn(std::int64_t dimensions);
/// The mean cosine of predictions with what they predict.
MetricColumn predictionColumn();

}  // namespace barlow
