#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>
#include <vector>

namespace barlow {

/// The bytes of a file, in memory or on the disk, looked at where they are wanted: what stands far
/// behind is found without reading what comes before. Nothing throws and nothing leaves the bytes;
/// what lies behind their end reads as zero and is remembered.
class ByteSource {
 public:
  explicit ByteSource(std::span<const std::byte> bytes) : size_(bytes.size()), window_(bytes) {}
  /// The file on the disk; a plain file, as others may never end.
  explicit ByteSource(const std::filesystem::path& path);
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  bool isOpen() const { return isOpen_; }
  std::uint64_t size() const { return size_; }
  /// Somebody has asked for bytes behind the end.
  bool isShort() const { return isShort_; }

  /// The number in `count` bytes from `offset`, at most 8.
  std::uint64_t big(std::uint64_t offset, int count);
  std::uint64_t little(std::uint64_t offset, int count);
  /// False, and not remembered, where fewer bytes are left.
  bool holds(std::string_view text, std::uint64_t offset);
  /// A copy of `count` bytes, fewer where they end, which is not remembered.
  std::vector<std::byte> copy(std::uint64_t offset, std::uint64_t count);

 private:
  // `count` bytes, at most a window; empty where they are not all there.
  std::span<const std::byte> look(std::uint64_t offset, std::size_t count);

  std::uint64_t size_ = 0;
  bool isOpen_ = true;
  bool isShort_ = false;
  std::ifstream file_;
  std::vector<std::byte> buffer_;      // of a file
  std::span<const std::byte> window_;  // what is in memory: everything, or `buffer_`
  std::uint64_t windowAt_ = 0;
};

}  // namespace barlow
