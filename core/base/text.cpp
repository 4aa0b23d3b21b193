#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

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

std::string plainLine(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    if (byte == '\n') {
      line += "\\n";
    } else if (byte == '\t') {
      line += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F
      line += fmt::format("\\x{:02x}", next);
      ++i;
    } else {
      line += text[i];
    }
  }
  return line;
}

std::string counted(std::int64_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
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

std::string lowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

}  // namespace barlow
