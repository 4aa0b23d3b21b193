#include "core/files/member_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>
#include <zlib.h>

namespace barlow {

namespace fs = std::filesystem;

struct MemberBytes::State {
  fs::path path;
  InputFile& file;
  ZipMember member;
  std::uint64_t packedLeft = 0;  // not read from the file yet
  std::uint64_t left = 0;        // not given away yet
  uLong crc = 0;
  z_stream stream = {};
  std::vector<std::byte> packed;  // what the stream is at

  [[noreturn]] void refuse(const std::string& reason) const {
    refuseZip(path, fmt::format("'{}' {}", member.name.substr(0, 100), reason));
  }

  // Leaves the file at the first packed byte.
  void openMember() {
    constexpr std::size_t kHeader = 30;
    std::array<unsigned char, kHeader> header{};
    if (file.size() - member.begin < kHeader) {
      refuse("lies outside the file, which may be cut short");
    }
    file.seek(member.begin);
    file.read(std::as_writable_bytes(std::span(header)));
    if (!std::equal(header.begin(), header.begin() + 4, "PK\x03\x04")) {
      refuse("is not where the directory says");
    }
    const std::uint64_t skipped = (header[26] | header[27] << 8) + (header[28] | header[29] << 8);
    if (skipped > file.remaining() || member.packedBytes > file.remaining() - skipped) {
      refuse("lies outside the file, which may be cut short");
    }
    file.seek(member.begin + kHeader + skipped);
  }

  void readPacked(std::span<std::byte> target) {
    file.read(target);
    packedLeft -= target.size();
  }

  void inflateInto(std::span<std::byte> target) {
    constexpr std::size_t kMost = 1 << 18;
    while (!target.empty()) {
      if (stream.avail_in == 0 && packedLeft > 0) {
        packed.resize(static_cast<std::size_t>(std::min<std::uint64_t>(packedLeft, kMost)));
        readPacked(packed);
        stream.next_in = reinterpret_cast<Bytef*>(packed.data());
        stream.avail_in = static_cast<uInt>(packed.size());
      }
      const auto some = static_cast<uInt>(std::min<std::size_t>(target.size(), 1u << 30));
      stream.next_out = reinterpret_cast<Bytef*>(target.data());
      stream.avail_out = some;
      const int code = inflate(&stream, Z_NO_FLUSH);
      const std::size_t made = some - stream.avail_out;
      target = target.subspan(made);
      const bool isOver = code == Z_STREAM_END || (made == 0 && packedLeft == 0);
      if ((code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) ||
          (isOver && !target.empty())) {
        refuse("is damaged or cut short");
      }
    }
  }
};

MemberBytes::MemberBytes(const fs::path& path, InputFile& file, const ZipMember& member)
    : state_(std::make_unique<State>(State{.path = path,
                                           .file = file,
                                           .member = member,
                                           .packedLeft = member.packedBytes,
                                           .left = member.bytes,
                                           .crc = crc32(0, nullptr, 0),
                                           .packed = {}})) {
  constexpr std::uint64_t kMostGrowth = 1032;  // of deflate
  const bool isStored = member.method == 0;
  if (member.isEncrypted) {
    state_->refuse("is encrypted; save it without a password");
  }
  if (!isStored && member.method != 8) {
    state_->refuse(
        "is packed in a way that is not known here; write it with torch.save or "
        "numpy.savez_compressed");
  }
  if (isStored ? member.bytes != member.packedBytes
               : member.bytes / kMostGrowth > member.packedBytes) {
    state_->refuse("cannot be as large as it says");
  }
  state_->openMember();
  if (!isStored && inflateInit2(&state_->stream, -MAX_WBITS) != Z_OK) {
    state_->refuse("cannot be unpacked: no memory");
  }
}

MemberBytes::~MemberBytes() { inflateEnd(&state_->stream); }

std::uint64_t MemberBytes::remaining() const { return state_->left; }

void MemberBytes::read(std::span<std::byte> target) {
  State& state = *state_;
  if (target.size() > state.left) {
    state.refuse("ends too early");
  }
  if (state.member.method == 0) {
    state.readPacked(target);
  } else {
    state.inflateInto(target);
  }
  state.crc = crc32_z(state.crc, reinterpret_cast<const Bytef*>(target.data()), target.size());
  state.left -= target.size();
  if (state.left == 0 && state.crc != state.member.crc) {
    state.refuse("is damaged: its checksum differs");
  }
}

}  // namespace barlow
