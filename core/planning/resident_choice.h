#pragma once

#include "core/device/resident_images.h"
#include "core/params/run_config.h"
#include "core/report/run_plan.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace barlow {

/// The images in the memory of the run's device, when the run distorts them there
/// (run.device_views); else null. auto: on an accelerator, when they take at most residentLimit()
/// of what the run's estimate leaves free, and unless a resumed run did without (`recorded`, of
/// run.json).
/// Throws Exception when run.device_views is on and they do not fit.
std::shared_ptr<const ResidentImages> residentImages(
    const RunConfig& config,
    const RunPlan& plan,
    const std::string& recorded,
    const Dataset& dataset,
    std::stop_token stop,
    const std::function<void(std::string text)>& tell);

/// Bytes that resident images may take: half of what is free on the device, and a third of what is
/// free on the host (0: unknown), which decodes them.
std::uint64_t residentLimit(std::uint64_t freeOnDevice, std::uint64_t freeOnHost);

}  // namespace barlow
