#pragma once

#include "core/params/run_config.h"
#include "core/report/run_plan.h"

#include <cstdint>

namespace barlow {

/// Memory and time that a run over `images` training images will take, before it starts. The first
/// call measures the machine's speed for about 50 ms; later ones take microseconds. Any thread.
ResourceEstimate estimateRun(const RunConfig& config, std::int64_t images);

}  // namespace barlow
