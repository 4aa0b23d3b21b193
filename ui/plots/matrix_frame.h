#pragma once

#include "core/matrix/viewport.h"

#include <QPointF>
#include <QRect>
#include <QRectF>

#include <cstdint>

namespace barlow::ui {

/// Where a canvas looks, free of its size: the source position of its centre, and the scale.
struct MatrixPlace {
  double row = 0;
  double column = 0;
  double cellsPerPixel = 1;  // device-independent pixels
  bool isAll = false;        // all of the matrix, whatever the room
  bool operator==(const MatrixPlace&) const = default;
};

/// The room that a widget offers a matrix.
struct MatrixRoom {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  QRectF available;  // widget coordinates
  double ratio = 1;  // device pixels per pixel

  /// `available` in whole device pixels, at least one.
  QRect devicePixels() const;
  /// All of the matrix, centred.
  MatrixPlace fitted() const;
  /// The nearest place that leaves no room empty which the matrix could fill, shows at least two
  /// cells, and is no farther away than fitted() or one cell per device pixel. From fitted() on the
  /// matrix is in the middle. What is all of it stays all of it.
  MatrixPlace clamped(const MatrixPlace& place) const;
};

/// Where the cells of a matrix stand in a widget: places (row, column as shown) to positions and
/// back. The area that the matrix covers begins and ends at device pixels, so that its picture is
/// never resampled.
class MatrixFrame {
 public:
  /// No matrix, no area.
  MatrixFrame() = default;
  /// Clamps the place.
  MatrixFrame(const MatrixRoom& room, const MatrixPlace& place);

  const MatrixPlace& place() const { return place_; }
  const MatrixRoom& room() const { return room_; }
  bool isEmpty() const { return deviceArea_.isEmpty(); }
  /// Whether all of the matrix is in sight.
  bool isWhole() const;
  /// What the matrix covers, in device pixels and in widget coordinates.
  const QRect& deviceArea() const { return deviceArea_; }
  QRectF area() const { return inWidget(deviceArea_); }
  QRectF inWidget(const QRect& devicePixels) const;
  /// What renderViewport draws into the area.
  const Viewport& viewport() const { return viewport_; }
  double ratio() const { return room_.ratio; }
  /// Side of a cell in widget coordinates.
  double cellSize() const { return 1 / place_.cellsPerPixel; }

  /// Source position (x by column, y by row) of a widget position and back; any position.
  QPointF sourceAt(const QPointF& position) const;
  QPointF positionOf(double row, double column) const;
  QPointF centerOf(CellIndex cell) const;
  /// `side` cells by `side` cells from `cell` on.
  QRectF cellRect(CellIndex cell, std::int64_t side = 1) const;
  /// The source cells in sight, x by column, y by row.
  QRectF visibleCells() const;
  /// Device pixel of the picture that holds a widget position; maybe outside of it.
  QPoint pixelAt(const QPointF& position) const;
  bool contains(CellIndex cell) const;

 private:
  MatrixRoom room_;
  MatrixPlace place_;
  QRect deviceArea_;
  Viewport viewport_;
};

}  // namespace barlow::ui
