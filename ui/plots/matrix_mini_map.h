#pragma once

#include "ui/plots/matrix_frame.h"
#include "ui/plots/matrix_scene.h"

#include <QPainter>
#include <QPalette>

#include <optional>

namespace barlow::ui {

/// All of a matrix in a corner of its canvas, off the diagonal, with a frame around what is in
/// sight. Only where that is not everything.
class MatrixMiniMap {
 public:
  /// In widget coordinates, lower left, or upper right where it would cover the cell `avoid`; empty
  /// where there is no need or no room for one.
  static QRectF boxIn(const MatrixFrame& frame, std::optional<CellIndex> avoid = {});
  /// The part of a box that is in sight, at least a few pixels.
  static QRectF windowIn(const MatrixFrame& frame, const QRectF& box);
  /// Source position (x by column, y by row) of a position in a box.
  static QPointF sourceAt(const MatrixFrame& frame, const QRectF& box, const QPointF& position);

  /// The picture is made again by the next paint().
  void invalidate() { isStale_ = true; }
  void paint(QPainter& painter,
             const MatrixFrame& frame,
             const QRectF& box,
             const MatrixScene& scene,
             const QPalette& palette);

 private:
  MatrixRaster raster_;
  bool isStale_ = true;
};

}  // namespace barlow::ui
