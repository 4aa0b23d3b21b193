#pragma once

#include "core/torch.h"

#include <functional>

namespace barlow {

/// Seconds of one call of `work`, the fastest of several; infinity when it was given up for being
/// much slower than `limit`.
///
/// On the CPU `repetitions` calls are timed after one that warms up, which already shows what is
/// hopeless. On an accelerator the first calls load kernels and libraries, which says nothing:
/// they are not timed; then several calls at a time are, as they follow one another in a run,
/// waiting for the device only at the end. The calling thread's thread count is used.
double fastestTime(const torch::Device& device,
                   const std::function<void()>& work,
                   int repetitions,
                   double limit);

/// The way of an accelerator; `wait` returns when all that `work` queued is done.
double fastestQueuedTime(const std::function<void()>& work,
                         const std::function<void()>& wait,
                         int repetitions,
                         double limit);

}  // namespace barlow
