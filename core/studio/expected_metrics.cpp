#include "core/studio/expected_metrics.h"

#include "core/objectives/objective.h"

#include <algorithm>

namespace barlow {

MetricSchema expectedMetrics(const RunConfig& config) {
  const auto& projector = config.model.projector;
  return schemaOf(config.objective,
                  {.batch = std::max(2, config.run.batchSize),
                   .dimensions = projector.empty() ? 2 : std::max(2, projector.back())});
}

}  // namespace barlow
