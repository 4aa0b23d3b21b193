// How ColorLimitsBar looks; what it does is in color_limits_bar.cpp.
#include "ui/plots/color_limits_bar.h"
#include "ui/theme/theme.h"

#include <QImage>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

// The highest of the bins between two values: their sum would change with the axis.
std::uint64_t mostBetween(const Histogram& histogram, float low, float high) {
  const auto size = static_cast<std::int64_t>(histogram.counts.size());
  if (size == 0 || high < histogram.low || low > histogram.high) {
    return 0;
  }
  const std::int64_t first = std::clamp<std::int64_t>(histogram.binOf(low), 0, size - 1);
  const std::int64_t last = std::clamp<std::int64_t>(histogram.binOf(high), 0, size - 1);
  std::uint64_t most = 0;
  for (std::int64_t bin = first; bin <= last; ++bin) {
    most = std::max(most, histogram.counts[static_cast<std::size_t>(bin)]);
  }
  return most;
}

// 1, 2 or 5 times a power of ten, for about `count` steps in the range.
double niceStep(double range, int count) {
  const double raw = range / count;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double mantissa = raw / power;
  return power * (mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : mantissa < 7.5 ? 5 : 10);
}

}  // namespace

void ColorLimitsBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintHistograms(painter);
  paintBar(painter);
  paintTicks(painter);
  for (const Handle handle : {Handle::Low, Handle::High}) {
    paintHandle(painter, handle);
  }
}

void ColorLimitsBar::paintHistograms(QPainter& painter) const {
  if (diagonal_.counts.empty() && offDiagonal_.counts.empty()) {
    return;
  }
  const Colors& set = colors(palette());
  const QRect area(0, barArea().top(), barArea().left() - 3, barArea().height());
  painter.fillRect(area, set.surface);
  paintHistogram(painter, offDiagonal_, set.accent);
  paintHistogram(painter, diagonal_, set.series2);
  painter.setPen(set.quiet);
  const auto key = [&](const QColor& color, const QString& name, int line) {
    const int top = line == 0 ? 0 : height() - marginY() + 2;
    const int side = fontMetrics().height() / 2;
    painter.fillRect(QRect(1, top + side / 2 + 1, side, side), color);
    painter.drawText(QRect(side + 5, top, area.width() - side, fontMetrics().height()), 0, name);
  };
  if (!diagonal_.counts.empty()) {
    key(set.series2, tr("diagonal"), 0);
  }
  if (!offDiagonal_.counts.empty()) {
    key(set.accent, diagonal_.counts.empty() ? tr("cells") : tr("others"), 1);
  }
}

// Bars grow from the colour bar to the left, a few rows of pixels each: few cells in many bins
// would be mere stripes.
void ColorLimitsBar::paintHistogram(QPainter& painter,
                                    const Histogram& histogram,
                                    const QColor& color) const {
  const QRect bar = barArea();
  const int right = bar.left() - 3;
  if (histogram.counts.empty() || right < 4) {
    return;
  }
  const std::uint64_t most = *std::max_element(histogram.counts.begin(), histogram.counts.end());
  const double unit =
      (right - 2) / std::log1p(static_cast<double>(std::max<std::uint64_t>(1, most)));
  constexpr int kRows = 3;
  for (int y = bar.top(); y <= bar.bottom(); y += kRows) {
    const int rows = std::min(kRows, bar.bottom() + 1 - y);
    const std::uint64_t count = mostBetween(histogram, valueAt(y + rows), valueAt(y));
    if (count > 0) {
      const int length = std::max(1, qRound(unit * std::log1p(static_cast<double>(count))));
      painter.fillRect(QRect(right - length, y, length, rows), color);
    }
  }
}

void ColorLimitsBar::paintBar(QPainter& painter) const {
  const QRect area = barArea();
  if (area.height() < 1) {
    return;
  }
  QImage column(1, area.height(), QImage::Format_RGB32);
  for (int y = 0; y < area.height(); ++y) {
    column.setPixel(0, y, scale_.color(valueAt(area.top() + y + 0.5)));
  }
  painter.drawImage(area, column);
}

std::vector<float> ColorLimitsBar::tickValues() const {
  std::vector<float> values{0};
  if (color().scale == ScaleKind::Linear) {
    const double step =
        niceStep(static_cast<double>(axis_.high) - static_cast<double>(axis_.low), 6);
    const double first = std::ceil(static_cast<double>(axis_.low) / step);
    for (int i = 0; i < 12; ++i) {
      values.push_back(static_cast<float>((first + i) * step));
    }
  } else {
    const float most = std::max(std::abs(axis_.low), std::abs(axis_.high));
    for (double power = std::pow(10, std::floor(std::log10(static_cast<double>(most))));
         power > 1e-6 && values.size() < 16;
         power /= 10) {
      values.push_back(static_cast<float>(power));
      values.push_back(static_cast<float>(-power));
    }
  }
  std::erase_if(values, [this](float value) { return value < axis_.low || value > axis_.high; });
  return values;
}

void ColorLimitsBar::paintTicks(QPainter& painter) const {
  const Colors& set = colors(palette());
  const int left = barArea().right() + 1;
  std::vector<QRect> taken{labelArea(Handle::High), labelArea(Handle::Low)};
  for (const float value : tickValues()) {
    const int y = qRound(yOf(value));
    const int textHeight = fontMetrics().height();
    const QRect area(left + kGrip + 3, y - textHeight / 2, width(), textHeight);
    const bool isFree = std::none_of(
        taken.begin(), taken.end(), [&](const QRect& other) { return other.intersects(area); });
    painter.setPen(set.quiet);
    painter.drawLine(left, y, left + 3, y);
    if (isFree) {
      painter.drawText(area, Qt::AlignLeft | Qt::AlignVCenter, text(value));
      taken.push_back(area);
    }
  }
}

// Outwards of the handle, so that the two never cover each other.
QRect ColorLimitsBar::labelArea(Handle handle) const {
  const int textHeight = fontMetrics().height();
  const int y = qRound(yOf(valueOf(handle)));
  int top = handle == Handle::High ? y - textHeight : y;
  top = std::clamp(top, 0, std::max(0, height() - textHeight));
  return {barArea().right() + kGrip + 3, top, width(), textHeight};
}

void ColorLimitsBar::paintHandle(QPainter& painter, Handle handle) const {
  const QRect bar = barArea();
  const int y = std::clamp(qRound(yOf(valueOf(handle))), 0, height() - 1);
  const bool isMarked = hasFocus() && selected_ == handle;
  const QColor color = isMarked ? colors(palette()).accent : palette().color(QPalette::WindowText);
  painter.setPen(QPen(color, 1, Qt::DashLine));
  painter.drawLine(0, y, bar.left() - 4, y);
  painter.setPen(color);
  painter.drawLine(bar.left() - 3, y, bar.right() + 1, y);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(color);
  const int left = bar.right() + 1;
  painter.drawPolygon(QPolygon{
      QPoint(left, y), QPoint(left + kGrip, y - kGrip / 2), QPoint(left + kGrip, y + kGrip / 2)});
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setBrush(Qt::NoBrush);
  QFont bold = font();
  bold.setWeight(QFont::DemiBold);
  painter.setFont(bold);
  painter.drawText(labelArea(handle), Qt::AlignLeft | Qt::AlignVCenter, text(valueOf(handle)));
  painter.setFont(font());
}

}  // namespace barlow::ui
