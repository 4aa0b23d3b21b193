#include "ui/plots/color_limits_bar.h"

#include "core/base/error.h"
#include "ui/theme/tool_tip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kBarWidth = 18;
constexpr double kAxisMargin = 0.025;  // of the axis beyond what it must show
constexpr double kKeyStep = 0.01;      // of the axis

// Bins [first, second) of a histogram that hold anything; equal where none does.
std::pair<std::int64_t, std::int64_t> filledBins(const Histogram& histogram) {
  const auto isFilled = [](std::uint64_t count) { return count > 0; };
  const auto first = std::find_if(histogram.counts.begin(), histogram.counts.end(), isFilled);
  const auto last = std::find_if(histogram.counts.rbegin(), histogram.counts.rend(), isFilled);
  return {first - histogram.counts.begin(), last.base() - histogram.counts.begin()};
}

}  // namespace

ColorLimitsBar::ColorLimitsBar(QWidget* parent) : QWidget(parent), scale_(ColorSettings{}) {
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
  setAccessibleName(tr("Colour limits"));
  fitAxis();
  describe();
}

void ColorLimitsBar::setColor(const ColorSettings& settings) {
  if (settings == color()) {
    return;
  }
  const bool isSameScale = settings.scale == color().scale;
  scale_ = ColorScale(settings);
  const bool isInside = settings.low >= axis_.low && settings.high <= axis_.high;
  if (!drag_ && (!isSameScale || !isInside || !isStretched_)) {
    isStretched_ = isStretched_ && isSameScale && isInside;
    fitAxis();
  }
  describe();
  update();
}

void ColorLimitsBar::setHistograms(const Histogram& diagonal, const Histogram& offDiagonal) {
  diagonal_ = diagonal;
  offDiagonal_ = offDiagonal;
  if (!drag_ && !isStretched_) {
    fitAxis();
  }
  update();
}

void ColorLimitsBar::setSymmetric(bool isSymmetric) { isSymmetric_ = isSymmetric; }

// Everything that was counted, and both limits.
void ColorLimitsBar::fitAxis() {
  float low = color().low;
  float high = color().high;
  for (const Histogram* histogram : {&diagonal_, &offDiagonal_}) {
    const auto [first, last] = filledBins(*histogram);
    if (first < last) {
      low = std::min(low, histogram->below > 0 ? histogram->low : histogram->binLow(first));
      high = std::max(high, histogram->above > 0 ? histogram->high : histogram->binLow(last));
    }
  }
  const float from = scale_.position(low);
  const float to = scale_.position(high);
  const auto margin = static_cast<float>(kAxisMargin) * (to - from);
  axis_ = {scale_.valueAt(from - margin), scale_.valueAt(to + margin)};
}

int ColorLimitsBar::marginY() const { return fontMetrics().height() + 2; }

QRect ColorLimitsBar::barArea() const {
  const int labels = fontMetrics().horizontalAdvance(QStringLiteral("-0.0888")) + kGrip + 6;
  return {width() - labels - kBarWidth, marginY(), kBarWidth, height() - 2 * marginY()};
}

double ColorLimitsBar::yOf(float value) const {
  const QRect area = barArea();
  const double from = static_cast<double>(scale_.position(axis_.low));
  const double to = static_cast<double>(scale_.position(axis_.high));
  const double share = (static_cast<double>(scale_.position(value)) - from) / (to - from);
  return area.top() + (1 - share) * area.height();
}

float ColorLimitsBar::valueAt(double y) const {
  const QRect area = barArea();
  const double from = static_cast<double>(scale_.position(axis_.low));
  const double to = static_cast<double>(scale_.position(axis_.high));
  const double share = 1 - (y - area.top()) / std::max(1, area.height());
  return scale_.valueAt(static_cast<float>(from + share * (to - from)));
}

QString ColorLimitsBar::text(float value) {
  return QLocale().toString(static_cast<double>(value), 'g', 3);
}

QSize ColorLimitsBar::sizeHint() const { return {150, 260}; }
QSize ColorLimitsBar::minimumSizeHint() const { return {110, 140}; }

float ColorLimitsBar::valueOf(Handle handle) const {
  return handle == Handle::High ? color().high : color().low;
}

std::optional<ColorLimitsBar::Handle> ColorLimitsBar::handleAt(double y) const {
  const double high = yOf(color().high);
  const double low = yOf(color().low);
  const bool isUpper = y < (high + low) / 2;
  if (std::abs(y - (isUpper ? high : low)) > kGrip + 3) {
    return std::nullopt;
  }
  return isUpper ? Handle::High : Handle::Low;
}

void ColorLimitsBar::moveHandle(Handle handle, float value) {
  ColorSettings next = color();
  // The limits stay apart by what can still be told apart on the axis.
  const float apart = std::max(1e-3F * (axis_.high - axis_.low), 1e-30F);
  if (isSymmetric_) {
    const float size = std::max(handle == Handle::High ? value : -value, apart / 2);
    next.low = -size;
    next.high = size;
  } else if (handle == Handle::High) {
    next.high = std::max(value, next.low + apart);
  } else {
    next.low = std::min(value, next.high - apart);
  }
  const bool isUsable = std::isfinite(next.low) && std::isfinite(next.high) && next.low < next.high;
  if (!isUsable || next == color()) {
    return;
  }
  try {
    scale_ = ColorScale(next);
  } catch (const Exception&) {
    return;  // too close to each other for this scale: the handle stays where it is
  }
  describe();
  update();
  Q_EMIT limitsChanged(next.low, next.high);
}

