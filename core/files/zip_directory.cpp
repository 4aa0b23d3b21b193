#include "core/files/zip_directory.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <string_view>

namespace barlow {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxDirectoryBytes = 16u << 20;
constexpr std::uint64_t kMaxMembers = 10'000;
constexpr std::size_t kEndBytes = 22;  // of the record at the end, without its comment
constexpr std::uint64_t kMaxEndBytes = kEndBytes + 65'535;
constexpr std::size_t kLocatorBytes = 20;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kMemberBytes = 46;
constexpr std::uint64_t kIn64 = 0xffffffff;  // the value stands in the ZIP64 field

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

std::string readAt(InputFile& file, std::uint64_t position, std::uint64_t size) {
  std::string bytes(size, '\0');
  file.seek(position);
  file.read(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

struct Directory {
  std::uint64_t begin = 0;
  std::uint64_t bytes = 0;
  std::uint64_t members = 0;
};

Directory findDirectory(const fs::path& path, InputFile& file) {
  const std::uint64_t tail = std::min(file.size(), kMaxEndBytes);
  const std::string bytes = readAt(file, file.size() - tail, tail);
  std::size_t at = bytes.rfind("PK\x05\x06");
  while (at != std::string::npos && at + kEndBytes > bytes.size()) {
    at = at == 0 ? std::string::npos : bytes.rfind("PK\x05\x06", at - 1);
  }
  if (at == std::string::npos) {
    refuseZip(path, "it is cut short, or something else");
  }
  Directory found{.begin = number(bytes, at + 16, 4),
                  .bytes = number(bytes, at + 12, 4),
                  .members = number(bytes, at + 10, 2)};
  if (at >= kLocatorBytes && bytes.compare(at - kLocatorBytes, 4, "PK\x06\x07") == 0) {
    const std::uint64_t begin = number(bytes, at - kLocatorBytes + 8, 8);
    if (begin > file.size() || file.size() - begin < kEnd64Bytes) {
      refuseZip(path, "its directory lies outside the file");
    }
    const std::string end = readAt(file, begin, kEnd64Bytes);
    if (!end.starts_with("PK\x06\x06")) {
      refuseZip(path, "its directory is damaged");
    }
    found = {
        .begin = number(end, 48, 8), .bytes = number(end, 40, 8), .members = number(end, 32, 8)};
  }
  if (found.bytes > kMaxDirectoryBytes || found.members > kMaxMembers) {
    refuseZip(path, "it has too many members");
  }
  if (found.begin > file.size() || found.bytes > file.size() - found.begin) {
    refuseZip(path, "its directory lies outside the file");
  }
  return found;
}

// Values of 64 bits: in the order size, packed size, offset, and only those that have no room.
bool readExtra(std::string_view extra, ZipMember& member) {
  while (extra.size() >= 4) {
    const std::uint64_t id = number(extra, 0, 2);
    const std::uint64_t size = number(extra, 2, 2);
    extra.remove_prefix(4);
    if (size > extra.size()) {
      return false;
    }
    if (id == 1) {
      std::string_view values = extra.substr(0, size);
      for (std::uint64_t* value : {&member.bytes, &member.packedBytes, &member.begin}) {
        if (*value == kIn64) {
          if (values.size() < 8) {
            return false;
          }
          *value = number(values, 0, 8);
          values.remove_prefix(8);
        }
      }
      return true;
    }
    extra.remove_prefix(size);
  }
  return member.bytes != kIn64 && member.packedBytes != kIn64 && member.begin != kIn64;
}

}  // namespace

void refuseZip(const fs::path& path, const std::string& reason) {
  throw Exception(fmt::format("{} is no sound zip archive: {}.", path.string(), reason));
}

std::vector<ZipMember> readZipDirectory(const fs::path& path, InputFile& file) {
  const Directory directory = findDirectory(path, file);
  const std::string bytes = readAt(file, directory.begin, directory.bytes);
  std::string_view rest = bytes;
  std::vector<ZipMember> members;
  std::set<std::string> names;
  while (members.size() < directory.members) {
    if (rest.size() < kMemberBytes || !rest.starts_with("PK\x01\x02")) {
      refuseZip(path, "its directory is damaged");
    }
    const std::uint64_t nameBytes = number(rest, 28, 2);
    const std::uint64_t extraBytes = number(rest, 30, 2);
    const std::uint64_t all = kMemberBytes + nameBytes + extraBytes + number(rest, 32, 2);
    if (all > rest.size()) {
      refuseZip(path, "its directory is damaged");
    }
    ZipMember member{.name = std::string(rest.substr(kMemberBytes, nameBytes)),
                     .isEncrypted = (number(rest, 8, 2) & 1) != 0,
                     .method = static_cast<unsigned>(number(rest, 10, 2)),
                     .crc = static_cast<std::uint32_t>(number(rest, 16, 4)),
                     .packedBytes = number(rest, 20, 4),
                     .bytes = number(rest, 24, 4),
                     .begin = number(rest, 42, 4)};
    if (!readExtra(rest.substr(kMemberBytes + nameBytes, extraBytes), member)) {
      refuseZip(path, "its directory is damaged");
    }
    if (!names.insert(member.name).second) {
      refuseZip(path, fmt::format("'{}' stands twice in it", member.name.substr(0, 100)));
    }
    if (member.begin > file.size() || member.packedBytes > file.size() - member.begin) {
      refuseZip(path,
                fmt::format("'{}' lies outside the file, which may be cut short",
                            member.name.substr(0, 100)));
    }
    members.push_back(std::move(member));
    rest.remove_prefix(all);
  }
  return members;
}

}  // namespace barlow
