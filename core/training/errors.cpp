#include "core/training/errors.h"

#include <fmt/format.h>

namespace barlow {

NonFiniteLoss::NonFiniteLoss(std::int64_t step, double loss)
    : Exception(fmt::format(
          "The loss of step {} is {}: training stopped before it changed the weights. Lower "
          "optim.base_learning_rate (or lengthen optim.warmup_epochs) and resume from the last "
          "checkpoint.",
          step,
          loss)),
      step_(step) {}

}  // namespace barlow
