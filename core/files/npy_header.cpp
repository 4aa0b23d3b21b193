#include "core/files/npy_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>

namespace barlow {

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

}  // namespace barlow
