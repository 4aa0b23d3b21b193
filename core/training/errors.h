#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <exception>

namespace barlow {

/// The loss of a step is NaN or infinite. The weights are still those before the step.
class NonFiniteLoss final : public Exception {
 public:
  NonFiniteLoss(std::int64_t step, double loss);
  std::int64_t step() const { return step_; }

 private:
  std::int64_t step_;
};

/// Whether `error` is a NonFiniteLoss.
bool hasDiverged(const std::exception_ptr& error);

}  // namespace barlow
