#pragma once

#include "core/image/byte_source.h"

#include <cstdint>
#include <optional>

namespace barlow {

/// A segment before the coded picture. `content` and `length` are without mark and length field.
struct JpegSegment {
  unsigned mark = 0;
  std::uint64_t content = 0;  // where it begins in the file
  std::uint64_t length = 0;

  /// SOF0 to SOF15, which tell the size.
  bool isFrame() const {
    return mark >= 0xC0 && mark <= 0xCF && mark != 0xC4 && mark != 0xC8 && mark != 0xCC;
  }
};

/// The segments from `next` on (2 at first), which moves behind each. Whatever stands between them
/// is passed over, as libjpeg does. Nothing where the coded picture begins or the file ends.
std::optional<JpegSegment> nextJpegSegment(ByteSource& file, std::uint64_t& next);

}  // namespace barlow
