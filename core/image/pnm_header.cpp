#include "core/image/pnm_header.h"

namespace barlow {
namespace {

bool isSpace(std::uint64_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}

// The number from `next` on, which moves behind the one blank that ends it.
std::optional<std::uint64_t> readNumber(ByteSource& file, std::uint64_t& next) {
  constexpr int kMostDigits = 10;
  std::uint64_t value = 0;
  int digits = 0;
  while (!file.isShort()) {
    std::uint64_t c = file.big(next++, 1);
    if (c == '#') {
      while (c != '\n' && c != '\r' && !file.isShort()) {
        c = file.big(next++, 1);
      }
    } else if (isSpace(c)) {
      if (digits > 0) {
        return value;
      }
    } else if (c < '0' || c > '9' || ++digits > kMostDigits) {
      return std::nullopt;
    } else {
      value = value * 10 + (c - '0');
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<PnmHeader> readPnmHeader(ByteSource& file) {
  if ((!file.holds("P5", 0) && !file.holds("P6", 0)) || !isSpace(file.big(2, 1))) {
    return std::nullopt;
  }
  PnmHeader header;
  header.channels = file.holds("P6", 0) ? 3 : 1;
  std::uint64_t next = 3;
  for (std::uint64_t* number : {&header.width, &header.height, &header.most}) {
    const auto value = readNumber(file, next);
    if (!value || *value == 0) {
      return std::nullopt;
    }
    *number = *value;
  }
  header.data = next;
  return header.most <= 0xFFFF ? std::optional(header) : std::nullopt;
}

}  // namespace barlow