void ColorLimitsBar::commit() {
  const bool isOutside = color().low < axis_.low || color().high > axis_.high;
  if (!isStretched_ || isOutside) {
    isStretched_ = false;
    fitAxis();
  }
  update();
  Q_EMIT limitsCommitted(color().low, color().high);
}

void ColorLimitsBar::describe() {
  setAccessibleDescription(tr("%1 limit selected; the colours reach from %2 to %3.")
                               .arg(selected_ == Handle::High ? tr("Upper") : tr("Lower"),
                                    text(color().low),
                                    text(color().high)));
}

QString ColorLimitsBar::countsAt(double y) const {
  const float value = valueAt(y);
  QStringList parts{text(value)};
  const auto add = [&](const Histogram& histogram, const QString& name) {
    const std::int64_t bin = histogram.counts.empty() ? -1 : histogram.binOf(value);
    if (bin >= 0 && bin < static_cast<std::int64_t>(histogram.counts.size())) {
      const auto count = static_cast<qulonglong>(histogram.counts[static_cast<std::size_t>(bin)]);
      parts << name.arg(QLocale().toString(count));
    }
  };
  add(diagonal_, tr("diagonal: %1 cells"));
  add(offDiagonal_, tr("off-diagonal: %1 cells"));
  return parts.join(QLatin1Char('\n'));
}

bool ColorLimitsBar::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const QRect bar = barArea();
    const bool isOnAxis = help->pos().y() >= bar.top() && help->pos().y() <= bar.bottom();
    QToolTip::showText(
        help->globalPos(),
        isOnAxis ? countsAt(help->pos().y())
                 : wrappedTip(tr("Drag the two handles to change the colour limits. The wheel "
                                 "stretches the axis, a double click shows all of it.")),
        this);
    return true;
  }
  return QWidget::event(event);
}

void ColorLimitsBar::mousePressEvent(QMouseEvent* event) {
  const double y = event->position().y();
  const auto handle = handleAt(y);
  if (event->button() != Qt::LeftButton || !handle) {
    return;
  }
  selected_ = *handle;
  drag_ = Drag{.offset = yOf(valueOf(*handle)) - y, .before = limits()};
  describe();
  update();
}

void ColorLimitsBar::mouseMoveEvent(QMouseEvent* event) {
  if (drag_) {
    moveHandle(selected_, valueAt(event->position().y() + drag_->offset));
  }
}

void ColorLimitsBar::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !drag_) {
    return;
  }
  const bool isMoved = drag_->before != limits();
  drag_.reset();
  if (isMoved) {
    commit();
  }
}

void ColorLimitsBar::mouseDoubleClickEvent(QMouseEvent*) {
  drag_.reset();
  isStretched_ = false;
  fitAxis();
  update();
}

void ColorLimitsBar::wheelEvent(QWheelEvent* event) {
  const double factor = std::pow(0.999, event->angleDelta().y());
  const float center = scale_.position(valueAt(event->position().y()));
  const auto ends = [&](float value) {
    const auto distance = static_cast<double>(scale_.position(value) - center);
    return scale_.valueAt(center + static_cast<float>(factor * distance));
  };
  const ColorLimits next{ends(axis_.low), ends(axis_.high)};
  const float span = next.high - next.low;
  if (std::isfinite(span) && span > 1e-6F && span < 1e6F) {
    axis_ = next;
    isStretched_ = true;
    update();
  }
  event->accept();
}

void ColorLimitsBar::keyPressEvent(QKeyEvent* event) {
  double step = event->modifiers().testFlag(Qt::ShiftModifier) ? 0.1 * kKeyStep : kKeyStep;
  switch (event->key()) {
    case Qt::Key_Up:
      break;
    case Qt::Key_Down:
      step = -step;
      break;
    case Qt::Key_PageUp:
      step *= 10;
      break;
    case Qt::Key_PageDown:
      step *= -10;
      break;
    case Qt::Key_Escape:
      if (drag_) {
        const ColorLimits before = drag_->before;
        drag_.reset();
        ColorSettings settings = color();
        settings.low = before.low;
        settings.high = before.high;
        setColor(settings);
        Q_EMIT limitsChanged(before.low, before.high);
        return;
      }
      [[fallthrough]];
    default:
      QWidget::keyPressEvent(event);
      return;
  }
  const float axisSize = scale_.position(axis_.high) - scale_.position(axis_.low);
  const float at = scale_.position(valueOf(selected_)) + static_cast<float>(step) * axisSize;
  isMovedByKey_ = true;
  moveHandle(selected_, scale_.valueAt(at));
}

void ColorLimitsBar::keyReleaseEvent(QKeyEvent* event) {
  if (!event->isAutoRepeat() && std::exchange(isMovedByKey_, false)) {
    commit();
    return;
  }
  QWidget::keyReleaseEvent(event);
}

void ColorLimitsBar::focusInEvent(QFocusEvent* event) {
  if (event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason) {
    selected_ = event->reason() == Qt::TabFocusReason ? Handle::High : Handle::Low;
    describe();
  }
  update();
}

void ColorLimitsBar::focusOutEvent(QFocusEvent*) {
  if (std::exchange(isMovedByKey_, false)) {
    commit();
  }
  update();
}

bool ColorLimitsBar::focusNextPrevChild(bool next) {
  const Handle target = next ? Handle::Low : Handle::High;
  if (hasFocus() && selected_ != target) {
    selected_ = target;
    describe();
    update();
    return true;
  }
  return QWidget::focusNextPrevChild(next);
}

}  // namespace barlow::ui
