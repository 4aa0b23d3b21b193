#include "ui/plots/matrix_overlay.h"

#include "ui/theme/theme.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr double kBandCell = 20;    // px from which a crosshair runs along a cell's edges
constexpr double kLeastCursor = 9;  // px
constexpr double kLeastBlock = 3;   // px
const QColor kBright(255, 255, 255, 230);
const QColor kDark(0, 0, 0, 230);

void strokeRect(QPainter& painter, const QRectF& rect) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(kDark, 3));
  painter.drawRect(rect);
  painter.setPen(QPen(kBright, 1));
  painter.drawRect(rect);
}

void strokeLines(QPainter& painter, const std::vector<QLineF>& lines, CrosshairStyle style) {
  const auto count = static_cast<int>(lines.size());
  if (style == CrosshairStyle::Pinned) {
    painter.setPen(QPen(kDark, 3));
    painter.drawLines(lines.data(), count);
    painter.setPen(QPen(kBright, 1));
  } else {
    painter.setPen(QPen(kBright, 1));
    painter.drawLines(lines.data(), count);
    QPen dashes(kDark, 1);
    dashes.setDashPattern({4, 4});
    painter.setPen(dashes);
  }
  painter.drawLines(lines.data(), count);
}

// The half-pixel of a line of one pixel.
double sharp(double position) { return std::floor(position) + 0.5; }

// The lines of a crosshair around (not over) its cell.
std::vector<QLineF> crosshairLines(const MatrixFrame& frame, CellIndex cell) {
  const QRectF area = frame.area();
  const QRectF box = frame.cellRect(cell);
  const QPointF center = box.center();
  std::vector<double> xs{sharp(center.x())};
  std::vector<double> ys{sharp(center.y())};
  if (box.width() >= kBandCell) {
    xs = {sharp(box.left()), sharp(box.right())};
    ys = {sharp(box.top()), sharp(box.bottom())};
  }
  const double gap = std::max(box.width() / 2, kLeastCursor / 2);
  std::vector<QLineF> lines;
  for (const double y : ys) {
    lines.emplace_back(area.left(), y, center.x() - gap, y);
    lines.emplace_back(center.x() + gap, y, area.right(), y);
  }
  for (const double x : xs) {
    lines.emplace_back(x, area.top(), x, center.y() - gap);
    lines.emplace_back(x, center.y() + gap, x, area.bottom());
  }
  return lines;
}

void paintBadge(QPainter& painter,
                const QRectF& box,
                const QString& text,
                const QPalette& palette) {
  painter.setPen(QPen(colors(palette).line, 1));
  painter.setBrush(colors(palette).surface);
  painter.drawRoundedRect(box, 4, 4);
  painter.setPen(palette.color(QPalette::WindowText));
  painter.drawText(box, Qt::AlignCenter, text);
}

}  // namespace

void paintCrosshair(QPainter& painter,
                    const MatrixFrame& frame,
                    CellIndex cell,
                    CrosshairStyle style) {
  painter.save();
  painter.setClipRect(frame.area(), Qt::IntersectClip);
  strokeLines(painter, crosshairLines(frame, cell), style);
  painter.restore();
}

QRegion crosshairRegion(const MatrixFrame& frame, CellIndex cell) {
  const QRect area = frame.area().toAlignedRect();
  QRegion region;
  for (const QLineF& line : crosshairLines(frame, cell)) {
    const QRectF box = QRectF(line.p1(), line.p2()).normalized().adjusted(-2, -2, 2, 2);
    region += box.toAlignedRect().intersected(area);
  }
  return region;
}

void paintCursor(QPainter& painter, const MatrixFrame& frame, CellIndex cell) {
  painter.save();
  painter.setClipRect(frame.area().adjusted(-3, -3, 3, 3), Qt::IntersectClip);
  QRectF box = frame.cellRect(cell);
  const double grow = std::max(0.0, (kLeastCursor - box.width()) / 2);
  box.adjust(-grow, -grow, grow, grow);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(kBright, 5));
  painter.drawRect(box);
  painter.setPen(QPen(kDark, 3));
  painter.drawRect(box);
  painter.setPen(QPen(kBright, 1));
  painter.drawRect(box);
  painter.restore();
}

