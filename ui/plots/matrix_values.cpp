#include "ui/plots/matrix_overlay.h"

#include <QFontMetricsF>
#include <QLocale>
#include <QPen>

#include <algorithm>
#include <cmath>
#include <optional>

namespace barlow::ui {
namespace {

// What the cell shows after the transform, as a number; nothing for a hidden diagonal cell.
std::optional<float> shownValue(const MatrixPyramid& pyramid,
                                const RenderSettings& settings,
                                int level,
                                CellIndex cell) {
  const bool isDiagonal = pyramid.matrix().isSquare() && cell.row == cell.column;
  // Blocks on the diagonal are made of two kinds of cells: the picture says enough.
  if (isDiagonal && settings.diagonal == DiagonalStyle::Hidden) {
    return std::nullopt;
  }
  const float value = pyramid.value(settings.reduction, level, cell.row, cell.column);
  switch (settings.transform) {
    case ValueTransform::Value:
      return value;
    case ValueTransform::Absolute:
      return std::abs(value);
    case ValueTransform::Square:
      return value * value;
    case ValueTransform::LossContribution:
      break;
  }
  if (isDiagonal && level > 0) {
    return std::nullopt;
  }
  return isDiagonal ? (1 - value) * (1 - value)
                    : static_cast<float>(pyramid.matrix().origin().lambda) * value * value;
}

QString cellText(float value, ValueTransform transform) {
  if (std::isnan(value)) {
    return QStringLiteral("NaN");
  }
  if (std::isinf(value)) {
    return value > 0 ? QStringLiteral("∞") : QStringLiteral("-∞");
  }
  // Contributions to the loss are far below 0.01, and other matrices may be far above 1.
  const bool isPlain = transform != ValueTransform::LossContribution && std::abs(value) < 1000;
  return isPlain ? QLocale().toString(static_cast<double>(value), 'f', 2)
                 : QLocale().toString(static_cast<double>(value), 'g', 2);
}

bool isLight(QRgb color) {
  return 299 * qRed(color) + 587 * qGreen(color) + 114 * qBlue(color) > 140'000;
}

}  // namespace

void paintValues(QPainter& painter,
                 const MatrixFrame& frame,
                 const MatrixScene& scene,
                 const QImage& picture,
                 const QRegion& dirty) {
  const Viewport& viewport = frame.viewport();
  const int level = shownLevel(*scene.first, viewport.cellsPerPixel, scene.settings.coarsestLevel);
  const auto block = std::int64_t{1} << level;
  const QRectF part = frame.area().intersected(dirty.boundingRect());
  // Two matrices at once have no one value.
  if (frame.cellSize() * static_cast<double>(block) < kValueCell || part.isEmpty() ||
      scene.effectiveCompare() == MatrixCompare::RedBlue) {
    return;
  }
  const QPointF from = frame.sourceAt(part.topLeft());
  const QPointF to = frame.sourceAt(part.bottomRight());
  const auto first = [&](double at) {
    return std::max<std::int64_t>(static_cast<std::int64_t>(at), 0) >> level;
  };
  const auto last = [&](double at, std::int64_t cells) {
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(at), 0, cells - 1) >> level;
  };
  const QFontMetricsF metrics(painter.font());
  painter.save();
  for (std::int64_t i = first(from.y()); i <= last(to.y(), frame.room().rows); ++i) {
    for (std::int64_t j = first(from.x()); j <= last(to.x(), frame.room().columns); ++j) {
      const QRectF box = frame.cellRect({i << level, j << level}, block);
      const QPoint pixel = frame.pixelAt(box.intersected(frame.area()).center());
      if (!dirty.intersects(box.toAlignedRect()) || !picture.rect().contains(pixel)) {
        continue;
      }
      const std::optional<float> value =
          shownValue(scene.at(pixel, viewport), scene.settings, level, {i, j});
      if (!value) {
        continue;
      }
      const QString text = cellText(*value, scene.settings.transform);
      QRectF ink(0, 0, metrics.horizontalAdvance(text), metrics.height());
      ink.moveCenter(box.center());
      if (frame.area().contains(ink)) {  // no halves of numbers at the edges
        painter.setPen(isLight(picture.pixel(pixel)) ? Qt::black : Qt::white);
        painter.drawText(box, Qt::AlignCenter, text);
      }
    }
  }
  painter.restore();
}

}  // namespace barlow::ui
