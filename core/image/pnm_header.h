#pragma once

#include "core/image/byte_source.h"

#include <cstdint>
#include <optional>

namespace barlow {

/// What the text before the samples of a PGM (P5) or PPM (P6) says.
struct PnmHeader {
  int channels = 1;
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  std::uint64_t most = 0;  // the sample that is white, up to 65535
  std::uint64_t data = 0;  // where the samples begin
};

/// Nothing where it is none. Comments may stand anywhere between and within numbers, as Pillow
/// reads them.
std::optional<PnmHeader> readPnmHeader(ByteSource& file);

}  // namespace barlow
