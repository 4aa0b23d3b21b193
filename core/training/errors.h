#pragma once

#include "core/base/error.h"

#include <cstdint>

namespace barlow {

/// The loss of a step is NaN or infinite. The weights are still those before the step.
class NonFiniteLoss final : public Exception {
 public:
  NonFiniteLoss(std::int64_t step, double loss);
  std::int64_t step() const { return step_; }

 private:
  std::int64_t step_;
};

}  // namespace barlow
