#include "core/base/atomic_file.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// What a person can do about an errno.
std::string advice(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "the disk is full; free some space";
    case EACCES:
    case EPERM:
      return "permission is missing; choose another place or change its owner";
    case EROFS:
      return "the disk is read-only; choose another place";
    case ENOENT:
      return "it does not exist";
    case ENOTDIR:
      return "a part of the path is a file, not a folder";
    case EISDIR:
      return "it is a folder, not a file";
    case EFBIG:
      return "the file would be larger than allowed";
    default:
      return std::strerror(code);
  }
}

[[noreturn]] void fail(const char* what, const fs::path& path, int code) {
  throw Exception(fmt::format("Cannot {} {}: {}.", what, path.string(), advice(code)),
                  fmt::format("errno {}: {}", code, std::strerror(code)));
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) {
      ::close(value_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }
  // Closing reports errors of delayed writing on some file systems.
  bool close() {
    const int value = value_;
    value_ = -1;
    return ::close(value) == 0;
  }

 private:
  int value_;
};

// 0, or the errno of the first failure.
int writeAll(int descriptor, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, data, size);
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno;
    }
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return 0;
}

bool isDeviceOrPipe(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

fs::path folderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

void syncPath(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  // Some network file systems have no fsync for folders; there the rename alone has to do.
  if (file.get() < 0 || (::fsync(file.get()) != 0 && errno != EINVAL && errno != ENOTSUP)) {
    fail("save", path, errno);
  }
}

void makeFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    fail("make the folder", folder, error.value());
  }
  if (!fs::is_directory(folder, error)) {
    fail("make the folder", folder, ENOTDIR);
  }
}

AtomicFile::AtomicFile(const fs::path& path)
    : path_(path),
      part_(path.string() + fmt::format(".{}.part", ::getpid())),
      isDevice_(isDeviceOrPipe(path)) {
  descriptor_ = isDevice_ ? ::open(path_.c_str(), O_WRONLY | O_CLOEXEC)
                          : ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    fail("write", path_, errno);
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
    if (!isDevice_) {
      ::unlink(part_.c_str());
    }
  }
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  const int code = writeAll(descriptor_, reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (code != 0) {
    fail("write", path_, code);
  }
  size_ += bytes.size();
}

void AtomicFile::commit() {
  if (isDevice_) {
    if (::close(std::exchange(descriptor_, -1)) != 0) {
      fail("write", path_, errno);
    }
    return;
  }
  if (::fsync(descriptor_) != 0) {
    fail("write", path_, errno);
  }
  Descriptor file(std::exchange(descriptor_, -1));
  // In this order: a rename must not follow a failed close.
  if (!file.close() || ::rename(part_.c_str(), path_.c_str()) != 0) {
    const int code = errno;
    ::unlink(part_.c_str());
    fail("write", path_, code);
  }
  syncPath(folderOf(path_));
}

void writeFileAtomically(const fs::path& path, std::span<const std::span<const std::byte>> pieces) {
  AtomicFile file(path);
  for (const std::span<const std::byte> piece : pieces) {
    file.write(piece);
  }
  file.commit();
}

void writeFileAtomically(const fs::path& path, std::span<const std::byte> bytes) {
  writeFileAtomically(path, std::span(&bytes, 1));
}

void writeFileAtomically(const fs::path& path, std::string_view text) {
  writeFileAtomically(path, std::as_bytes(std::span(text)));
}

InputFile::InputFile(const fs::path& path) : path_(path) {
  // Without O_NONBLOCK the opening of a pipe would wait for somebody who writes into it.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    fail("read", path, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    fail("read", path, EISDIR);
  }
  if (!S_ISREG(status.st_mode)) {
    throw Exception(
        fmt::format("Cannot read {}: it is a pipe or a device, not a file.", path.string()));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  remaining_ = size_;
  descriptor_ = file.release();
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::seek(std::uint64_t position) {
  position = std::min(position, size_);
  if (::lseek(descriptor_, static_cast<off_t>(position), SEEK_SET) < 0) {
    fail("read", path_, errno);
  }
  remaining_ = size_ - position;
}

void InputFile::read(std::span<std::byte> target) {
  while (!target.empty()) {
    const ssize_t count = ::read(descriptor_, target.data(), target.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      fail("read", path_, errno);
    }
    if (count == 0) {
      throw Exception(fmt::format("Cannot read {}: it ends too early.", path_.string()));
    }
    const auto size = static_cast<std::size_t>(count);
    target = target.subspan(size);
    remaining_ -=
        std::min<std::uint64_t>(remaining_, size);  // it may have grown since it was opened
  }
}

std::vector<std::byte> readFileBytes(const fs::path& path, std::uint64_t maxBytes) {
  InputFile file(path);
  if (file.size() > maxBytes) {
    throw Exception(fmt::format(
        "{} has {} bytes, more than the {} allowed here.", path.string(), file.size(), maxBytes));
  }
  std::vector<std::byte> bytes(file.size());
  file.read(bytes);
  return bytes;
}

std::string readFileText(const fs::path& path, std::uint64_t maxBytes) {
  const std::vector<std::byte> bytes = readFileBytes(path, maxBytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

AppendFile::AppendFile(const fs::path& path) : path_(path) {
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    fail("write", path, errno);
  }
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

void AppendFile::appendLine(std::string_view line) {
  std::string text(line);
  text += '\n';
  const off_t before = ::lseek(descriptor_, 0, SEEK_END);
  const int code = writeAll(descriptor_, text.data(), text.size());
  if (code != 0) {
    if (before >= 0 && ::ftruncate(descriptor_, before) != 0) {
      // The torn tail stays; readers drop it.
    }
    fail("write", path_, code);
  }
}

std::string AppendFile::content() const {
  std::string text;
  std::array<char, 1 << 16> part{};
  for (;;) {
    const ssize_t count =
        ::pread(descriptor_, part.data(), part.size(), static_cast<off_t>(text.size()));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      fail("read", path_, errno);
    }
    if (count == 0) {
      return text;
    }
    text.append(part.data(), static_cast<std::size_t>(count));
  }
}

void AppendFile::sync() {
  if (::fsync(descriptor_) != 0) {
    fail("save", path_, errno);
  }
}

}  // namespace barlow
