#include "ui/plots/matrix_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace barlow::ui {
namespace {

constexpr int kPixelsForTwoThreads = 256 * 1024;  // below, a thread costs more than it saves
constexpr double kMarkSide = 9;                   // px
constexpr double kMarkGrid = 4;                   // px; of marks nearer than this one is enough

std::uint32_t* pixelsOf(QImage& image, int x, int y) {
  return reinterpret_cast<std::uint32_t*>(image.scanLine(y)) + x;
}

void render(const MatrixPyramid& pyramid,
            const RenderSettings& settings,
            const Viewport& viewport,
            const QRect& part,
            QImage& image) {
  if (part.isEmpty()) {
    return;
  }
  const Viewport some{.row = viewport.row + part.top() * viewport.cellsPerPixel,
                      .column = viewport.column + part.left() * viewport.cellsPerPixel,
                      .cellsPerPixel = viewport.cellsPerPixel,
                      .width = part.width(),
                      .height = part.height()};
  renderViewport(pyramid,
                 some,
                 settings,
                 pixelsOf(image, part.left(), part.top()),
                 image.bytesPerLine() / 4,
                 part.width() * part.height() >= kPixelsForTwoThreads ? 2 : 1);
}

void resize(QImage& image, const Viewport& viewport) {
  if (image.width() != viewport.width || image.height() != viewport.height) {
    image = QImage(viewport.width, viewport.height, QImage::Format_RGB32);
  }
}

// Magnitudes as gray, white at zero; where there is nothing it is as white.
RenderSettings magnitudeSettings(const RenderSettings& settings) {
  RenderSettings gray = settings;
  const float high = std::max(std::abs(settings.color.low), std::abs(settings.color.high));
  if (gray.transform == ValueTransform::Value) {
    gray.transform = ValueTransform::Absolute;
  }
  gray.color.map = ColorMapName::GrayMagnitude;
  gray.color.isReversed = false;
  gray.color.low = -high;
  gray.color.high = high;
  gray.color.showsClipped = false;
  gray.color.nan = 0xffff00ff;
  gray.color.outside = 0xffffffff;
  return gray;
}

// Gray of that map to the share of the limits, in 255ths.
const std::array<std::uint32_t, 256>& magnitudeOfGray() {
  static const std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    const auto& steps = colorSteps(ColorMapName::GrayMagnitude, false);
    constexpr int kMiddle = kColorSteps / 2;
    int step = kMiddle;
    for (int gray = 255; gray >= 0; --gray) {
      while (step + 1 < kColorSteps &&
             static_cast<int>(steps[static_cast<std::size_t>(step)] & 0xff) > gray) {
        ++step;
      }
      table[static_cast<std::size_t>(gray)] =
          static_cast<std::uint32_t>((255 * (step - kMiddle) + kMiddle / 2) / kMiddle);
    }
    return table;
  }();
  return kTable;
}

bool isGray(std::uint32_t color) { return ((color >> 8) & 0xff) == (color & 0xff); }

// Outer ring black, inner ring white, `thickness` pixels each; what is inside stays.
void stampFrame(QImage& image, const QRect& frame, int thickness) {
  const QRect seen = frame.intersected(image.rect());
  for (int y = seen.top(); y <= seen.bottom(); ++y) {
    std::uint32_t* line = pixelsOf(image, 0, y);
    const int fromEdgeY = std::min(y - frame.top(), frame.bottom() - y);
    for (int x = seen.left(); x <= seen.right(); ++x) {
      const int fromEdge = std::min({fromEdgeY, x - frame.left(), frame.right() - x});
      if (fromEdge < thickness) {
        line[x] = 0xff000000;
      } else if (fromEdge < 2 * thickness) {
        line[x] = 0xffffffff;
      } else if (fromEdgeY >= 2 * thickness) {
        x = std::max(x, frame.right() - 2 * thickness);
      }
    }
  }
}

}  // namespace

MatrixCompare MatrixScene::effectiveCompare() const {
  return second ? compare : MatrixCompare::None;
}

int MatrixScene::splitPixel(const Viewport& viewport) const {
  const int length = compare == MatrixCompare::SplitHorizontal ? viewport.height : viewport.width;
  return static_cast<int>(std::round(std::clamp(split, 0.0, 1.0) * length));
}

