#include "core/dataset/synthetic_shapes.h"

#include "core/base/rng.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace barlow {
namespace {

constexpr int kSide = 32;
constexpr int kSamples = 3;  // per pixel and direction, against jagged edges

struct Point {
  double x = 0;
  double y = 0;
};

struct Color {
  std::array<double, 3> rgb{};
};

// Where one shape lies: cosine and sine are divided by its radius.
struct Figure {
  Point center;
  double radius = 0;
  double cosine = 0;
  double sine = 0;
};

double polygonDistance(Point p, int sides) {
  // Distance to the centre in units of the polygon's apothem: 1 on its edge.
  const double angle = std::atan2(p.y, p.x);
  const double sector = 2.0 * std::numbers::pi / sides;
  const double turned = std::remainder(angle, sector);
  return std::hypot(p.x, p.y) * std::cos(turned) / std::cos(sector / 2.0);
}

// Whether a point in units of the shape's radius lies in shape `kind`.
bool isInside(int kind, Point p) {
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
    default:  // crescent
      return radius < 1.0 && std::hypot(p.x - 0.5, p.y) > 0.8;
  }
}

// Any hue, often strong, of a given luminance (0 to 255).
Color drawColor(Rng& rng, double luminance) {
  Color color;
  for (double& channel : color.rgb) {
    const double u = rng.uniform();
    channel = u * u * u + 0.01;
  }
  const double now = 0.299 * color.rgb[0] + 0.587 * color.rgb[1] + 0.114 * color.rgb[2];
  for (double& channel : color.rgb) {
    channel *= luminance / now;
  }
  return color;
}

RgbImage makeShape(int kind, Rng& rng) {
  // Light on dark, both of any hue: the hue says nothing about the class, and the view pairs have
  // little of it in common.
  const Color ground = drawColor(rng, rng.uniform(15.0, 60.0));
  const Color figure = drawColor(rng, rng.uniform(110.0, 180.0));
  Color fade;  // the background changes this much across the picture
  for (double& channel : fade.rgb) {
    channel = rng.uniform(-50.0, 50.0);
  }
  const double fadeAngle = rng.uniform(0.0, 2.0 * std::numbers::pi);
  // Several of the same kind on a jittered 2 x 2 or 3 x 3 grid, so that every crop holds some.
  const int grid = rng.chance(0.5) ? 2 : 3;
  const double cell = static_cast<double>(kSide) / grid;
  std::vector<Figure> figures;
  for (int i = 0; i < grid * grid; ++i) {
    const double radius = cell * rng.uniform(0.36, 0.46);
    const double turn = rng.uniform(-0.25, 0.25);
    figures.push_back({{(i % grid + 0.5) * cell + rng.uniform(-0.1, 0.1) * cell,
                        (i / grid + 0.5) * cell +
                            rng.uniform(-0.1, 0.1) * cell},  // NOLINT: whole division on purpose
                       radius,
                       std::cos(turn) / radius,
                       std::sin(turn) / radius});
  }

  RgbImage image(kSide, kSide);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      int hits = 0;
      for (const Figure& shape : figures) {
        const double left = x + 0.5 - shape.center.x;
        const double top = y + 0.5 - shape.center.y;
        if (std::hypot(left, top) > 1.5 * shape.radius) {  // no shape reaches further
          continue;
        }
        for (int s = 0; s < kSamples * kSamples; ++s) {
          const double dx = left + (s % kSamples + 0.5) / kSamples - 0.5;
          const double dy = top + (s / kSamples + 0.5) / kSamples - 0.5;  // NOLINT: as above
          const Point p{shape.cosine * dx + shape.sine * dy, shape.cosine * dy - shape.sine * dx};
          hits += isInside(kind, p) ? 1 : 0;
        }
      }
      const double cover = std::min(1.0, static_cast<double>(hits) / (kSamples * kSamples));
      const double along = (x - kSide / 2) * std::cos(fadeAngle) / kSide +
                           (y - kSide / 2) * std::sin(fadeAngle) / kSide;
      for (std::size_t c = 0; c < 3; ++c) {
        const double behind = ground.rgb[c] + fade.rgb[c] * along;
        const double noise = rng.uniform(-20.0, 20.0);
        const double value = behind + (figure.rgb[c] - behind) * cover + noise;
        image.row(y)[static_cast<std::size_t>(3 * x) + c] =
            static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  }
  return image;
}

}  // namespace

SyntheticShapes::SyntheticShapes(Part part)
    : classNames_{"disc", "ring", "triangle", "frame", "cross", "star", "bars", "crescent"} {
  const std::size_t count = part == Part::Train ? 6000 : 1000;
  images_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    Rng rng = Rng::keyed(0, {Rng::kShapes, static_cast<std::uint64_t>(part), i});
    images_.push_back(makeShape(label(static_cast<std::int64_t>(i)), rng));
  }
}

Result<RgbImage> SyntheticShapes::image(std::int64_t index) const {
  return images_.at(static_cast<std::size_t>(index));
}

}  // namespace barlow