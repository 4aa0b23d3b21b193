#pragma once

#include "core/files/byte_source.h"
#include "core/files/zip_directory.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace barlow {

/// What a member of a zip archive held before it was packed; its checksum is compared when all has
/// been read. `file` must live as long and be read by nobody else meanwhile. Throws Exception
/// naming path and member.
class MemberBytes final : public ByteSource {
 public:
  MemberBytes(const std::filesystem::path& path, InputFile& file, const ZipMember& member);
  ~MemberBytes() override;
  void read(std::span<std::byte> target) override;
  std::uint64_t remaining() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace barlow
