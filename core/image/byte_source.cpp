#include "core/image/byte_source.h"

#include <algorithm>

namespace barlow {
namespace {

constexpr std::size_t kWindow = 4096;

}  // namespace

ByteSource::ByteSource(const std::filesystem::path& path) {
  // No buffer of the stream's own: it would be read again after every jump.
  file_.rdbuf()->pubsetbuf(nullptr, 0);
  file_.open(path, std::ios::binary | std::ios::ate);
  isOpen_ = file_.is_open();
  const auto end = static_cast<std::streamoff>(file_.tellg());
  size_ = file_ && end > 0 ? static_cast<std::uint64_t>(end) : 0;
}

std::span<const std::byte> ByteSource::look(std::uint64_t offset, std::size_t count) {
  if (offset > size_ || count > size_ - offset) {
    return {};
  }
  if (offset < windowAt_ || offset + count > windowAt_ + window_.size()) {
    buffer_.resize(kWindow);
    file_.clear();  // of the end that was met before
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(buffer_.data()), kWindow);
    window_ = std::span(buffer_).first(static_cast<std::size_t>(file_.gcount()));
    windowAt_ = offset;
    if (window_.size() < count) {  // somebody has shortened it, or the disk fails
      return {};
    }
  }
  return window_.subspan(static_cast<std::size_t>(offset - windowAt_), count);
}

std::uint64_t ByteSource::big(std::uint64_t offset, int count) {
  const auto bytes = look(offset, static_cast<std::size_t>(count));
  isShort_ = isShort_ || bytes.empty();
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) {
    value = value << 8 | std::to_integer<std::uint64_t>(byte);
  }
  return value;
}

std::uint64_t ByteSource::little(std::uint64_t offset, int count) {
  const auto bytes = look(offset, static_cast<std::size_t>(count));
  isShort_ = isShort_ || bytes.empty();
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return value;
}

bool ByteSource::holds(std::string_view text, std::uint64_t offset) {
  const auto bytes = look(offset, text.size());
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == text;
}

std::vector<std::byte> ByteSource::copy(std::uint64_t offset, std::uint64_t count) {
  std::vector<std::byte> bytes;
  std::uint64_t left = offset < size_ ? std::min(count, size_ - offset) : 0;
  while (left > 0) {
    const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(left, kWindow));
    const auto piece = look(offset, step);
    if (piece.empty()) {
      break;
    }
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    offset += step;
    left -= step;
  }
  return bytes;
}

}  // namespace barlow
