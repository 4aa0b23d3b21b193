#include "core/files/tensor_bytes.h"

#include "core/base/error.h"
#include "core/base/system.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace barlow {

// Both formats are little-endian, and the bytes of tensors are copied as they are.
static_assert(std::endian::native == std::endian::little);

std::optional<std::uint64_t> tensorBytes(const std::vector<std::int64_t>& shape,
                                         std::uint64_t elementBytes) {
  constexpr std::uint64_t kMost = 1ull << 62;
  std::uint64_t bytes = elementBytes;
  bool isEmpty = false;
  for (const std::int64_t extent : shape) {
    // An extent of 0 makes the size 0, but the strides are still products of the others.
    const std::uint64_t factor = static_cast<std::uint64_t>(std::max<std::int64_t>(1, extent));
    if (factor > kMost / bytes) {
      return std::nullopt;
    }
    bytes *= factor;
    isEmpty = isEmpty || extent == 0;
  }
  return isEmpty ? 0 : bytes;
}

void requireMemory(const std::filesystem::path& path, std::uint64_t bytes) {
  const std::uint64_t available = availableMemoryBytes();
  if (available != 0 && bytes > available) {
    throw Exception(fmt::format(
        "{} needs {} of memory, of which {} are free; close other programs or use a smaller file.",
        path.string(),
        formatBytes(bytes),
        formatBytes(available)));
  }
}

}  // namespace barlow
