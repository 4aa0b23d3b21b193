#pragma once

#include <filesystem>

namespace barlow {

/// A folder that is in use: whether its path still leads to it. One thread.
class WatchedFolder {
 public:
  explicit WatchedFolder(std::filesystem::path path);
  ~WatchedFolder();
  WatchedFolder(WatchedFolder&& other) noexcept;
  WatchedFolder& operator=(WatchedFolder&& other) noexcept;
  /// False when it was removed, moved or renamed, or when another folder has its name. True where
  /// that cannot be told, as on a network drive that does not answer.
  bool isInPlace() const;
  /// Where it was moved to; empty when it was removed, or where that cannot be told.
  std::filesystem::path movedTo() const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace barlow
