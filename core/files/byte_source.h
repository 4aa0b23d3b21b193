#pragma once

#include "core/base/atomic_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace barlow {

/// Bytes from front to back: of a file, or of a member of an archive as it was before it was
/// packed.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills all of `target` with what comes next; throws Exception when it cannot.
  virtual void read(std::span<std::byte> target) = 0;
  virtual std::uint64_t remaining() const = 0;
};

class FileBytes final : public ByteSource {
 public:
  explicit FileBytes(const std::filesystem::path& path) : file_(path) {}
  void read(std::span<std::byte> target) override { file_.read(target); }
  std::uint64_t remaining() const override { return file_.remaining(); }

 private:
  InputFile file_;
};

}  // namespace barlow
