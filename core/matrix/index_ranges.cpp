#include "core/matrix/index_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <string>

namespace barlow {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

// Digits and nothing else; too large a number for 64 bits is none either.
std::optional<std::int64_t> indexOf(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool isNumber = code == std::errc() && end == text.data() + text.size() && value >= 0;
  return isNumber ? std::optional(value) : std::nullopt;
}

struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

Result<Range> rangeOf(std::string_view part, std::int64_t size) {
  const std::size_t dash = part.find('-');
  const auto first = indexOf(trimmed(part.substr(0, dash)));
  const auto last =
      dash == std::string_view::npos ? first : indexOf(trimmed(part.substr(dash + 1)));
  if (!first || !last) {
    return ErrorInfo{fmt::format("'{}' is no index and no range such as 0-255.", part), ""};
  }
  if (*first > *last) {
    return ErrorInfo{fmt::format("The range {} runs backwards; write {}-{}.", part, *last, *first),
                     ""};
  }
  if (*last >= size) {
    return ErrorInfo{fmt::format("There is no {}; the indices are 0 to {}.", *last, size - 1), ""};
  }
  return Range{*first, *last};
}

}  // namespace

Result<std::vector<std::int32_t>> parseIndexRanges(std::string_view text, std::int64_t size) {
  std::vector<std::int32_t> indices;
  text = trimmed(text);
  if (text.empty()) {
    indices.resize(static_cast<std::size_t>(size));
    std::iota(indices.begin(), indices.end(), 0);
    return indices;
  }
  std::vector<bool> isNamed(static_cast<std::size_t>(size), false);
  while (true) {
    const std::size_t comma = text.find(',');
    const Result<Range> range = rangeOf(trimmed(text.substr(0, comma)), size);
    if (!range) {
      return range.error();
    }
    for (std::int64_t i = range->first; i <= range->last; ++i) {
      if (!isNamed[static_cast<std::size_t>(i)]) {
        isNamed[static_cast<std::size_t>(i)] = true;
        indices.push_back(static_cast<std::int32_t>(i));
      }
    }
    if (comma == std::string_view::npos) {
      return indices;
    }
    text.remove_prefix(comma + 1);
  }
}

}  // namespace barlow
