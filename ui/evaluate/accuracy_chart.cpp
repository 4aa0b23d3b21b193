#include "ui/evaluate/accuracy_chart.h"

#include "ui/evaluate/evaluation_text.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace barlow::ui {
namespace {

constexpr double kRadius = 4;
constexpr double kReach = 24;  // of the pointer, in pixels

}  // namespace

AccuracyChart::AccuracyChart(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("accuracyChart"));
  setAccessibleName(tr("Top-1 against the epoch"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
}

void AccuracyChart::setSeries(std::vector<Series> series) {
  series_ = std::move(series);
  read_.reset();
  lastEpoch_ = 1;
  low_ = 1;
  high_ = 0;
  QStringList words;
  for (const Series& each : series_) {
    for (const QPointF& point : each.points) {
      lastEpoch_ = std::max(lastEpoch_, point.x());
      low_ = std::min(low_, point.y());
      high_ = std::max(high_, point.y());
      words << tr("%1: epoch %2, %3").arg(each.name).arg(point.x()).arg(percent(point.y()));
    }
  }
  // In fifths from a tenth on, so that the lines between are whole percentages.
  low_ = std::clamp(std::floor(low_ * 10 - 0.2) / 10, 0.0, 0.8);
  high_ = low_ + std::max(1.0, std::ceil((high_ - low_) * 5 + 0.1)) / 5;
  if (high_ > 1) {
    low_ = std::max(0.0, low_ - (high_ - 1));
    high_ = 1;
  }
  setAccessibleDescription(words.join(QStringLiteral("; ")));
  update();
}

QRectF AccuracyChart::plot() const {
  const QFontMetrics metrics = fontMetrics();
  const double left = metrics.horizontalAdvance(QStringLiteral("100 %")) + kGap;
  const double top =
      metrics.height() * (1.0 + static_cast<double>(std::min<std::size_t>(4, series_.size()))) +
      kGap;
  return QRectF(rect()).adjusted(left, top, -kGap, -(metrics.height() + kGap));
}

QPointF AccuracyChart::onScreen(const QPointF& point) const {
  const QRectF area = plot();
  return {area.left() + area.width() * point.x() / lastEpoch_,
          area.bottom() - area.height() * (point.y() - low_) / (high_ - low_)};
}

QColor AccuracyChart::colorOf(std::size_t series) const {
  const Colors& tone = colors(palette());
  if (series_[series].isPublished) {
    return tone.quiet;
  }
  const std::array<QColor, 4> set = {tone.accent, tone.series2, tone.series3, tone.series4};
  return set.at(series % set.size());
}

void AccuracyChart::drawAxes(QPainter& painter) const {
  const Colors& tone = colors(palette());
  const QRectF area = plot();
  const QFontMetrics metrics = fontMetrics();
  painter.setPen(palette().color(QPalette::WindowText));
  painter.drawText(QRectF(0, 0, width(), metrics.height()),
                   Qt::AlignLeft,
                   metrics.elidedText(tr("Top-1 against the epoch"), Qt::ElideRight, width()));
  const int lines = area.height() > 90 ? 4 : 2;
  for (int i = 0; i <= lines; ++i) {
    const double share = low_ + (high_ - low_) * i / lines;
    const double y = std::round(onScreen({0, share}).y()) + 0.5;
    painter.setPen(tone.line);
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setPen(tone.quiet);
    painter.drawText(
        QRectF(0, y - metrics.height() / 2.0, area.left() - kGap / 2, metrics.height()),
        Qt::AlignRight | Qt::AlignVCenter,
        percent(share, 0));
  }
  const QRectF below(area.left(), area.bottom() + 2, area.width(), metrics.height());
  painter.drawText(below, Qt::AlignLeft, QStringLiteral("0"));
  painter.drawText(below, Qt::AlignRight, QLocale().toString(lastEpoch_, 'f', 0));
  painter.drawText(below, Qt::AlignHCenter, tr("epoch"));
}

void AccuracyChart::drawMark(QPainter& painter,
                             std::size_t series,
                             const QPointF& at,
                             double radius) const {
  const QColor color = colorOf(series);
  painter.setPen(QPen(color, 1.4));
  painter.setBrush(series_[series].isPublished ? QBrush(Qt::NoBrush) : QBrush(color));
  switch (series % 4) {
    case 0:
      painter.drawEllipse(at, radius, radius);
      break;
    case 1:
      painter.drawRect(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius));
      break;
    case 2:
      painter.drawPolygon(QPolygonF({{at.x(), at.y() - radius},
                                     {at.x() + radius, at.y() + radius},
                                     {at.x() - radius, at.y() + radius}}));
      break;
    default:
      painter.drawPolygon(QPolygonF({{at.x(), at.y() - radius},
                                     {at.x() + radius, at.y()},
                                     {at.x(), at.y() + radius},
                                     {at.x() - radius, at.y()}}));
  }
}

