#pragma once

#include "core/base/atomic_file.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace barlow {

/// A zip archive of members as they are, without packing and without dates, so that equal members
/// make equal files. Each one's bytes begin at a multiple of 64, where PyTorch maps them. Nothing
/// is seen under the path before commit(). At most 4 GiB: throws Exception naming the path.
class ZipWriter {
 public:
  explicit ZipWriter(const std::filesystem::path& path) : path_(path), file_(path) {}
  void add(const std::string& name, std::span<const std::byte> bytes);
  void add(const std::string& name, std::string_view text) {
    add(name, std::as_bytes(std::span(text)));
  }
  /// Once, at the end.
  void commit();

 private:
  void write(std::string_view bytes) { file_.write(std::as_bytes(std::span(bytes))); }

  std::filesystem::path path_;
  AtomicFile file_;
  std::string directory_;
  std::size_t members_ = 0;
};

}  // namespace barlow
