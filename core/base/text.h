#pragma once

#include <cstdint>
#include <string>

namespace barlow {

/// "1.5 GiB", "312 MiB", "17 bytes".
std::string formatBytes(std::uint64_t bytes);

/// "8 s", "3 min", "2 h 05 min"; "under 1 s" below that.
std::string formatDuration(double seconds);

}  // namespace barlow
