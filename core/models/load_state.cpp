#include "core/models/load_state.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <map>

namespace barlow {

void loadState(const std::vector<std::pair<std::string, torch::Tensor>>& own,
               const std::vector<std::pair<std::string, torch::Tensor>>& state) {
  torch::NoGradGuard noGrad;
  std::map<std::string, torch::Tensor> given(state.begin(), state.end());
  for (const auto& [name, target] : own) {
    const auto found = given.find(name);
    if (found == given.end()) {
      throw Exception(
          fmt::format("The checkpoint has no tensor '{}': it belongs to another network.", name));
    }
    if (found->second.sizes() != target.sizes()) {
      throw Exception(fmt::format(
          "The checkpoint's tensor '{}' has another shape: it belongs to another network.", name));
    }
    given.erase(found);
  }
  if (!given.empty()) {
    throw Exception(
        fmt::format("The checkpoint's tensor '{}' is unknown here: it belongs to another network.",
                    given.begin()->first));
  }
  given.insert(state.begin(), state.end());
  for (const auto& [name, target] : own) {
    torch::Tensor(target).copy_(given[name]);
  }
}

}  // namespace barlow
