#pragma once

#include "core/base/atomic_file.h"
#include "core/image/decode.h"

#include <filesystem>
#include <string>

namespace barlow {

/// `image` as a PNG whose EXIF data ask for `orientation` (1 to 8).
inline void writeTurnedPng(const std::filesystem::path& path,
                           const RgbImage& image,
                           int orientation) {
  constexpr std::size_t kBehindHeader = 33;
  writePng(path, image);
  // Its length and name; from MM on a directory of one entry, whose value is of 16 bits.
  std::string chunk(
      "\0\0\0\x1A"
      "eXIfMM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0",
      27);
  chunk.push_back(static_cast<char>(orientation));
  chunk.append(6, '\0');
  chunk.append(4, '\0');  // a checksum that nobody needs
  std::string bytes = readFileText(path, 1'000'000);
  bytes.insert(kBehindHeader, chunk);
  writeFileAtomically(path, std::as_bytes(std::span(bytes)));
}

}  // namespace barlow
