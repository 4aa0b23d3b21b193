#include "core/dataset/color_field.h"
#include "core/dataset/shape_figures.h"
#include "core/dataset/shape_pictures.h"

#include <algorithm>

namespace barlow {

RgbImage firstShapesPicture(int kind, Rng& rng) {
  const double ground = rng.uniform(75.0, 105.0);  // luminance
  const double contrast = rng.uniform(40.0, 60.0);
  const ColorField color(rng);
  const std::array<Figure, 4> figures = drawFigures(rng);
  RgbImage image(kShapeSide, kShapeSide);
  for (int y = 0; y < kShapeSide; ++y) {
    std::uint8_t* pixel = image.row(y);
    for (int x = 0; x < kShapeSide; ++x) {
      double cover = 0;
      for (const Figure& figure : figures) {
        cover += coverOf(kind, figure, x, y);
      }
      const double noise = rng.uniform(-10.0, 10.0);
      const double luminance = ground + contrast * std::min(1.0, cover) + noise;
      for (const double value : color.at(x, y, luminance)) {
        *pixel++ = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  }
  return image;
}

}  // namespace barlow