const MatrixPyramid& MatrixScene::at(const QPoint& pixel, const Viewport& viewport) const {
  switch (effectiveCompare()) {
    case MatrixCompare::SplitVertical:
      return pixel.x() < splitPixel(viewport) ? *first : *second;
    case MatrixCompare::SplitHorizontal:
      return pixel.y() < splitPixel(viewport) ? *first : *second;
    case MatrixCompare::Flicker:
      return showsSecond ? *second : *first;
    case MatrixCompare::None:
    case MatrixCompare::RedBlue:
      break;
  }
  return *first;
}

const MatrixPyramid* MatrixScene::otherAt(const QPoint& pixel, const Viewport& viewport) const {
  if (effectiveCompare() == MatrixCompare::None) {
    return nullptr;
  }
  return &at(pixel, viewport) == first.get() ? second.get() : first.get();
}

void MatrixRaster::draw(const MatrixScene& scene, const Viewport& viewport) {
  resize(image_, viewport);
  const QRect all = image_.rect();
  const int split = scene.splitPixel(viewport);
  switch (scene.effectiveCompare()) {
    case MatrixCompare::None:
      return render(*scene.first, scene.settings, viewport, all, image_);
    case MatrixCompare::Flicker:
      return render(
          scene.showsSecond ? *scene.second : *scene.first, scene.settings, viewport, all, image_);
    case MatrixCompare::SplitVertical:
      render(*scene.first, scene.settings, viewport, {0, 0, split, all.height()}, image_);
      return render(*scene.second,
                    scene.settings,
                    viewport,
                    {split, 0, all.width() - split, all.height()},
                    image_);
    case MatrixCompare::SplitHorizontal:
      render(*scene.first, scene.settings, viewport, {0, 0, all.width(), split}, image_);
      return render(*scene.second,
                    scene.settings,
                    viewport,
                    {0, split, all.width(), all.height() - split},
                    image_);
    case MatrixCompare::RedBlue:
      return blend(scene, viewport);
  }
}

void MatrixRaster::blend(const MatrixScene& scene, const Viewport& viewport) {
  resize(scratch_, viewport);
  const RenderSettings gray = magnitudeSettings(scene.settings);
  render(*scene.first, gray, viewport, image_.rect(), image_);
  render(*scene.second, gray, viewport, image_.rect(), scratch_);
  const auto& magnitudes = magnitudeOfGray();
  for (int y = 0; y < image_.height(); ++y) {
    std::uint32_t* first = pixelsOf(image_, 0, y);
    const std::uint32_t* second = pixelsOf(scratch_, 0, y);
    for (int x = 0; x < image_.width(); ++x) {
      const std::uint32_t red = magnitudes[first[x] & 0xff];
      const std::uint32_t blue = magnitudes[second[x] & 0xff];
      first[x] = isGray(first[x]) && isGray(second[x])
                     ? 0xff000000 | red << 16 | ((red + blue + 1) / 2) << 8 | blue
                     : scene.settings.color.nan;
    }
  }
}

void MatrixRaster::stampMarks(const std::vector<CellIndex>& cells,
                              const Viewport& viewport,
                              double ratio) {
  const double cell = 1 / viewport.cellsPerPixel;  // device pixels
  const double side = std::max(cell, std::round(kMarkSide * ratio));
  const int thickness = std::max(1, static_cast<int>(std::round(ratio)));
  const int grid = std::max(1, static_cast<int>(kMarkGrid * ratio));
  const int gridWidth = image_.width() / grid + 1;
  std::vector<bool> isTaken(static_cast<std::size_t>(gridWidth * (image_.height() / grid + 1)));
  for (const CellIndex& mark : cells) {
    const double x =
        (static_cast<double>(mark.column) + 0.5 - viewport.column) / viewport.cellsPerPixel;
    const double y = (static_cast<double>(mark.row) + 0.5 - viewport.row) / viewport.cellsPerPixel;
    if (x + side / 2 < 0 || y + side / 2 < 0 || x - side / 2 > image_.width() ||
        y - side / 2 > image_.height()) {
      continue;
    }
    if (x >= 0 && y >= 0 && x < image_.width() && y < image_.height() && cell < grid) {
      const auto slot = static_cast<std::size_t>(static_cast<int>(y) / grid * gridWidth +
                                                 static_cast<int>(x) / grid);
      if (isTaken[slot]) {
        continue;
      }
      isTaken[slot] = true;
    }
    const int left = static_cast<int>(std::round(x - side / 2));
    const int top = static_cast<int>(std::round(y - side / 2));
    const int right = static_cast<int>(std::round(x + side / 2));
    const int bottom = static_cast<int>(std::round(y + side / 2));
    stampFrame(image_, {left, top, right - left, bottom - top}, thickness);
  }
}

}  // namespace barlow::ui
