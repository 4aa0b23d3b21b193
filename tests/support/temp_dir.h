#pragma once

#include <filesystem>
#include <string>

namespace barlow {

/// A fresh folder named after the running test, removed at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Real images where BARLOW_TEST_DATA points to them (a folder made by the shared `unpack`), else
/// empty: such tests skip.
std::filesystem::path realData();

}  // namespace barlow
