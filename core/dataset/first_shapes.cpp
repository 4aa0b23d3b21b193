#include "core/dataset/color_field.h"
#include "core/dataset/shape_figures.h"
#include "core/dataset/shape_pictures.h"

namespace barlow {

RgbImage firstShapesPicture(int kind, Rng& rng) {
  const double ground = rng.uniform(75.0, 105.0);  // luminance
  const double contrast = rng.uniform(40.0, 60.0);
  const ColorField color(rng);
  const std::array<Figure, 4> figures = drawFigures(rng);
  return color.painted(kShapeSide, kShapeSide, [&](int x, int y) {
    const double noise = rng.uniform(-10.0, 10.0);
    return ground + contrast * coverOf(kind, figures, x, y) + noise;
  });
}

}  // namespace barlow
