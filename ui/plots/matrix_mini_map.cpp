#include "ui/plots/matrix_mini_map.h"

#include "ui/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr double kSide = 160;      // px of the longer side
constexpr double kShare = 0.35;    // of the area, at most
constexpr double kLeastSide = 60;  // px: a smaller one shows nothing
constexpr double kLeastWindow = 5;
constexpr double kNearlyAll = 0.9;  // of each side: it would cover more than what is out of sight

QRect devicePixels(const MatrixFrame& frame, const QRectF& box) {
  return {QPointF(box.topLeft() * frame.ratio()).toPoint(),
          QSizeF(box.size() * frame.ratio()).toSize()};
}

}  // namespace

QRectF MatrixMiniMap::boxIn(const MatrixFrame& frame, std::optional<CellIndex> avoid) {
  if (frame.isEmpty() || frame.isWhole()) {
    return {};
  }
  const QRectF seen = frame.visibleCells();
  if (seen.width() > kNearlyAll * static_cast<double>(frame.room().columns) &&
      seen.height() > kNearlyAll * static_cast<double>(frame.room().rows)) {
    return {};
  }
  const QRectF area = frame.area();
  const double side = std::min(kSide, kShare * std::min(area.width(), area.height()));
  if (side < kLeastSide) {
    return {};
  }
  const auto rows = static_cast<double>(frame.room().rows);
  const auto columns = static_cast<double>(frame.room().columns);
  const double scale = side / std::max(rows, columns);
  const double width = std::max(std::round(columns * scale), 2 * kLeastWindow);
  const double height = std::max(std::round(rows * scale), 2 * kLeastWindow);
  const QRectF box(area.left() + kGap, area.bottom() - kGap - height, width, height);
  const bool isInTheWay = avoid && frame.cellRect(*avoid).intersects(box);
  return isInTheWay ? QRectF(area.right() - kGap - width, area.top() + kGap, width, height) : box;
}

QRectF MatrixMiniMap::windowIn(const MatrixFrame& frame, const QRectF& box) {
  const QRectF cells = frame.visibleCells();
  const double perColumn = box.width() / static_cast<double>(frame.room().columns);
  const double perRow = box.height() / static_cast<double>(frame.room().rows);
  QRectF window(box.left() + cells.left() * perColumn,
                box.top() + cells.top() * perRow,
                cells.width() * perColumn,
                cells.height() * perRow);
  const double growX = std::max(0.0, (kLeastWindow - window.width()) / 2);
  const double growY = std::max(0.0, (kLeastWindow - window.height()) / 2);
  window.adjust(-growX, -growY, growX, growY);
  return window;
}

QPointF MatrixMiniMap::sourceAt(const MatrixFrame& frame,
                                const QRectF& box,
                                const QPointF& position) {
  return {(position.x() - box.left()) / box.width() * static_cast<double>(frame.room().columns),
          (position.y() - box.top()) / box.height() * static_cast<double>(frame.room().rows)};
}

void MatrixMiniMap::paint(QPainter& painter,
                          const MatrixFrame& frame,
                          const QRectF& box,
                          const MatrixScene& scene,
                          const QPalette& palette) {
  if (box.isEmpty()) {
    return;
  }
  const QRect pixels = devicePixels(frame, box);
  if (isStale_ || raster_.image().size() != pixels.size()) {
    MatrixScene whole = scene;
    if (scene.compare != MatrixCompare::RedBlue && scene.compare != MatrixCompare::Flicker) {
      whole.compare = MatrixCompare::None;  // the line of a split stands elsewhere here
    }
    raster_.draw(
        whole,
        fittedViewport(frame.room().rows, frame.room().columns, pixels.width(), pixels.height()));
    isStale_ = false;
  }
  painter.save();
  painter.fillRect(box.adjusted(-3, -3, 3, 3), colors(palette).surface);
  painter.drawImage(frame.inWidget(pixels), raster_.image());
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(palette.color(QPalette::WindowText), 1));
  painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5));
  const QRectF window = windowIn(frame, box);
  painter.setPen(QPen(Qt::white, 4));
  painter.drawRect(window);
  painter.setPen(QPen(Qt::black, 2));
  painter.drawRect(window);
  painter.restore();
}

}  // namespace barlow::ui
