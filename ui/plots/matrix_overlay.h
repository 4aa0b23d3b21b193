#pragma once

#include "core/matrix/dendrogram.h"
#include "ui/plots/matrix_frame.h"
#include "ui/plots/matrix_scene.h"

#include <QFont>
#include <QPainter>
#include <QPalette>
#include <QRegion>
#include <QString>

#include <vector>

namespace barlow::ui {

/// What is drawn over the picture of a matrix. Lines are black beside white, so that they are seen
/// on every colour. All clip to the frame's area.

enum class CrosshairStyle { Hovered, Pinned };
/// Lines through a cell; where cells are large, along the edges of its row and column.
void paintCrosshair(QPainter& painter,
                    const MatrixFrame& frame,
                    CellIndex cell,
                    CrosshairStyle style);
/// Where paintCrosshair() draws.
QRegion crosshairRegion(const MatrixFrame& frame, CellIndex cell);

/// The keyboard's cell: a frame around it, never smaller than can be seen.
void paintCursor(QPainter& painter, const MatrixFrame& frame, CellIndex cell);

/// Clusters on the diagonal, down to a side of a few pixels.
void paintBlocks(QPainter& painter,
                 const MatrixFrame& frame,
                 const std::vector<ClusterBlock>& blocks);

/// The rubber band.
void paintBand(QPainter& painter, const QRectF& band);

/// The line between two matrices, with a handle in its middle; nothing without one.
void paintSplit(QPainter& painter, const MatrixFrame& frame, const MatrixScene& scene);
/// The line's position along its axis in widget coordinates.
double splitPosition(const MatrixFrame& frame, const MatrixScene& scene);

/// Which of two matrices is where.
struct MatrixNames {
  QString first;
  QString second;
};
void paintBadges(QPainter& painter,
                 const MatrixFrame& frame,
                 const MatrixScene& scene,
                 const MatrixNames& names,
                 const QPalette& palette);

/// Cells of at least this side in device-independent pixels carry their value.
inline constexpr double kValueCell = 40;
/// The value that each cell shows, two decimals, in black or white by the cell's colour in
/// `picture`; nothing where cells are smaller. Only cells that touch `dirty`.
void paintValues(QPainter& painter,
                 const MatrixFrame& frame,
                 const MatrixScene& scene,
                 const QImage& picture,
                 const QRegion& dirty);

}  // namespace barlow::ui
