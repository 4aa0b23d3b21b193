#pragma once

#include "core/params/run_config.h"
#include "core/report/metric_schema.h"

namespace barlow {

/// What a run of this configuration will measure, before it starts. Any configuration, also one
/// that cannot start; microseconds. Any thread.
MetricSchema expectedMetrics(const RunConfig& config);

}  // namespace barlow
