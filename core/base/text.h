#pragma once

#include <cstdint>
#include <string>

namespace barlow {

/// "1.5 GiB", "312 MiB", "17 bytes".
std::string formatBytes(std::uint64_t bytes);

}  // namespace barlow
