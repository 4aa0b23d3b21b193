#pragma once

#include "core/base/atomic_file.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace barlow {

/// A file in a zip archive, as the archive's directory has it.
struct ZipMember {
  std::string name;
  bool isEncrypted = false;
  unsigned method = 0;  // 0: stored, 8: deflated
  std::uint32_t crc = 0;
  std::uint64_t packedBytes = 0;
  std::uint64_t bytes = 0;
  std::uint64_t begin = 0;  // of its own header
};

/// The members of an archive from anywhere, with ZIP64: every size and offset lies in the file, no
/// name stands twice. Throws Exception naming `path`.
std::vector<ZipMember> readZipDirectory(const std::filesystem::path& path, InputFile& file);

/// "PATH is no sound zip archive: REASON."
[[noreturn]] void refuseZip(const std::filesystem::path& path, const std::string& reason);

}  // namespace barlow
