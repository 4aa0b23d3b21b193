#include "core/dataset/shape_figures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace barlow {
namespace {

double polygonDistance(Point p, int sides) {
  // Distance to the centre in units of the polygon's apothem: 1 on its edge.
  const double angle = std::atan2(p.y, p.x);
  const double sector = 2.0 * std::numbers::pi / sides;
  const double turned = std::remainder(angle, sector);
  return std::hypot(p.x, p.y) * std::cos(turned) / std::cos(sector / 2.0);
}

double coverOfOne(int kind, const Figure& figure, int x, int y) {
  const double left = x + 0.5 - figure.center.x;
  const double top = y + 0.5 - figure.center.y;
  const double reach = 1.5 * figure.radius;  // none reaches further
  if (left * left + top * top > reach * reach) {
    return 0;
  }
  int hits = 0;
  for (int row = 0; row < kShapeSamples; ++row) {
    for (int column = 0; column < kShapeSamples; ++column) {
      const double dx = left + (column + 0.5) / kShapeSamples - 0.5;
      const double dy = top + (row + 0.5) / kShapeSamples - 0.5;
      const Point p{figure.cosine * dx + figure.sine * dy, figure.cosine * dy - figure.sine * dx};
      hits += isInFigure(kind, p) ? 1 : 0;
    }
  }
  return static_cast<double>(hits) / (kShapeSamples * kShapeSamples);
}

}  // namespace

bool isInFigure(int kind, Point p) {
  const double radius = std::hypot(p.x, p.y);
  const double square = std::max(std::abs(p.x), std::abs(p.y));
  switch (kind) {
    case 0:  // disc
      return radius < 0.95;
    case 1:  // ring
      return radius < 1.0 && radius > 0.6;
    case 2:  // triangle
      return polygonDistance(p, 3) < 1.1;
    case 3:  // frame
      return square < 0.9 && square > 0.52;
    case 4:  // cross
      return square < 1.0 && std::min(std::abs(p.x), std::abs(p.y)) < 0.28;
    case 5: {  // star of five rays
      const double ray =
          std::abs(std::remainder(std::atan2(p.y, p.x), 2.0 * std::numbers::pi / 5.0));
      return radius < 1.1 - 1.05 * ray;
    }
    case 6:  // two bars
      return std::abs(p.x) < 1.0 && std::abs(std::abs(p.y) - 0.55) < 0.24;
    case 7:  // crescent
      return radius < 1.0 && std::hypot(p.x - 0.5, p.y) > 0.8;
    case 8:  // square
      return square < 0.84;
    case 9:  // diamond
      return std::abs(p.x) + std::abs(p.y) < 1.1;
    case 10: {  // saltire
      const double u = std::abs(p.x + p.y) / std::numbers::sqrt2;
      const double v = std::abs(p.x - p.y) / std::numbers::sqrt2;
      return std::max(u, v) < 1.05 && std::min(u, v) < 0.28;
    }
    default:  // two discs
      return std::hypot(std::abs(p.x) - 0.5, p.y) < 0.46;
  }
}

std::array<Figure, 4> drawFigures(Rng& rng) {
  constexpr double kCell = kShapeSide / 2.0;
  std::array<Figure, 4> figures;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const double column = i % 2 == 0 ? 0.5 : 1.5;
    const double row = i < 2 ? 0.5 : 1.5;
    const double radius = kCell * rng.uniform(0.36, 0.46);
    const double turn = rng.uniform(-0.25, 0.25);
    figures[i] = {.center = {(column + rng.uniform(-0.1, 0.1)) * kCell,
                             (row + rng.uniform(-0.1, 0.1)) * kCell},
                  .radius = radius,
                  .cosine = std::cos(turn) / radius,
                  .sine = std::sin(turn) / radius};
  }
  return figures;
}

double coverOf(int kind, const std::array<Figure, 4>& figures, int x, int y) {
  double cover = 0;
  for (const Figure& figure : figures) {
    cover += coverOfOne(kind, figure, x, y);
  }
  return std::min(1.0, cover);
}

}  // namespace barlow
