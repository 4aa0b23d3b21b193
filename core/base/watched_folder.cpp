#include "core/base/watched_folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace barlow {
namespace {

namespace fs = std::filesystem;

bool isSame(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

// While it is open its number on the file system is given to no other.
WatchedFolder::WatchedFolder(fs::path path)
    : path_(std::move(path)),
      descriptor_(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

WatchedFolder::~WatchedFolder() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

WatchedFolder::WatchedFolder(WatchedFolder&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

WatchedFolder& WatchedFolder::operator=(WatchedFolder&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

bool WatchedFolder::isInPlace() const {
  struct stat own {};
  struct stat there {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &own) != 0) {
    return true;
  }
  if (::stat(path_.c_str(), &there) != 0) {
    return errno != ENOENT && errno != ENOTDIR;
  }
  return isSame(own, there);
}

fs::path WatchedFolder::movedTo() const {
  std::error_code ignored;  // where the system does not say it, nothing is known
  const fs::path place = fs::read_symlink(fmt::format("/proc/self/fd/{}", descriptor_), ignored);
  struct stat own {};
  struct stat there {};
  const bool isThere = !place.empty() && ::fstat(descriptor_, &own) == 0 &&
                       ::stat(place.c_str(), &there) == 0 && isSame(own, there);
  return isThere ? place : fs::path();
}

}  // namespace barlow
