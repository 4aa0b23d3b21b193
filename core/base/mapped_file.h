#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

namespace barlow {

/// A file of fixed size that is read through memory and written by calls: a full disk is then an
/// answer and not a signal. Several threads and processes may read and write it at once; what one
/// has written the others see. Nobody may shorten it while it is open (removing it is harmless).
class MappedFile {
 public:
  /// Nothing where there is no such file, or one of another size. Throws Exception when it cannot
  /// be opened.
  static std::optional<MappedFile> open(const std::filesystem::path& path, std::uint64_t size);
  /// Makes it: `head`, then zeros, which take no place on the disk until they are written over. It
  /// appears whole or not at all, instead of what was there before; who has that open keeps it.
  /// Throws Exception naming the path.
  static MappedFile create(const std::filesystem::path& path,
                           std::uint64_t size,
                           std::span<const std::byte> head);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  /// Overwrites the bytes from `offset` on. Why it could not, where it could not.
  std::optional<ErrorInfo> write(std::uint64_t offset, std::span<const std::byte> bytes);

 private:
  MappedFile(std::filesystem::path path, int descriptor, std::uint64_t size);

  std::filesystem::path path_;
  int descriptor_ = -1;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace barlow
