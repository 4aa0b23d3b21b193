#include "core/base/system.h"

#include "core/base/cgroup.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#ifdef __GLIBC__
#include <dlfcn.h>
#include <malloc.h>
#endif
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// Bytes of a line such as "MemAvailable:  123 kB".
std::uint64_t memoryLine(const std::string& name) {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;) {
    if (word == name) {
      std::uint64_t kilobytes = 0;
      file >> kilobytes;
      return kilobytes * 1024;
    }
  }
  return 0;
}

fs::path homeFolder() {
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? fs::path(home) : fs::path(".");
}

fs::path userFolder(const char* variable, const char* below) {
  const char* folder = std::getenv(variable);
  const bool isGiven = folder != nullptr && *folder == '/';
  return (isGiven ? fs::path(folder) : homeFolder() / below) / "barlow-studio";
}

}  // namespace

std::uint64_t availableMemoryBytes() {
  const std::uint64_t available = memoryLine("MemAvailable:");
  const auto left = memoryLeftInGroup();
  return left && (available == 0 || *left < available) ? *left : available;
}

namespace {

// The number of kilobytes behind `key` in /proc/self/status, in bytes; 0 where there is none.
std::uint64_t statusBytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) {
      return std::strtoull(line.c_str() + key.size(), nullptr, 10) * 1024;
    }
  }
  return 0;
}

}  // namespace

std::uint64_t residentBytes() { return statusBytes("VmRSS:"); }

void resetPeakResidentBytes() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::uint64_t peakResidentBytes() {
  if (const std::uint64_t peak = statusBytes("VmHWM:"); peak > 0) {
    return peak;
  }
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void keepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that glibc takes
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
  // LibTorch looks at it at its first allocation. A person's own setting wins.
  setenv("THP_MEM_ALLOC_ENABLE", "1", 0);
}

void releaseFreedMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

std::uint64_t freeDiskBytes(const fs::path& path) {
  std::error_code ignored;  // an unreadable parent is simply gone up from
  fs::path folder = fs::absolute(path, ignored);
  while (folder.has_relative_path() && !fs::exists(folder, ignored)) {
    folder = folder.parent_path();
  }
  struct statvfs status {};
  if (statvfs(folder.c_str(), &status) != 0) {
    return 0;
  }
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

std::uint64_t storedBytes(const fs::path& file) {
  constexpr std::uint64_t kBlock = 512;  // the unit of st_blocks, whatever the file system's is
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * kBlock
                                            : 0;
}

int usableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // The call fails where there are more processors than fit into the set.
  const int allowed = sched_getaffinity(0, sizeof(set), &set) == 0
                          ? CPU_COUNT(&set)
                          : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  const auto quota = processorQuota();
  return std::max(1, quota ? std::min(allowed, static_cast<int>(std::lround(*quota))) : allowed);
}

std::optional<int> threadsAskedFor() {
  constexpr long kMost = 1024;
  const char* text = std::getenv("OMP_NUM_THREADS");
  if (text == nullptr) {
    return std::nullopt;
  }
  char* end = nullptr;
  const long threads = std::strtol(text, &end, 10);
  const bool isNumber = end != text && (*end == '\0' || *end == ',' || *end == ' ');
  return isNumber && threads > 0 ? std::optional(static_cast<int>(std::min(threads, kMost)))
                                 : std::nullopt;
}

std::string processorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  struct utsname name {};
  uname(&name);
  return name.machine;
}

void lowerThreadPriority() {
  constexpr int kNice =
      15;  // measured: a nice-15 worker costs the training thread 7 %, an equal one a factor of 5
  setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice);
}

void nameThread(const char* name) {
  pthread_setname_np(pthread_self(), std::string(name).substr(0, 15).c_str());
}

double threadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void* findSymbol(const char* name) { return ::dlsym(RTLD_DEFAULT, name); }

std::int64_t processId() { return ::getpid(); }

std::string utcNow() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                     utc.tm_year + 1900,
                     utc.tm_mon + 1,
                     utc.tm_mday,
                     utc.tm_hour,
                     utc.tm_min,
                     utc.tm_sec,
                     milliseconds);
}

fs::path userDataFolder() { return userFolder("XDG_DATA_HOME", ".local/share"); }

fs::path userCacheFolder() { return userFolder("XDG_CACHE_HOME", ".cache"); }

void setEnvironmentDefault(const char* name, const char* value) {
  ::setenv(name, value, /*overwrite=*/0);
}

}  // namespace barlow
