#pragma once

#include <filesystem>
#include <optional>

namespace barlow {

/// An exclusive lock on a file, held while the object lives; a dead process holds none.
class FileLock {
 public:
  /// Nothing when another process (or another FileLock) holds it. Throws Exception when the file
  /// cannot be made. Some network file systems have no locks: there it keeps nobody away.
  static std::optional<FileLock> tryLock(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();
  /// False where the file system has no locks.
  bool keepsOthersAway() const { return isHeld_; }

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
  bool isHeld_ = true;
};

}  // namespace barlow
