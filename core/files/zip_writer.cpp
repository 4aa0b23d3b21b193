#include "core/files/zip_writer.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <cstdint>
#include <zlib.h>

namespace barlow {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHeaderBytes = 30;  // of a member, without name and padding
constexpr std::size_t kExtraBytes = 4;    // of a padding, without its zeros
constexpr std::uint64_t kMostBytes = 0xffff0000;
constexpr std::size_t kMostMembers = 0xffff;

std::string littleEndian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text += static_cast<char>(value >> (8 * i) & 0xff);
  }
  return text;
}

}  // namespace

void ZipWriter::add(const std::string& name, std::span<const std::byte> bytes) {
  const std::uint64_t begin = file_.size();
  if (begin + bytes.size() + directory_.size() > kMostBytes || members_ == kMostMembers) {
    throw Exception(fmt::format(
        "{} would be larger than 4 GiB, which such files cannot be here; use safetensors.",
        path_.string()));
  }
  const std::size_t unpadded = begin + kHeaderBytes + name.size() + kExtraBytes;
  const std::size_t padding = (kAlignment - unpadded % kAlignment) % kAlignment;
  const auto crc = static_cast<std::uint32_t>(
      crc32_z(crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  // Version 2.0, names in UTF-8, stored, the first day that such archives know.
  const std::string shared = littleEndian(20, 2) + littleEndian(1u << 11, 2) + littleEndian(0, 2) +
                             littleEndian(0, 2) + littleEndian(0x21, 2) + littleEndian(crc, 4) +
                             littleEndian(bytes.size(), 4) + littleEndian(bytes.size(), 4) +
                             littleEndian(name.size(), 2);
  // The kind of padding that PyTorch uses itself.
  write("PK\x03\x04" + shared + littleEndian(kExtraBytes + padding, 2) + name + "FB" +
        littleEndian(padding, 2) + std::string(padding, '\0'));
  file_.write(bytes);
  directory_ += "PK\x01\x02" + littleEndian(20, 2) + shared + std::string(12, '\0') +
                littleEndian(begin, 4) + name;
  ++members_;
}

void ZipWriter::commit() {
  const std::uint64_t begin = file_.size();
  write(directory_);
  write("PK\x05\x06" + littleEndian(0, 4) + littleEndian(members_, 2) + littleEndian(members_, 2) +
        littleEndian(directory_.size(), 4) + littleEndian(begin, 4) + littleEndian(0, 2));
  file_.commit();
}

}  // namespace barlow
