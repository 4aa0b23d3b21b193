#include "core/training/errors.h"

#include <fmt/format.h>

namespace barlow {

NonFiniteLoss::NonFiniteLoss(std::int64_t step, double loss)
    : Exception(fmt::format(
          "The loss of step {} is {}: training halted, and nothing of this step is saved. Resume "
          "from the last checkpoint with a lower optim.base_learning_rate, or start again with "
          "more "
          "optim.warmup_epochs.",
          step,
          loss)),
      step_(step) {}

bool hasDiverged(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const NonFiniteLoss&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace barlow
