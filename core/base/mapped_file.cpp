#include "core/base/mapped_file.h"

#include "core/base/check.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace barlow {
namespace {

namespace fs = std::filesystem;

ErrorInfo problemOf(const char* what, const fs::path& path, int code) {
  return {fmt::format("Cannot {} {}: {}.", what, path.string(), std::strerror(code)),
          fmt::format("errno {}", code)};
}

}  // namespace

MappedFile::MappedFile(fs::path path, int descriptor, std::uint64_t size)
    : path_(std::move(path)), descriptor_(descriptor), size_(size) {
  void* const data = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor_, 0);
  if (data == MAP_FAILED) {
    const int code = errno;
    ::close(descriptor_);
    throw Exception(problemOf("map", path_, code));
  }
  data_ = static_cast<const std::byte*>(data);
}

std::optional<MappedFile> MappedFile::open(const fs::path& path, std::uint64_t size) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) {
    return std::nullopt;
  }
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
    const int code = errno;
    if (descriptor >= 0) {
      ::close(descriptor);
    }
    throw Exception(problemOf("open", path, code));
  }
  if (size == 0 || !S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != size) {
    ::close(descriptor);
    return std::nullopt;
  }
  return MappedFile(path, descriptor, size);
}

MappedFile MappedFile::create(const fs::path& path,
                              std::uint64_t size,
                              std::span<const std::byte> head) {
  BARLOW_CHECK(size > 0 && head.size() <= size) << "a head of " << head.size() << " bytes";
  const fs::path part = path.string() + fmt::format(".{}.part", ::getpid());
  const int descriptor = ::open(part.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    throw Exception(problemOf("write", path, errno));
  }
  int code = ::ftruncate(descriptor, static_cast<off_t>(size)) == 0 ? 0 : errno;
  if (code == 0) {
    const ssize_t written = ::pwrite(descriptor, head.data(), head.size(), 0);
    const bool isWhole = written == static_cast<ssize_t>(head.size());
    code = isWhole ? 0 : written < 0 ? errno : ENOSPC;
  }
  if (code == 0 && ::rename(part.c_str(), path.c_str()) != 0) {
    code = errno;
  }
  if (code != 0) {
    ::close(descriptor);
    ::unlink(part.c_str());
    throw Exception(problemOf("write", path, code));
  }
  return MappedFile(path, descriptor, size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (descriptor_ >= 0) {
    ::munmap(const_cast<std::byte*>(data_), size_);  // NOLINT: the call takes no const
    ::close(descriptor_);
  }
}

std::optional<ErrorInfo> MappedFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  BARLOW_CHECK(offset <= size_ && bytes.size() <= size_ - offset) << "past the end of the file";
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return problemOf("write", path_, written < 0 ? errno : ENOSPC);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return std::nullopt;
}

}  // namespace barlow
