#include "core/dataset/synthetic_shapes.h"

#include "core/base/rng.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace barlow {
namespace {

constexpr int kSide = 32;
constexpr int kSamples = 2;  // per pixel and direction, against jagged edges

struct Point {
  double x = 0;
  double y = 0;
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

// A plane wave in one of the two colour channels.
struct Wave {
  double kx = 0;  // radians per pixel
  double ky = 0;
  double phase = 0;
  double amplitude = 0;  // gray levels
  double at(int x, int y) const { return amplitude * std::cos(kx * x + ky * y + phase); }
};

Wave drawWave(Rng& rng) {
  const double length = rng.uniform(8.0, 40.0);  // pixels
  const double angle = rng.uniform(0.0, 2.0 * std::numbers::pi);
  const double k = 2.0 * std::numbers::pi / length;
  return {k * std::cos(angle),
          k * std::sin(angle),
          rng.uniform(0.0, 2.0 * std::numbers::pi),
          rng.uniform(30.0, 70.0)};
}

// Colour over the whole picture that leaves its luminance alone, and that shapes do not change: it
// is strong, different in every picture, and says nothing about the class.
class ColorField {
 public:
  explicit ColorField(Rng& rng)
      : blue_(rng.uniform(-30.0, 30.0)),
        red_(rng.uniform(-30.0, 30.0)),
        blueWaves_{drawWave(rng), drawWave(rng)},
        redWaves_{drawWave(rng), drawWave(rng)} {}
  // Red, green, blue of a pixel of this luminance (0 to 255); JFIF's conversion from YCbCr.
  std::array<double, 3> at(int x, int y, double luminance) const {
    const double cb = blue_ + blueWaves_[0].at(x, y) + blueWaves_[1].at(x, y);
    const double cr = red_ + redWaves_[0].at(x, y) + redWaves_[1].at(x, y);
    return {luminance + 1.402 * cr, luminance - 0.344 * cb - 0.714 * cr, luminance + 1.772 * cb};
  }

 private:
  double blue_;
  double red_;
  std::array<Wave, 2> blueWaves_;
  std::array<Wave, 2> redWaves_;
};

// Four of the same kind, one in each quarter, so that every crop holds some.
std::array<Figure, 4> drawFigures(Rng& rng) {
  constexpr double kCell = kSide / 2.0;
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

// The part of pixel (x, y) that figures of this kind cover, 0 to 1.
double coverAt(int kind, const std::array<Figure, 4>& figures, int x, int y) {
  int hits = 0;
  for (const Figure& figure : figures) {
    const double left = x + 0.5 - figure.center.x;
    const double top = y + 0.5 - figure.center.y;
    const double reach = 1.5 * figure.radius;  // no shape reaches further
    if (left * left + top * top > reach * reach) {
      continue;
    }
    for (int row = 0; row < kSamples; ++row) {
      for (int column = 0; column < kSamples; ++column) {
        const double dx = left + (column + 0.5) / kSamples - 0.5;
        const double dy = top + (row + 0.5) / kSamples - 0.5;
        const Point p{figure.cosine * dx + figure.sine * dy, figure.cosine * dy - figure.sine * dx};
        hits += isInside(kind, p) ? 1 : 0;
      }
    }
  }
  return std::min(1.0, static_cast<double>(hits) / (kSamples * kSamples));
}

RgbImage makeShape(int kind, Rng& rng) {
  const double ground = rng.uniform(75.0, 105.0);  // luminance
  const double contrast = rng.uniform(40.0, 60.0);
  const ColorField color(rng);
  const std::array<Figure, 4> figures = drawFigures(rng);
  RgbImage image(kSide, kSide);
  for (int y = 0; y < kSide; ++y) {
    std::uint8_t* pixel = image.row(y);
    for (int x = 0; x < kSide; ++x) {
      const double noise = rng.uniform(-10.0, 10.0);
      const double luminance = ground + contrast * coverAt(kind, figures, x, y) + noise;
      for (const double value : color.at(x, y, luminance)) {
        *pixel++ = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  }
  return image;
}

std::vector<RgbImage> makeImages(SyntheticShapes::Part part, std::size_t classes) {
  const std::size_t count = part == SyntheticShapes::Part::Train ? 6000 : 1000;
  std::vector<RgbImage> images;
  images.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    Rng rng = Rng::keyed(0, {Rng::kShapes, static_cast<std::uint64_t>(part), i});
    images.push_back(makeShape(static_cast<int>(i % classes), rng));
  }
  return images;
}

// Made once per process: a window that looks at them and a run that trains on them share them.
const std::vector<RgbImage>& imagesOf(SyntheticShapes::Part part, std::size_t classes) {
  if (part == SyntheticShapes::Part::Train) {
    static const std::vector<RgbImage> kTrain = makeImages(part, classes);
    return kTrain;
  }
  static const std::vector<RgbImage> kTest = makeImages(part, classes);
  return kTest;
}

}  // namespace

SyntheticShapes::SyntheticShapes(Part part)
    : classNames_{"disc", "ring", "triangle", "frame", "cross", "star", "bars", "crescent"},
      images_(imagesOf(part, classNames_.size())) {}

Result<RgbImage> SyntheticShapes::image(std::int64_t index) const {
  return images_.at(static_cast<std::size_t>(index));
}

}  // namespace barlow
