#pragma once

#include "core/base/rng.h"
#include "core/dataset/dataset.h"

#include <atomic>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace barlow {

/// Colourful pictures of several sizes: smooth waves with some noise, and flat parts.
class Pictures final : public Dataset {
 public:
  /// Of `least` to `most` pixels on a side.
  explicit Pictures(std::int64_t size, int least = 20, int most = 79)
      : size_(size), least_(least), most_(most) {}
  std::int64_t size() const override { return size_; }
  Result<RgbImage> image(std::int64_t index) const override {
    if (broken.contains(index)) {
      return ErrorInfo{"it is broken", ""};
    }
    Rng rng(static_cast<std::uint64_t>(index) + 17);
    const auto range = static_cast<std::uint64_t>(most_ - least_ + 1);
    const int width = least_ + static_cast<int>(rng.below(range));
    RgbImage image(width, least_ + static_cast<int>(rng.below(range)));
    ++decoded;
    const double speed = rng.uniform(0.05, 0.6);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        for (int c = 0; c < 3; ++c) {
          const double wave = 128 + 140 * std::sin(speed * (x + c * y) + c);
          const double noise = rng.uniform(-20, 20);
          image.row(y)[3 * x + c] =
              static_cast<std::uint8_t>(std::fmin(std::fmax(wave + noise, 0), 255));
        }
      }
    }
    return image;
  }
  int label(std::int64_t) const override { return -1; }
  std::string name(std::int64_t index) const override { return "picture " + std::to_string(index); }
  const std::vector<std::string>& classNames() const override { return names_; }

  PixelSize knownSize(std::int64_t index) const override {
    const auto known = sizes.find(index);
    return known != sizes.end() ? known->second : PixelSize{};
  }

  std::set<std::int64_t> broken;
  std::map<std::int64_t, PixelSize> sizes;  // what it claims to know
  mutable std::atomic<int> decoded = 0;

 private:
  std::int64_t size_;
  int least_;
  int most_;
  std::vector<std::string> names_;
};

}  // namespace barlow
