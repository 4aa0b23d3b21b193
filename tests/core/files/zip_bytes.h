#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>
#include <zlib.h>

namespace barlow {

/// One member of a zip archive that a test makes; what is given beside name and content is a lie.
struct ZipPiece {
  std::string name;
  std::string content;
  bool isDeflated = false;
  unsigned flags = 0;
  std::optional<unsigned> method = {};
  std::optional<std::uint32_t> crc = {};
  std::optional<std::uint64_t> size = {};
  std::optional<std::uint64_t> begin = {};
};

inline std::string littleEndian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text += static_cast<char>(value >> (8 * i) & 0xff);
  }
  return text;
}

inline std::string deflated(const std::string& content) {
  std::string packed(content.size() + 100, '\0');
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string copy = content;
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string zipOf(const std::vector<ZipPiece>& pieces) {
  std::string all;
  std::string directory;
  for (const ZipPiece& piece : pieces) {
    const std::string packed = piece.isDeflated ? deflated(piece.content) : piece.content;
    const auto crc = piece.crc.value_or(static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(piece.content.data()), piece.content.size())));
    const std::string shared = littleEndian(20, 2) + littleEndian(piece.flags, 2) +
                               littleEndian(piece.method.value_or(piece.isDeflated ? 8 : 0), 2) +
                               littleEndian(0, 4) + littleEndian(crc, 4) +
                               littleEndian(packed.size(), 4) +
                               littleEndian(piece.size.value_or(piece.content.size()), 4) +
                               littleEndian(piece.name.size(), 2) + littleEndian(0, 2);
    directory += "PK\1\2" + littleEndian(20, 2) + shared + std::string(10, '\0') +
                 littleEndian(piece.begin.value_or(all.size()), 4) + piece.name;
    all += "PK\3\4" + shared + piece.name + packed;
  }
  return all + directory + "PK\5\6" + littleEndian(0, 4) + littleEndian(pieces.size(), 2) +
         littleEndian(pieces.size(), 2) + littleEndian(directory.size(), 4) +
         littleEndian(all.size(), 4) + littleEndian(0, 2);
}

}  // namespace barlow
