#include "core/objectives/objective_list.h"

namespace barlow {

std::unique_ptr<Objective> makeObjective(const ObjectiveParams& params,
                                         const ObjectiveSizes& sizes) {
  return params.withChosen([&](const auto& own) { return make(own, sizes); });
}

}  // namespace barlow
