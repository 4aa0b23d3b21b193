#pragma once

#include "core/dataset/dataset.h"
#include "core/device/device_batch.h"
#include "core/params/run_config.h"

#include <cstdint>

namespace barlow {

/// How many of a batch's numbers are not those that the CPU's kernel makes with the same plans.
struct ViewDifference {
  std::int64_t numbers = 0;        // compared
  std::int64_t unequal = 0;        // normalised values that differ in any bit
  std::int64_t unequalLevels = 0;  // those of them that stand for another level of 0 to 255
  ViewDifference& operator+=(const ViewDifference& other);
};

/// Makes the views of every row again, with the kernel of `config`. Any one thread.
ViewDifference differenceFromKernel(const DeviceBatch& batch,
                                    const Dataset& dataset,
                                    const RunConfig& config);

}  // namespace barlow
