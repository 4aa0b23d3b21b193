#include "ui/plots/matrix_reading.h"

#include "ui/plots/matrix_words.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

#include <cmath>

namespace barlow::ui {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("barlow::ui::MatrixCanvas", text);
}

std::int64_t dimensionAt(const Order* order, std::int64_t place) {
  const bool isNamed =
      order != nullptr && place >= 0 && place < static_cast<std::int64_t>(order->size());
  return isNamed ? (*order)[static_cast<std::size_t>(place)] : place;
}

// "8", "8-11"
QString rangeText(std::int64_t first, std::int64_t last) {
  return first == last ? QString::number(first) : QStringLiteral("%1-%2").arg(first).arg(last);
}

void fillIn(MatrixReading& reading,
            const Matrix& matrix,
            const MatrixLabels& labels,
            const MatrixStatistics* statistics) {
  const CellIndex place = reading.place;
  reading.cell = labels.cell(place);
  reading.value = matrix.at(place.row, place.column);
  if (matrix.isSquare() && place.row != place.column) {
    reading.mirrored = matrix.at(place.column, place.row);
  }
  if (statistics != nullptr && statistics->magnitudes.total() > 0 && !std::isnan(reading.value)) {
    reading.percentile = statistics->magnitudes.shareBelow(reading.value);
  }
}

// "above 99.3 % of |C|": never rounded up to all or down to none.
QString percentileText(double share, const QString& name) {
  const double percent = share * 100;
  const int decimals = percent > 99.9 && percent < 100 ? 3 : 1;
  const double unit = decimals == 3 ? 1000 : 10;
  return tr("above %1 % of |%2|")
      .arg(QLocale().toString(std::floor(percent * unit) / unit, 'f', decimals), name);
}

}  // namespace

std::int64_t MatrixLabels::row(std::int64_t place) const { return dimensionAt(rows.get(), place); }
std::int64_t MatrixLabels::column(std::int64_t place) const {
  return dimensionAt(columns.get(), place);
}

std::optional<MatrixReading> readingAt(const MatrixScene& scene,
                                       const MatrixFrame& frame,
                                       const MatrixLabels& labels,
                                       const MatrixStatistics* statistics,
                                       const QPointF& position) {
  const QPoint pixel = frame.pixelAt(position);
  const Viewport& viewport = frame.viewport();
  if (!scene.first || !QRect(0, 0, viewport.width, viewport.height).contains(pixel)) {
    return std::nullopt;
  }
  const MatrixPyramid& shown = scene.at(pixel, viewport);
  const std::optional<PixelReading> found =
      readPixel(shown, viewport, scene.settings, pixel.x(), pixel.y());
  if (!found) {
    return std::nullopt;
  }
  MatrixReading reading;
  reading.pixel = *found;
  reading.place = found->strongest;
  fillIn(reading, shown.matrix(), labels, &shown == scene.first.get() ? statistics : nullptr);
  if (const MatrixPyramid* other = scene.otherAt(pixel, viewport)) {
    reading.other = other->matrix().at(reading.place.row, reading.place.column);
    reading.isOfSecond = other == scene.first.get();
  }
  return reading;
}

MatrixReading readingOf(const MatrixScene& scene,
                        const MatrixLabels& labels,
                        const MatrixStatistics* statistics,
                        CellIndex place) {
  const bool showsSecond = scene.effectiveCompare() == MatrixCompare::Flicker && scene.showsSecond;
  const MatrixPyramid& shown = showsSecond ? *scene.second : *scene.first;
  MatrixReading reading;
  reading.place = place;
  const float value = shown.matrix().checkedAt(place);
  reading.pixel = {.level = 0,
                   .firstRow = place.row,
                   .lastRow = place.row,
                   .firstColumn = place.column,
                   .lastColumn = place.column,
                   .value = value,
                   .strongest = place,
                   .strongestValue = value};
  fillIn(reading, shown.matrix(), labels, showsSecond ? nullptr : statistics);
  if (scene.effectiveCompare() != MatrixCompare::None) {
    const MatrixPyramid& other = showsSecond ? *scene.first : *scene.second;
    reading.other = other.matrix().at(place.row, place.column);
    reading.isOfSecond = showsSecond;
  }
  return reading;
}

QString valueText(float value) {
  if (std::isnan(value)) {
    return QStringLiteral("NaN");
  }
  if (std::isinf(value)) {
    return value > 0 ? QStringLiteral("∞") : QStringLiteral("-∞");
  }
  const float size = std::abs(value);
  const bool isPlain = value == 0 || (size >= 0.001f && size < 1000);
  return isPlain ? QLocale().toString(static_cast<double>(value), 'f', 3)
                 : QLocale().toString(static_cast<double>(value), 'g', 3);
}

QString readingText(const MatrixReading& reading, const ReadingWords& words) {
  const PixelReading& pixel = reading.pixel;
  QStringList parts;
  if (!pixel.isPooled()) {
    parts << cellText(words.kind, reading.cell);
    if (words.isReordered) {
      parts << tr("place %1, %2").arg(reading.place.row).arg(reading.place.column);
    }
    if (!reading.other) {  // else both values follow, by name
      parts << QStringLiteral("%1 = %2").arg(words.value, valueText(reading.value));
    }
  } else {
    const QString rows = rangeText(pixel.firstRow, pixel.lastRow);
    const QString columns = rangeText(pixel.firstColumn, pixel.lastColumn);
    parts << (words.isReordered ? tr("places %1, %2").arg(rows, columns)
                                : tr("rows %1, columns %2").arg(rows, columns));
    if (words.reduction != Reduction::Peak) {
      const QString what =
          words.reduction == Reduction::Mean ? tr("mean %1 = %2") : tr("RMS of %1 = %2");
      parts << what.arg(words.value, valueText(pixel.value));
    }
    parts << tr("strongest %1[%2, %3] = %4")
                 .arg(words.value)
                 .arg(reading.cell.row)
                 .arg(reading.cell.column)
                 .arg(valueText(reading.value));
  }
  if (reading.other) {
    const float first = reading.isOfSecond ? *reading.other : reading.value;
    const float second = reading.isOfSecond ? reading.value : *reading.other;
    parts << QStringLiteral("%1: %2").arg(words.first, valueText(first))
          << QStringLiteral("%1: %2").arg(words.second, valueText(second));
  }
  if (reading.mirrored) {
    parts << QStringLiteral("%1_ji = %2").arg(words.value, valueText(*reading.mirrored));
  }
  if (reading.percentile) {
    parts << percentileText(*reading.percentile, words.value);
  }
  return parts.join(QStringLiteral(" · "));
}

}  // namespace barlow::ui
