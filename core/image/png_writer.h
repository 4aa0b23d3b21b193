#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace barlow {

struct PngFormat {
  int width = 0;
  int height = 0;
  /// At most 256 colours, then a pixel is one byte, the number of its colour. Empty: three bytes,
  /// red, green, blue.
  std::vector<std::array<std::uint8_t, 3>> palette;
  /// Neighbours are alike, as in photos: their differences are packed, in half the time.
  bool isPhoto = false;
};

/// Makes a PNG row by row, so that a large picture is never in memory as a whole. Packs lightly:
/// pictures of matrices are mostly noise, and a tenth in size is not worth nine times the time.
/// What `sink` throws passes through; after that the writer is of no use. Not thread-safe.
class PngWriter {
 public:
  using Sink = std::function<void(std::span<const std::byte>)>;
  /// Throws Exception for a size or a palette that no PNG can have.
  PngWriter(const PngFormat& format, Sink sink);
  ~PngWriter();
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  /// `count` whole rows, from the top, without padding.
  void writeRows(const std::uint8_t* rows, int count);
  /// After the last row.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow
