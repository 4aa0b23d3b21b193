#include "core/image/jpeg_segments.h"

namespace barlow {
namespace {

constexpr unsigned kRestart0 = 0xD0;
constexpr unsigned kRestart7 = 0xD7;
constexpr unsigned kStart = 0xD8;  // of the picture; a second one is damage
constexpr unsigned kEnd = 0xD9;
constexpr unsigned kScan = 0xDA;
constexpr unsigned kTemporary = 0x01;

// The next mark, and `next` behind it; 0 where there is none.
unsigned nextMark(ByteSource& file, std::uint64_t& next) {
  while (!file.isShort()) {
    if (file.big(next++, 1) != 0xFF) {
      continue;
    }
    std::uint64_t mark = 0xFF;
    while (mark == 0xFF) {  // one more is a fill byte
      mark = file.big(next++, 1);
    }
    if (mark != 0) {
      return static_cast<unsigned>(mark);
    }
  }
  return 0;
}

}  // namespace

std::optional<JpegSegment> nextJpegSegment(ByteSource& file, std::uint64_t& next) {
  unsigned mark = nextMark(file, next);
  while ((mark >= kRestart0 && mark <= kRestart7) || mark == kTemporary) {  // nothing but marks
    mark = nextMark(file, next);
  }
  if (mark == 0 || mark == kStart || mark == kEnd || mark == kScan) {
    return std::nullopt;
  }
  const std::uint64_t length = file.big(next, 2);
  if (length < 2) {
    return std::nullopt;
  }
  const JpegSegment segment{.mark = mark, .content = next + 2, .length = length - 2};
  next += length;
  return segment;
}

}  // namespace barlow
