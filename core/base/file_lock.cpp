#include "core/base/file_lock.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace barlow {

std::optional<FileLock> FileLock::tryLock(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    throw Exception(fmt::format("Cannot write {}: {}.", path.string(), std::strerror(errno)));
  }
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
    return lock;
  }
  if (errno == ENOLCK || errno == ENOTSUP || errno == EOPNOTSUPP || errno == ENOSYS) {
    lock.isHeld_ = false;
    return lock;
  }
  if (errno != EWOULDBLOCK) {
    throw Exception(fmt::format("Cannot lock {}: {}.", path.string(), std::strerror(errno)));
  }
  return std::nullopt;
}

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), isHeld_(other.isHeld_) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(isHeld_, other.isHeld_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);  // releases the lock
  }
}

}  // namespace barlow
