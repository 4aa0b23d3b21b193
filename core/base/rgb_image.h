#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace barlow {

/// An 8-bit RGB picture: rows from the top, [height, width, 3], no padding.
struct RgbImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;

  RgbImage() = default;
  RgbImage(int w, int h)
      : width(w),
        height(h),
        pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * 3) {}
  bool empty() const { return pixels.empty(); }
  std::uint8_t* row(int y) {
    return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 3;
  }
  const std::uint8_t* row(int y) const {
    return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 3;
  }
  bool operator==(const RgbImage&) const = default;
};

}  // namespace barlow
