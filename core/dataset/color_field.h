#pragma once

#include "core/base/rgb_image.h"
#include "core/base/rng.h"

#include <array>
#include <functional>

namespace barlow {

/// Strong waves of colour over a whole generated picture that leave its luminance alone: different
/// in every picture, and not a word about what it shows.
class ColorField {
 public:
  explicit ColorField(Rng& rng);
  /// The picture of this luminance (0 to 255), asked for row by row, in these colours.
  RgbImage painted(int width,
                   int height,
                   const std::function<double(int x, int y)>& luminance) const;

 private:
  // Red, green, blue of a pixel; JFIF's conversion from YCbCr.
  std::array<double, 3> at(int x, int y, double luminance) const;

  // A plane wave in one of the two colour channels.
  struct Wave {
    double kx = 0;  // radians per pixel
    double ky = 0;
    double phase = 0;
    double amplitude = 0;  // gray levels
    double at(int x, int y) const;
  };
  static Wave drawWave(Rng& rng);

  double blue_;
  double red_;
  std::array<Wave, 2> blueWaves_;
  std::array<Wave, 2> redWaves_;
};

}  // namespace barlow
