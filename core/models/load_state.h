#pragma once

#include "core/torch.h"

#include <string>
#include <utility>
#include <vector>

namespace barlow {

/// Copies tensors by name into the `own` ones. Throws Exception for a missing, unknown or
/// differently shaped one, and then has changed nothing.
void loadState(const std::vector<std::pair<std::string, torch::Tensor>>& own,
               const std::vector<std::pair<std::string, torch::Tensor>>& state);

}  // namespace barlow
