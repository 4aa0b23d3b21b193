#include "core/base/text.h"

#include <fmt/format.h>

namespace barlow {

std::string formatBytes(std::uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes < 1024) {
    return fmt::format("{} bytes", bytes);
  }
  if (bytes < 1024 * 1024) {
    return fmt::format("{:.0f} KiB", value / 1024);
  }
  if (bytes < 1024ull * 1024 * 1024) {
    return fmt::format("{:.0f} MiB", value / (1024 * 1024));
  }
  return fmt::format("{:.1f} GiB", value / (1024.0 * 1024 * 1024));
}

}  // namespace barlow
