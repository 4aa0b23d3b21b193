#pragma once

#include "core/objectives/objective.h"
#include "core/params/objective_params.h"

#include <memory>

namespace barlow {

// Every objective, and what it measures: what makeObjective() and schemaOf() choose from. They are
// in files of their names.
std::unique_ptr<Objective> make(const BarlowTwinsParams& params, const ObjectiveSizes& sizes);
MetricSchema schemaOf(const BarlowTwinsParams& params, const ObjectiveSizes& sizes);
std::unique_ptr<Objective> make(const VicregParams& params, const ObjectiveSizes& sizes);
MetricSchema schemaOf(const VicregParams& params, const ObjectiveSizes& sizes);
std::unique_ptr<Objective> make(const SimclrParams& params, const ObjectiveSizes& sizes);
MetricSchema schemaOf(const SimclrParams& params, const ObjectiveSizes& sizes);
std::unique_ptr<Objective> make(const MocoParams& params, const ObjectiveSizes& sizes);
MetricSchema schemaOf(const MocoParams& params, const ObjectiveSizes& sizes);
std::unique_ptr<Objective> make(const ByolParams& params, const ObjectiveSizes& sizes);
MetricSchema schemaOf(const ByolParams& params, const ObjectiveSizes& sizes);
std::unique_ptr<Objective> make(const SimsiamParams& params, const ObjectiveSizes& sizes);
MetricSchema schemaOf(const SimsiamParams& params, const ObjectiveSizes& sizes);
std::unique_ptr<Objective> make(const SwavParams& params, const ObjectiveSizes& sizes);
MetricSchema schemaOf(const SwavParams& params, const ObjectiveSizes& sizes);
std::unique_ptr<Objective> make(const DeepClusterParams& params, const ObjectiveSizes& sizes);
MetricSchema schemaOf(const DeepClusterParams& params, const ObjectiveSizes& sizes);
std::unique_ptr<Objective> make(const LejepaParams& params, const ObjectiveSizes& sizes);
MetricSchema schemaOf(const LejepaParams& params, const ObjectiveSizes& sizes);

}  // namespace barlow
