#pragma once

#include "core/base/rng.h"

#include <array>

namespace barlow {

/// Of the generated pictures: their side in pixels, and how finely edges are sampled per pixel.
inline constexpr int kShapeSide = 32;
inline constexpr int kShapeSamples = 2;

struct Point {
  double x = 0;
  double y = 0;
};

/// Whether a point in units of the figure's radius lies in a figure of this kind: disc, ring,
/// triangle, frame, cross, star, bars, crescent, square, diamond, saltire, two discs.
bool isInFigure(int kind, Point p);

/// Where one figure lies. Cosine and sine are divided by its radius.
struct Figure {
  Point center;  // pixels
  double radius = 0;
  double cosine = 0;
  double sine = 0;
};

/// Four, one in each quarter, tilted a little, so that every crop holds some.
std::array<Figure, 4> drawFigures(Rng& rng);

/// The part of pixel (x, y) that figures of this kind cover, 0 to 1.
double coverOf(int kind, const std::array<Figure, 4>& figures, int x, int y);

}  // namespace barlow
