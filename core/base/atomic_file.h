#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace barlow {

/// Writes a whole file so that a reader or a crash sees the old content or the new, never a part:
/// temporary file beside it, every byte checked, fsync, rename, fsync of the folder. Throws
/// Exception naming the path and the reason (disk full, no permission) and leaves the old file as
/// it was.
void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void writeFileAtomically(const std::filesystem::path& path, std::string_view text);
/// The same for content that lies in several places: the pieces one after the other, without a copy
/// of the whole.
void writeFileAtomically(const std::filesystem::path& path,
                         std::span<const std::span<const std::byte>> pieces);

/// The same for content that is made piece by piece, however large: nothing is seen under the path
/// before commit(). Without a commit() that succeeded the destructor removes what was written. A
/// device or a pipe (/dev/stdout) is written to as it is, and never replaced. Not thread-safe.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  void write(std::span<const std::byte> bytes);
  /// Once, at the end.
  void commit();
  /// Bytes written so far.
  std::uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::filesystem::path part_;
  bool isDevice_ = false;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// A file of unknown origin, read piece by piece. Throws Exception naming the path; folders,
/// pipes and devices are refused, since they have no size that could be checked before anything is
/// read. Not thread-safe.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  /// In bytes, when it was opened.
  std::uint64_t size() const { return size_; }
  /// How many of them have not been read yet.
  std::uint64_t remaining() const { return remaining_; }
  /// What is read next begins here; at the end when the file is shorter.
  void seek(std::uint64_t position);
  /// Fills all of `target` with what comes next; throws when the file ends before.
  void read(std::span<std::byte> target);

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t remaining_ = 0;
};

/// Reads a whole file of at most `maxBytes`. Throws Exception naming the path.
std::vector<std::byte> readFileBytes(const std::filesystem::path& path, std::uint64_t maxBytes);
std::string readFileText(const std::filesystem::path& path, std::uint64_t maxBytes);

/// fsync of a file or folder already written. Throws Exception.
void syncPath(const std::filesystem::path& path);

/// Creates the folder and its parents. Throws Exception that says which folder and why.
void makeFolder(const std::filesystem::path& folder);

/// Appends whole lines to a file, each in one checked write; flushes with sync(). Throws Exception
/// when the device is full. Not thread-safe.
class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path);
  ~AppendFile();
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  /// `line` without the newline. After a short write the torn tail is cut off again.
  void appendLine(std::string_view line);
  /// All of it, also where the file was removed since. Throws Exception.
  std::string content() const;
  void sync();

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace barlow