void AccuracyChart::drawSeries(QPainter& painter, std::size_t index) const {
  const Series& series = series_[index];
  QPolygonF line;
  for (const QPointF& point : series.points) {
    line << onScreen(point);
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(colorOf(index), 1.4, series.isPublished ? Qt::DashLine : Qt::SolidLine));
  painter.drawPolyline(line);
  for (const QPointF& at : line) {
    drawMark(painter, index, at, series.isPublished ? kRadius - 1.5 : kRadius);
  }
}

void AccuracyChart::drawLegend(QPainter& painter) const {
  const QFontMetrics metrics = fontMetrics();
  const std::size_t most = std::min<std::size_t>(4, series_.size());
  for (std::size_t i = 0; i < most; ++i) {
    const double top = metrics.height() * (1.0 + static_cast<double>(i));
    drawMark(painter, i, {kRadius + 2, top + metrics.height() / 2.0}, kRadius - 1);
    painter.setPen(colors(palette()).quiet);
    const int left = kWideGap;
    const bool isLast = i + 1 == most && series_.size() > most;
    const QString name = isLast
                             ? tr("%1, and %2 more").arg(series_[i].name).arg(series_.size() - most)
                             : series_[i].name;
    painter.drawText(QRectF(left, top, width() - left, metrics.height()),
                     Qt::AlignVCenter,
                     metrics.elidedText(name, Qt::ElideRight, width() - left));
  }
}

void AccuracyChart::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (series_.empty()) {
    painter.setPen(colors(palette()).quiet);
    painter.drawText(rect().adjusted(kGap, kGap, -kGap, -kGap),
                     Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Evaluate several checkpoints to see a curve against the epoch."));
    return;
  }
  drawAxes(painter);
  for (std::size_t i = series_.size(); i-- > 0;) {
    drawSeries(painter, i);
  }
  drawLegend(painter);
  if (read_) {
    const QPointF at = onScreen(series_[read_->series].points[read_->point]);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette().color(QPalette::WindowText), 1.4));
    painter.drawEllipse(at, kRadius + 3, kRadius + 3);
  }
}

QString AccuracyChart::readOut() const {
  if (!read_) {
    return {};
  }
  const Series& series = series_[read_->series];
  const QPointF& point = series.points[read_->point];
  return tr("%1: %2 at epoch %3")
      .arg(series.name, percent(point.y()), QLocale().toString(point.x(), 'f', 0));
}

void AccuracyChart::setRead(std::optional<Place> place) {
  read_ = place;
  setToolTip(readOut());
  update();
}

void AccuracyChart::mouseMoveEvent(QMouseEvent* event) {
  std::optional<Place> nearest;
  double best = kReach;
  for (std::size_t i = 0; i < series_.size(); ++i) {
    for (std::size_t j = 0; j < series_[i].points.size(); ++j) {
      const QPointF apart = onScreen(series_[i].points[j]) - event->position();
      const double distance = std::hypot(apart.x(), apart.y());
      if (distance < best) {
        best = distance;
        nearest = Place{i, j};
      }
    }
  }
  setRead(nearest);
}

void AccuracyChart::leaveEvent(QEvent*) { setRead({}); }

void AccuracyChart::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  if (!read_ && !series_.empty()) {
    setRead(Place{});
  }
}

void AccuracyChart::keyPressEvent(QKeyEvent* event) {
  const int by = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
  const int other = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
  if (series_.empty() || (by == 0 && other == 0)) {
    QWidget::keyPressEvent(event);
    return;
  }
  Place place = read_.value_or(Place{});
  const auto stepped = [](std::size_t at, int step, std::size_t count) {
    return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(
        static_cast<std::ptrdiff_t>(at) + step, 0, static_cast<std::ptrdiff_t>(count) - 1));
  };
  place.series = stepped(place.series, other, series_.size());
  place.point = stepped(place.point, by, series_[place.series].points.size());
  setRead(place);
  setAccessibleDescription(readOut());
}

}  // namespace barlow::ui
