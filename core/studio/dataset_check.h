#pragma once

#include "core/report/scan_report.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace barlow {

/// Decodes every image of a SPEC on low-priority threads and counts. Blocks; `progress` is called
/// from time to time, and a stop ends early with what was counted. Throws Exception when there is
/// nothing to look at.
ScanReport checkDataset(const std::string& source,
                        const std::function<void(std::int64_t done, std::int64_t total)>& progress,
                        std::stop_token stop);

}  // namespace barlow
