#include "core/files/npy_header.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>

namespace barlow {
namespace {

constexpr std::size_t kMaxHeaderBytes = 10'000;  // NumPy's own limit
constexpr std::size_t kMaxRank = 8;
constexpr std::string_view kMagic = "\x93NUMPY";

// Parses the header's Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
// and nothing else.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  std::optional<NpyHeader> parse() {
    if (!take("{")) {
      return std::nullopt;
    }
    while (!take("}")) {
      const auto key = quoted();
      if (!key || !take(":")) {
        return std::nullopt;
      }
      const bool isRead = *key == "descr"           ? readDescr()
                          : *key == "fortran_order" ? readOrder()
                          : *key == "shape"         ? readShape()
                                                    : false;
      if (!isRead || (!take(",") && !text_.starts_with("}"))) {
        return std::nullopt;
      }
      skipSpace();
    }
    skipSpace();
    return text_.empty() && seen_ == 7 ? std::optional(header_) : std::nullopt;
  }

 private:
  void skipSpace() { text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size())); }
  bool take(std::string_view token) {
    skipSpace();
    if (!text_.starts_with(token)) {
      return false;
    }
    text_.remove_prefix(token.size());
    skipSpace();
    return true;
  }
  std::optional<std::string> quoted() {
    if (!take("'")) {
      return std::nullopt;
    }
    const std::size_t end = text_.find('\'');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return value;
  }
  bool readDescr() {
    const auto value = quoted();
    header_.type = value.value_or("");
    return mark(1, value.has_value());
  }
  bool readOrder() {
    header_.isFortran = text_.starts_with("True");
    return mark(2, take("True") || take("False"));
  }
  bool readShape() {
    if (!take("(")) {
      return false;
    }
    while (!take(")")) {
      std::int64_t extent = 0;
      const auto [end, code] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (code != std::errc() || extent < 0) {
        return false;
      }
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      header_.shape.push_back(extent);
      take("L");  // Python 2 wrote long numbers so
      if (!take(",") && !text_.starts_with(")")) {
        return false;
      }
    }
    return mark(4, header_.shape.size() <= kMaxRank);
  }
  bool mark(unsigned bit, bool isGood) {
    const bool isNew = (seen_ & bit) == 0;
    seen_ |= bit;
    return isGood && isNew;
  }

  std::string_view text_;
  NpyHeader header_;
  unsigned seen_ = 0;
};

}  // namespace

std::string npyHeader(std::string_view type, const std::vector<std::int64_t>& shape) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                   type,
                                   fmt::join(shape, ", "),
                                   shape.size() == 1 ? "," : "");
  constexpr std::size_t kPrefix = 10;  // magic, version, length
  header.resize((kPrefix + header.size() + 1 + 63) / 64 * 64 - kPrefix - 1, ' ');
  header += '\n';
  std::string start("\x93NUMPY");
  start += {'\x01',
            '\x00',
            static_cast<char>(header.size() & 0xff),
            static_cast<char>(header.size() >> 8)};
  return start + header;
}

void refuseNpy(const std::string& file, const std::string& reason) {
  throw Exception(fmt::format("{} cannot be read as .npy: {}.", file, reason));
}

NpyHeader readNpyHeader(const std::string& file, ByteSource& source) {
  if (source.remaining() < 10) {
    refuseNpy(file, "it is too short");
  }
  std::array<unsigned char, 8> start{};  // magic, major and minor version
  source.read(std::as_writable_bytes(std::span(start)));
  if (!std::equal(kMagic.begin(), kMagic.end(), start.begin(), [](char a, unsigned char b) {
        return static_cast<unsigned char>(a) == b;
      })) {
    refuseNpy(file, "it does not begin as such a file does");
  }
  const int version = start[6];
  if (version < 1 || version > 3) {
    refuseNpy(file, fmt::format("its version {} is not known here", version));
  }
  std::array<unsigned char, 4> lengthBytes{};  // two bytes in version 1
  const std::size_t lengthSize = version == 1 ? 2 : 4;
  if (source.remaining() < lengthSize) {
    refuseNpy(file, "it is too short");
  }
  source.read(std::as_writable_bytes(std::span(lengthBytes)).first(lengthSize));
  std::uint64_t length = 0;
  for (std::size_t i = lengthBytes.size(); i-- > 0;) {
    length = length << 8 | lengthBytes[i];
  }
  if (length > kMaxHeaderBytes || length > source.remaining()) {
    refuseNpy(file, "its header is longer than it can be");
  }
  std::string text(length, '\0');
  source.read(std::as_writable_bytes(std::span(text)));
  auto header = HeaderParser(text).parse();
  if (!header) {
    refuseNpy(file, "its header is damaged or describes records");
  }
  return *std::move(header);
}

}  // namespace barlow
