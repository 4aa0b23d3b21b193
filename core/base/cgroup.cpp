#include "core/base/cgroup.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// The number in a one-value file; nothing for "max", for -1 and for a missing file.
std::optional<std::uint64_t> numberIn(const fs::path& path) {
  std::ifstream file(path);
  std::int64_t value = 0;
  if (file >> value && value >= 0) {
    return static_cast<std::uint64_t>(value);
  }
  return std::nullopt;
}

// The sum of the named rows of a file of "name value" rows.
std::uint64_t sumOfRows(const fs::path& path, const std::string& first, const std::string& second) {
  std::ifstream file(path);
  std::uint64_t sum = 0;
  std::string name;
  for (std::uint64_t value = 0; file >> name >> value;) {
    sum += name == first || name == second ? value : 0;
  }
  return sum;
}

// This process's group below the mount point of `controller`; version 2 has one hierarchy with an
// empty name.
fs::path groupOf(const fs::path& membership, const std::string& controller) {
  std::ifstream file(membership);
  for (std::string line; std::getline(file, line);) {  // number:controller,controller:/path
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) {
      continue;
    }
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controllers.find("," + controller + ",") != std::string::npos) {
      return fs::path(line.substr(second + 1)).relative_path();
    }
  }
  return {};
}

// Calls `visit(folder)` for the group and everything above it: a limit counts for all below. In a
// container the path can be the host's, of which only the root is there.
template <class Visit>
void visitUpwards(const fs::path& root, fs::path group, Visit&& visit) {
  for (;; group = group.parent_path()) {
    visit(root / group);
    if (group.empty()) {
      return;
    }
  }
}

template <class T>
void keepSmaller(std::optional<T>& smallest, T value) {
  smallest = smallest ? std::min(*smallest, value) : value;
}

}  // namespace

std::optional<std::uint64_t> memoryLeftInGroup(const ControlGroups& groups) {
  std::optional<std::uint64_t> left;
  const auto add = [&](std::optional<std::uint64_t> limit,
                       std::optional<std::uint64_t> used,
                       std::uint64_t cache) {
    if (limit && used) {
      const std::uint64_t held = *used - std::min(*used, cache);
      keepSmaller(left, *limit - std::min(*limit, held));
    }
  };
  visitUpwards(groups.mount, groupOf(groups.membership, ""), [&](const fs::path& folder) {
    add(numberIn(folder / "memory.max"),
        numberIn(folder / "memory.current"),
        sumOfRows(folder / "memory.stat", "inactive_file", "active_file"));
  });
  visitUpwards(
      groups.mount / "memory", groupOf(groups.membership, "memory"), [&](const fs::path& folder) {
        add(numberIn(folder / "memory.limit_in_bytes"),
            numberIn(folder / "memory.usage_in_bytes"),
            sumOfRows(folder / "memory.stat", "total_inactive_file", "total_active_file"));
      });
  return left;
}

std::optional<double> processorQuota(const ControlGroups& groups) {
  std::optional<double> processors;
  visitUpwards(groups.mount, groupOf(groups.membership, ""), [&](const fs::path& folder) {
    std::ifstream file(folder /
                       "cpu.max");  // "QUOTA PERIOD"; "max PERIOD" does not parse and is no limit
    double quota = 0;
    double period = 0;
    if (file >> quota >> period && period > 0) {
      keepSmaller(processors, quota / period);
    }
  });
  visitUpwards(
      groups.mount / "cpu", groupOf(groups.membership, "cpu"), [&](const fs::path& folder) {
        const auto quota = numberIn(folder / "cpu.cfs_quota_us");  // -1 is no limit
        const auto period = numberIn(folder / "cpu.cfs_period_us");
        if (quota && period && *period > 0) {
          keepSmaller(processors, static_cast<double>(*quota) / static_cast<double>(*period));
        }
      });
  return processors;
}

}  // namespace barlow
