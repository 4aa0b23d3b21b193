#include "ui/plots/matrix_axes.h"

#include "ui/plots/matrix_words.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr double kTickLength = 4;
constexpr double kMarkLength = 7;
constexpr double kTextGap = 2;

QString tr(const char* text) {
  return QCoreApplication::translate("barlow::ui::MatrixCanvas", text);
}

double labelWidth(const QFontMetricsF& metrics, std::int64_t cells) {
  const auto digits = QString::number(std::max<std::int64_t>(cells - 1, 0)).size();
  return metrics.horizontalAdvance(QString(digits, QLatin1Char('0')));
}

std::int64_t tickStep(double least) {
  for (std::int64_t power = 1;; power *= 10) {
    for (const std::int64_t factor : {1, 2, 5}) {
      if (static_cast<double>(factor * power) >= least || power > kMaxMatrixSide) {
        return factor * power;
      }
    }
  }
}

}  // namespace

std::vector<std::int64_t> tickPlaces(
    double from, double to, std::int64_t cells, double cellSize, double spacing) {
  const std::int64_t step = tickStep(spacing / cellSize);
  std::vector<std::int64_t> places;
  const auto first = static_cast<std::int64_t>(std::ceil((from - 0.5) / static_cast<double>(step)));
  for (std::int64_t place = std::max<std::int64_t>(first, 0) * step;
       place < cells && static_cast<double>(place) + 0.5 <= to;
       place += step) {
    places.push_back(place);
  }
  return places;
}

QFont axisFont(const QFont& font) {
  QFont small = font;
  if (font.pointSizeF() > 0) {
    small.setPointSizeF(font.pointSizeF() * 0.92);
  }
  return small;
}

QMarginsF axisMargins(const QFont& font, std::int64_t rows, std::int64_t columns) {
  const QFontMetricsF metrics(axisFont(font));
  const double ticks = kTickLength + kTextGap;
  return {metrics.height() + kGap / 2.0 + labelWidth(metrics, rows) + ticks + kTextGap,
          2 * metrics.height() + kTextGap + ticks,
          std::max<double>(kGap, labelWidth(metrics, columns) / 2 + kTextGap),
          std::max<double>(kGap, metrics.height() / 2)};
}

void MatrixAxes::paint(QPainter& painter) const {
  painter.save();
  painter.setFont(axisFont(font));
  paintTicks(painter);
  paintTitles(painter);
  paintMarks(painter);
  painter.restore();
}

void MatrixAxes::paintTicks(QPainter& painter) const {
  const QFontMetricsF metrics(axisFont(font));
  const QRectF area = frame.area();
  const QRectF cells = frame.visibleCells();
  const double size = frame.cellSize();
  painter.setPen(palette.color(QPalette::WindowText));
  const double width = std::max(labelWidth(metrics, frame.room().columns), metrics.height());
  for (const std::int64_t place :
       tickPlaces(cells.left(), cells.right(), frame.room().columns, size, width + 1.5 * kGap)) {
    const double x = frame.centerOf({0, place}).x();
    painter.drawLine(QPointF(x, area.top() - kTickLength), QPointF(x, area.top() - 1));
    painter.drawText(
        QRectF(
            x - 50, area.top() - kTickLength - kTextGap - metrics.height(), 100, metrics.height()),
        Qt::AlignHCenter | Qt::AlignBottom,
        QString::number(labels.column(place)));
  }
  for (const std::int64_t place :
       tickPlaces(cells.top(), cells.bottom(), frame.room().rows, size, 2.4 * metrics.height())) {
    const double y = frame.centerOf({place, 0}).y();
    painter.drawLine(QPointF(area.left() - kTickLength, y), QPointF(area.left() - 1, y));
    painter.drawText(QRectF(area.left() - kTickLength - kTextGap - 100,
                            y - metrics.height() / 2,
                            100,
                            metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter,
                     QString::number(labels.row(place)));
  }
}

void MatrixAxes::paintTitles(QPainter& painter) const {
  const QFontMetricsF metrics(axisFont(font));
  const QRectF area = frame.area();
  const double ticks = kTickLength + kTextGap;
  painter.setPen(colors(palette).quiet);
  // The longest wording that fits: a small canvas still says which axis is which.
  const auto fitting = [&](const QStringList& texts, double room) {
    const auto found = std::find_if(texts.begin(), texts.end(), [&](const QString& text) {
      return metrics.horizontalAdvance(text) <= room;
    });
    return found == texts.end() ? texts.back() : *found;
  };
  const QRectF room = frame.room().available;
  const MatrixWords& words = wordsOf(kind);
  const auto titles = [](const std::string_view full,
                         const std::string_view brief,
                         const std::string_view letter,
                         bool isReordered) -> QStringList {
    const QString title = textOf(full, letter);
    return {isReordered ? tr("%1, reordered").arg(title) : title,
            textOf(brief, letter),
            textOf(letter)};
  };
  const QString onTop = fitting(
      titles(words.column, words.columnBrief, words.columnLetter, labels.columns != nullptr),
      room.width());
  painter.drawText(QRectF(area.center().x() - room.width() / 2,
                          area.top() - ticks - kTextGap - 2 * metrics.height(),
                          room.width(),
                          metrics.height()),
                   Qt::AlignCenter,
                   onTop);
  const QString left = fitting(
      titles(words.row, words.rowBrief, words.rowLetter, labels.rows != nullptr), room.height());
  painter.save();
  painter.translate(area.left() - ticks - kTextGap - labelWidth(metrics, frame.room().rows) -
                        kGap / 2.0 - metrics.height() / 2,
                    area.center().y());
  painter.rotate(-90);
  painter.drawText(
      QRectF(-room.height() / 2, -metrics.height() / 2, room.height(), metrics.height()),
      Qt::AlignCenter,
      left);
  painter.restore();
}

void MatrixAxes::paintMarks(QPainter& painter) const {
  const QRectF area = frame.area();
  painter.setPen(QPen(colors(palette).accent, 2));
  double lastX = -1;
  double lastY = -1;
  for (const std::int64_t place : markedRows) {
    const QPointF at = frame.centerOf({place, place});
    // Of thousands of marks only those that can be told apart.
    if (at.y() >= area.top() && at.y() <= area.bottom() && std::abs(at.y() - lastY) >= 1) {
      lastY = at.y();
      painter.drawLine(QPointF(area.left() - kMarkLength, lastY), QPointF(area.left() - 1, lastY));
    }
    if (at.x() >= area.left() && at.x() <= area.right() && std::abs(at.x() - lastX) >= 1) {
      lastX = at.x();
      painter.drawLine(QPointF(lastX, area.top() - kMarkLength), QPointF(lastX, area.top() - 1));
    }
  }
}

}  // namespace barlow::ui
