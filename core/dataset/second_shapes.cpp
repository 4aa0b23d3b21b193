#include "core/dataset/color_field.h"
#include "core/dataset/shape_figures.h"
#include "core/dataset/shape_pictures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace barlow {
namespace {

constexpr int kTextures = 16;
constexpr double kTextureContrast = 25;  // gray levels

double wave(double place, double period) {
  return std::cos(2.0 * std::numbers::pi * place / period);
}

// One ground: waves, checks, dots and lattices of two scales, which look the same when mirrored.
struct Texture {
  int kind = 0;
  double x = 0;  // where its pattern begins, pixels
  double y = 0;
  double slope = 1;  // of the diagonal ones: +1 or -1

  // About -1.5 to 1.5.
  double at(int column, int row) const {
    const double u = column + x;
    const double v = row + y;
    const double diagonal = (u + slope * v) / std::numbers::sqrt2;
    const bool isDot = wave(u, 4) > 0 && wave(v, 4) > 0;
    const bool isLine = std::max(wave(u, 6), wave(v, 6)) > 0.7;
    switch (kind) {
      case 0:
        return 0;
      case 1:
        return wave(u, 3);
      case 2:
        return wave(v, 3);
      case 3:
        return wave(diagonal, 3);
      case 4:
        return wave(u, 6);
      case 5:
        return wave(v, 6);
      case 6:
        return wave(diagonal, 6);
      case 7:
        return 1.3 * wave(u, 3) * wave(v, 3);
      case 8:
        return 1.3 * wave(u, 6) * wave(v, 6);
      case 9:
        return isDot ? 1.5 : -0.5;
      case 10:
        return isDot ? -1.5 : 0.5;
      case 11:
        return isLine ? 1.2 : -0.6;
      case 12:
        return isLine ? -1.2 : 0.6;
      case 13:
        return 1;
      case 14:
        return -1;
      default:
        return wave(u, 12);
    }
  }
};

// Four different ones.
std::array<Texture, 4> drawTextures(Rng& rng) {
  std::array<Texture, 4> textures;
  for (std::size_t i = 0; i < textures.size(); ++i) {
    const auto drawn = textures.begin() + static_cast<std::ptrdiff_t>(i);
    const auto isNew = [&](int kind) {
      return std::none_of(
          textures.begin(), drawn, [&](const Texture& other) { return other.kind == kind; });
    };
    do {
      drawn->kind = static_cast<int>(rng.below(kTextures));
    } while (!isNew(drawn->kind));
    drawn->slope = rng.chance(0.5) ? 1.0 : -1.0;
    drawn->x = rng.uniform(0.0, 12.0);
    drawn->y = rng.uniform(0.0, 12.0);
  }
  return textures;
}

enum class Filling { Full, Upright, Level, Half };

double fillingAt(Filling filling, int x, int y) {
  constexpr double kGap = 0.3;
  switch (filling) {
    case Filling::Full:
      return 1;
    case Filling::Upright:  // stripes
      return wave(x + 0.5, 3) > 0 ? 1 : kGap;
    case Filling::Level:
      return wave(y + 0.5, 3) > 0 ? 1 : kGap;
    case Filling::Half:
      break;
  }
  return 0.5;
}

}  // namespace

RgbImage secondShapesPicture(int kind, Rng& rng) {
  const double ground = rng.uniform(100.0, 125.0);  // luminance
  const double contrast = rng.uniform(50.0, 70.0) * (rng.chance(0.5) ? -1.0 : 1.0);
  const auto filling = static_cast<Filling>(rng.below(4));
  const std::array<Texture, 4> textures = drawTextures(rng);
  const ColorField color(rng);
  const std::array<Figure, 4> figures = drawFigures(rng);
  return color.painted(kShapeSide, kShapeSide, [&](int x, int y) {
    const double cover = coverOf(kind, figures, x, y);
    const std::size_t quarter = (x < kShapeSide / 2 ? 0u : 1u) + (y < kShapeSide / 2 ? 0u : 2u);
    const double noise = rng.uniform(-8.0, 8.0);
    return ground + contrast * cover * fillingAt(filling, x, y) +
           kTextureContrast * (1 - cover) * textures[quarter].at(x, y) + noise;
  });
}

}  // namespace barlow
