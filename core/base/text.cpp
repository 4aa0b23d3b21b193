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

std::string formatDuration(double seconds) {
  if (seconds < 1) {
    return "under 1 s";
  }
  if (seconds < 99.5) {
    return fmt::format("{:.0f} s", seconds);
  }
  const auto minutes = static_cast<long long>(seconds / 60 + 0.5);
  return minutes < 100 ? fmt::format("{} min", minutes)
                       : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

}  // namespace barlow
