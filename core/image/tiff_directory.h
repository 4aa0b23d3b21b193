#pragma once

#include "core/image/byte_source.h"

#include <cstdint>
#include <optional>

namespace barlow {

/// Numbers of the first directory of a TIFF file, or of EXIF data, which are built alike: either
/// byte order, the small and the big (64-bit) kind. No offset is trusted.
class TiffDirectory {
 public:
  static constexpr unsigned kWidth = 256;
  static constexpr unsigned kHeight = 257;
  static constexpr unsigned kOrientation = 274;

  /// Nothing where the bytes do not begin like a TIFF file.
  static std::optional<TiffDirectory> find(ByteSource& file);
  /// The first whole number of a tag; nothing where there is none.
  std::optional<std::uint64_t> number(unsigned tag) const;

 private:
  explicit TiffDirectory(ByteSource& file) : file_(file) {}
  std::uint64_t read(std::uint64_t offset, int count) const {
    return isBigEndian_ ? file_.big(offset, count) : file_.little(offset, count);
  }

  ByteSource& file_;
  bool isBigEndian_ = false;
  bool isBigTiff_ = false;
  std::uint64_t entries_ = 0;  // where they begin
  std::uint64_t count_ = 0;
};

/// 1 to 8 as EXIF counts them; 1, which asks for nothing, where none of them is told.
int orientationOf(const TiffDirectory& directory);

}  // namespace barlow
