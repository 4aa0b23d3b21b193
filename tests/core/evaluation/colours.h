#pragma once

#include "core/dataset/dataset.h"

#include <string>
#include <vector>

namespace barlow {

/// Sixty pictures of 16 x 16, each in one of three plain colours; one cannot be read.
class Colours final : public Dataset {
 public:
  std::int64_t size() const override { return 60; }
  Result<RgbImage> image(std::int64_t index) const override {
    if (index == 7) {
      return ErrorInfo{"broken", ""};
    }
    RgbImage image(16, 16);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      image.pixels[i] = static_cast<std::uint8_t>(
          i % 3 == static_cast<std::size_t>(index % 3) ? 200 + index % 7 : 20);
    }
    return image;
  }
  int label(std::int64_t index) const override { return static_cast<int>(index % 3); }
  std::string name(std::int64_t index) const override { return "colour " + std::to_string(index); }
  const std::vector<std::string>& classNames() const override { return names_; }

 private:
  std::vector<std::string> names_{"red", "green", "blue"};
};

}  // namespace barlow
