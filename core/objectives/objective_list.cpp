#include "core/objectives/objective_list.h"

#include "core/objectives/common_columns.h"

namespace barlow {

std::unique_ptr<Objective> makeObjective(const ObjectiveParams& params,
                                         const ObjectiveSizes& sizes) {
  return params.withChosen([&](const auto& own) {
    std::unique_ptr<Objective> objective = make(own, sizes);
    objective->info_ = &own.kInfo;
    return objective;
  });
}

MetricSchema schemaOf(const ObjectiveParams& params, const ObjectiveSizes& sizes) {
  MetricSchema schema = params.withChosen([&](const auto& own) { return schemaOf(own, sizes); });
  if (schema.loss.help.empty()) {
    schema.loss.help = params.info().healthy;
  }
  if (params.info().hasMomentumEncoder) {
    schema.terms.push_back(momentumDistanceColumn());
  }
  return schema;
}

}  // namespace barlow
