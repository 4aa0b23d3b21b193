#include "core/image/tiff_directory.h"

#include <algorithm>
#include <string_view>

namespace barlow {
namespace {

// How many bytes a whole number of a type takes; 0: it is none.
int bytesOfType(std::uint64_t type) {
  constexpr std::uint64_t kByte = 1;
  constexpr std::uint64_t kShort = 3;
  constexpr std::uint64_t kLong = 4;
  constexpr std::uint64_t kLong8 = 16;
  switch (type) {
    case kByte:
      return 1;
    case kShort:
      return 2;
    case kLong:
      return 4;
    case kLong8:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

std::optional<TiffDirectory> TiffDirectory::find(ByteSource& file) {
  using namespace std::string_view_literals;
  TiffDirectory directory(file);
  directory.isBigEndian_ = file.holds("MM"sv, 0);
  directory.isBigTiff_ = file.holds("II\x2B\0"sv, 0) || file.holds("MM\0\x2B"sv, 0);
  if (!directory.isBigTiff_ && !file.holds("II\x2A\0"sv, 0) && !file.holds("MM\0\x2A"sv, 0)) {
    return std::nullopt;
  }
  const std::uint64_t start = directory.isBigTiff_ ? directory.read(8, 8) : directory.read(4, 4);
  if (start >= file.size()) {
    directory.read(file.size(), 1);  // the file is too short
    return directory;
  }
  constexpr std::uint64_t kMostEntries = 65'535;
  const int countBytes = directory.isBigTiff_ ? 8 : 2;
  directory.count_ = std::min(directory.read(start, countBytes), kMostEntries);
  directory.entries_ = start + static_cast<std::uint64_t>(countBytes);
  return directory;
}

std::optional<std::uint64_t> TiffDirectory::number(unsigned tag) const {
  const std::uint64_t entryBytes = isBigTiff_ ? 20 : 12;
  for (std::uint64_t i = 0; i < count_ && !file_.isShort(); ++i) {
    const std::uint64_t entry = entries_ + i * entryBytes;
    const int bytes = bytesOfType(read(entry + 2, 2));
    const std::uint64_t values = isBigTiff_ ? read(entry + 4, 8) : read(entry + 4, 4);
    if (read(entry, 2) != tag || bytes == 0 || values == 0 || file_.isShort()) {
      continue;
    }
    const std::uint64_t room = isBigTiff_ ? 8 : 4;
    const std::uint64_t field = entry + (isBigTiff_ ? 12 : 8);
    const bool isHere = values <= room / static_cast<std::uint64_t>(bytes);
    return read(isHere ? field : read(field, static_cast<int>(room)), bytes);
  }
  return std::nullopt;
}

int orientationOf(const TiffDirectory& directory) {
  const std::uint64_t value = directory.number(TiffDirectory::kOrientation).value_or(1);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

}  // namespace barlow
