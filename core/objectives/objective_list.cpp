#include "core/objectives/objective_list.h"

namespace barlow {

std::unique_ptr<Objective> makeObjective(const ObjectiveParams& params,
                                         const ObjectiveSizes& sizes) {
  return params.withChosen([&](const auto& own) {
    std::unique_ptr<Objective> objective = make(own, sizes);
    objective->info_ = &own.kInfo;
    return objective;
  });
}

}  // namespace barlow
