#include "ui/plots/matrix_frame.h"

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr double kLeastCells = 2;  // on the shorter side of the room
constexpr double kRounding = 1e-6;

struct Span {
  int start = 0;  // device pixels
  int count = 0;
  double origin = 0;  // source position of the first pixel's edge
};

// Pixels that hold everything of `cells` cells: the centre of every cell where they are small
// (which is what a picture needs to show it), the nearest number where they are magnified.
int pixelsFor(double cells, double cellsPerPixel) {
  const double pixels = cellsPerPixel >= 1
                            ? std::floor((cells - 0.5) / cellsPerPixel - kRounding) + 1
                            : std::round(cells / cellsPerPixel);
  return static_cast<int>(std::clamp(pixels, 1.0, 1e6));
}

// One axis: all of the matrix where there is room for it, else a full room around `center`.
Span spanOf(double cells, double center, double cellsPerPixel, int start, int room) {
  if (cells / cellsPerPixel <= room + kRounding) {
    const int count = std::min(pixelsFor(cells, cellsPerPixel), room);
    const double before = std::floor(room / 2.0 - center / cellsPerPixel + 0.5);
    return {.start = start + static_cast<int>(std::clamp(before, 0.0, 1.0 * (room - count))),
            .count = count,
            .origin = 0};
  }
  return {.start = start, .count = room, .origin = center - 0.5 * room * cellsPerPixel};
}

// Neither leaves room empty that the matrix could fill nor puts a part of it outside.
double clampedCenter(double cells, double center, double shown) {
  return std::clamp(
      center, std::min(shown / 2, cells - shown / 2), std::max(shown / 2, cells - shown / 2));
}

}  // namespace

QRect MatrixRoom::devicePixels() const {
  const auto up = [this](double v) { return static_cast<int>(std::ceil(v * ratio - kRounding)); };
  const auto down = [this](double v) {
    return static_cast<int>(std::floor(v * ratio + kRounding));
  };
  const int left = up(available.left());
  const int top = up(available.top());
  return {left,
          top,
          std::max(down(available.right()) - left, 1),
          std::max(down(available.bottom()) - top, 1)};
}

MatrixPlace MatrixRoom::fitted() const {
  const QRect pixels = devicePixels();
  const Viewport all = fittedViewport(rows, columns, pixels.width(), pixels.height());
  return {.row = static_cast<double>(rows) / 2,
          .column = static_cast<double>(columns) / 2,
          .cellsPerPixel = all.cellsPerPixel * ratio,
          .isAll = true};
}

MatrixPlace MatrixRoom::clamped(const MatrixPlace& place) const {
  const MatrixPlace all = fitted();
  if (place.isAll || !std::isfinite(place.row) || !std::isfinite(place.column) ||
      !std::isfinite(place.cellsPerPixel)) {
    return all;
  }
  const QRect pixels = devicePixels();
  const double width = pixels.width() / ratio;
  const double height = pixels.height() / ratio;
  const double nearest = std::min(all.cellsPerPixel, kLeastCells / std::min(width, height));
  const double farthest = std::max(all.cellsPerPixel, ratio);
  MatrixPlace result = all;
  result.cellsPerPixel = std::clamp(place.cellsPerPixel, nearest, farthest);
  result.isAll = result.cellsPerPixel == all.cellsPerPixel;
  if (result.cellsPerPixel >= all.cellsPerPixel) {
    return result;  // all of it, in the middle
  }
  result.row = clampedCenter(static_cast<double>(rows), place.row, height * result.cellsPerPixel);
  result.column =
      clampedCenter(static_cast<double>(columns), place.column, width * result.cellsPerPixel);
  return result;
}

MatrixFrame::MatrixFrame(const MatrixRoom& room, const MatrixPlace& place)
    : room_(room), place_(room.clamped(place)) {
  const QRect pixels = room.devicePixels();
  const double scale = place_.cellsPerPixel / room.ratio;
  const Span rows =
      spanOf(static_cast<double>(room.rows), place_.row, scale, pixels.top(), pixels.height());
  const Span columns = spanOf(
      static_cast<double>(room.columns), place_.column, scale, pixels.left(), pixels.width());
  deviceArea_ = {columns.start, rows.start, columns.count, rows.count};
  viewport_ = {.row = rows.origin,
               .column = columns.origin,
               .cellsPerPixel = scale,
               .width = columns.count,
               .height = rows.count};
}

bool MatrixFrame::isWhole() const {
  const QRect pixels = room_.devicePixels();
  const double scale = viewport_.cellsPerPixel;
  return static_cast<double>(room_.rows) / scale <= pixels.height() + kRounding &&
         static_cast<double>(room_.columns) / scale <= pixels.width() + kRounding;
}

QRectF MatrixFrame::inWidget(const QRect& pixels) const {
  return {pixels.left() / room_.ratio,
          pixels.top() / room_.ratio,
          pixels.width() / room_.ratio,
          pixels.height() / room_.ratio};
}

QPointF MatrixFrame::sourceAt(const QPointF& position) const {
  return {
      viewport_.column +
          (position.x() * room_.ratio - deviceArea_.left()) * viewport_.cellsPerPixel,
      viewport_.row + (position.y() * room_.ratio - deviceArea_.top()) * viewport_.cellsPerPixel};
}

QPointF MatrixFrame::positionOf(double row, double column) const {
  return {
      (deviceArea_.left() + (column - viewport_.column) / viewport_.cellsPerPixel) / room_.ratio,
      (deviceArea_.top() + (row - viewport_.row) / viewport_.cellsPerPixel) / room_.ratio};
}

QPointF MatrixFrame::centerOf(CellIndex cell) const {
  return positionOf(static_cast<double>(cell.row) + 0.5, static_cast<double>(cell.column) + 0.5);
}

QRectF MatrixFrame::cellRect(CellIndex cell, std::int64_t side) const {
  return {
      positionOf(static_cast<double>(cell.row), static_cast<double>(cell.column)),
      positionOf(static_cast<double>(cell.row + side), static_cast<double>(cell.column + side))};
}

QRectF MatrixFrame::visibleCells() const {
  return QRectF(viewport_.column,
                viewport_.row,
                viewport_.width * viewport_.cellsPerPixel,
                viewport_.height * viewport_.cellsPerPixel)
      .intersected(
          QRectF(0, 0, static_cast<double>(room_.columns), static_cast<double>(room_.rows)));
}

QPoint MatrixFrame::pixelAt(const QPointF& position) const {
  return {static_cast<int>(std::floor(position.x() * room_.ratio)) - deviceArea_.left(),
          static_cast<int>(std::floor(position.y() * room_.ratio)) - deviceArea_.top()};
}

bool MatrixFrame::contains(CellIndex cell) const {
  return cell.row >= 0 && cell.row < room_.rows && cell.column >= 0 && cell.column < room_.columns;
}

}  // namespace barlow::ui
