#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace barlow {

/// Where the system says which control groups (version 1 or 2) this process is in. Containers,
/// cluster jobs and systemd set limits there that no other call reports. Other paths than these are
/// for tests.
struct ControlGroups {
  std::filesystem::path membership = "/proc/self/cgroup";
  std::filesystem::path mount = "/sys/fs/cgroup";
};

/// Bytes until the tightest memory limit between this process's group and the root; nothing without
/// a limit. File cache does not count as used: the kernel gives it back before it ends a process.
std::optional<std::uint64_t> memoryLeftInGroup(const ControlGroups& groups = {});

/// The tightest share of processor time, in processors (1.5 = one and a half); nothing without a
/// limit.
std::optional<double> processorQuota(const ControlGroups& groups = {});

}  // namespace barlow