void paintBlocks(QPainter& painter,
                 const MatrixFrame& frame,
                 const std::vector<ClusterBlock>& blocks) {
  painter.save();
  painter.setClipRect(frame.area(), Qt::IntersectClip);
  for (const ClusterBlock& block : blocks) {
    const QRectF box = frame.cellRect({block.first, block.first}, block.count);
    if (box.width() >= kLeastBlock && box.intersects(frame.area())) {
      strokeRect(painter, box);
    }
  }
  painter.restore();
}

void paintBand(QPainter& painter, const QRectF& band) {
  painter.save();
  painter.setPen(QPen(kBright, 1));
  painter.setBrush(QColor(127, 127, 127, 60));
  painter.drawRect(band);
  QPen dashes(kDark, 1);
  dashes.setDashPattern({4, 4});
  painter.setPen(dashes);
  painter.drawRect(band);
  painter.restore();
}

double splitPosition(const MatrixFrame& frame, const MatrixScene& scene) {
  const int pixels = scene.splitPixel(frame.viewport());
  const QRect& area = frame.deviceArea();
  return (scene.effectiveCompare() == MatrixCompare::SplitHorizontal ? area.top() + pixels
                                                                     : area.left() + pixels) /
         frame.ratio();
}

void paintSplit(QPainter& painter, const MatrixFrame& frame, const MatrixScene& scene) {
  const MatrixCompare compare = scene.effectiveCompare();
  if (compare != MatrixCompare::SplitVertical && compare != MatrixCompare::SplitHorizontal) {
    return;
  }
  const QRectF area = frame.area();
  const double at = splitPosition(frame, scene);
  const bool isVertical = compare == MatrixCompare::SplitVertical;
  const QLineF line = isVertical ? QLineF(at, area.top(), at, area.bottom())
                                 : QLineF(area.left(), at, area.right(), at);
  painter.save();
  strokeLines(painter, {line}, CrosshairStyle::Pinned);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(kDark, 1.5));
  painter.setBrush(kBright);
  painter.drawEllipse(line.center(), 6, 6);
  painter.restore();
}

void paintBadges(QPainter& painter,
                 const MatrixFrame& frame,
                 const MatrixScene& scene,
                 const MatrixNames& names,
                 const QPalette& palette) {
  const MatrixCompare compare = scene.effectiveCompare();
  if (compare == MatrixCompare::None) {
    return;
  }
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const QFontMetricsF metrics(painter.font());
  const QRectF area = frame.area().adjusted(kGap, kGap, -kGap, -kGap);
  const double height = metrics.height() + kGap;
  const double most = (area.width() - kGap) / 2;
  const auto shortened = [&](const QString& text) {
    return metrics.elidedText(text, Qt::ElideMiddle, most - 3 * kGap);
  };
  const auto widthOf = [&](const QString& text) {
    return metrics.horizontalAdvance(text) + 2 * kGap;
  };
  const QString first = shortened(names.first);
  const QString second = shortened(names.second);
  switch (compare) {
    case MatrixCompare::SplitVertical:
      paintBadge(painter, {area.topLeft(), QSizeF(widthOf(first), height)}, first, palette);
      paintBadge(painter,
                 {area.right() - widthOf(second), area.top(), widthOf(second), height},
                 second,
                 palette);
      break;
    case MatrixCompare::SplitHorizontal:
      paintBadge(painter, {area.topLeft(), QSizeF(widthOf(first), height)}, first, palette);
      paintBadge(
          painter, {area.left(), area.bottom() - height, widthOf(second), height}, second, palette);
      break;
    case MatrixCompare::Flicker: {
      const QString& text = scene.showsSecond ? second : first;
      paintBadge(painter, {area.topLeft(), QSizeF(widthOf(text), height)}, text, palette);
      break;
    }
    case MatrixCompare::RedBlue: {
      double x = area.left();
      for (const auto& [text, color] : {std::pair(first, kOnlyFirst), {second, kOnlySecond}}) {
        const QRectF box(x, area.top(), widthOf(text) + 2 * kGap, height);
        paintBadge(painter, box, {}, palette);
        const QRectF patch(box.left() + kGap, box.center().y() - 5, 10, 10);
        painter.fillRect(patch, QColor(color));
        painter.drawText(box.adjusted(2.5 * kGap, 0, 0, 0), Qt::AlignCenter, text);
        x = box.right() + kGap;
      }
      break;
    }
    case MatrixCompare::None:
      break;
  }
  painter.restore();
}

}  // namespace barlow::ui
