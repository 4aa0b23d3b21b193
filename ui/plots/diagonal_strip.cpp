#include "ui/plots/diagonal_strip.h"

#include "ui/plots/plot_frame.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr std::size_t kMostDots = 80;  // more of them would touch

}  // namespace

struct DiagonalStrip::Impl {
  DiagonalStrip* strip;
  PlotFrame frame;
  QString whyEmpty;
  QCPGraph* graph;
  QCPItemStraightLine* line;
  QCPItemRect* shade;
  std::vector<float> values;  // by dimension
  Order order;                // as given; empty: original
  Order places;               // dimension at each place
  bool isSorted = false;
  std::optional<double> threshold;
  std::optional<Brush> brush;
  std::int64_t anchor = 0;  // the end of the brush that stays
  bool isDragging = false;

  std::int64_t size() const { return static_cast<std::int64_t>(places.size()); }
  std::int64_t placeAt(double x) const {
    const double place = std::round(frame.plot->xAxis->pixelToCoord(x));
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(place), 0, size() - 1);
  }
  void arrange();
  void draw();
  void drawMarks();
  void dress();
  void setBrush(std::optional<Brush> next);
  void extendTo(std::int64_t place);
  void tell();
  void readOut(std::int64_t place);
  void describe();
};

void DiagonalStrip::Impl::arrange() {
  const auto count = static_cast<std::int64_t>(values.size());
  places = isSorted                                    ? orderByKeys(values)
           : isOrderOf(order, count) && !order.empty() ? order
                                                       : originalOrder(count);
  if (brush && brush->last >= count) {
    brush.reset();
  }
  draw();
}

void DiagonalStrip::Impl::draw() {
  QVector<double> keys;
  QVector<double> heights;
  double low = 0;
  double high = 1;
  for (std::int64_t place = 0; place < size(); ++place) {
    const auto dimension = static_cast<std::size_t>(places[static_cast<std::size_t>(place)]);
    const auto value = static_cast<double>(values[dimension]);
    keys.push_back(static_cast<double>(place));
    heights.push_back(std::isfinite(value) ? value : std::nan(""));  // a gap
    if (std::isfinite(value)) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  graph->setData(keys, heights, true);
  graph->setScatterStyle(values.size() <= kMostDots ? QCPScatterStyle(QCPScatterStyle::ssDisc, 4)
                                                    : QCPScatterStyle(QCPScatterStyle::ssNone));
  frame.plot->xAxis->setRange(-0.5, std::max(0.5, static_cast<double>(size()) - 0.5));
  frame.plot->yAxis->setRange(low - 0.05 * (high - low), high + 0.05 * (high - low));
  frame.setEmptyText(values.empty() ? whyEmpty : QString());
  drawMarks();
}

// Without the curve, which may have many points.
void DiagonalStrip::Impl::drawMarks() {
  line->setVisible(threshold.has_value() && !values.empty());
  line->point1->setCoords(0, threshold.value_or(0));
  line->point2->setCoords(1, threshold.value_or(0));
  shade->setVisible(brush.has_value());
  if (brush) {
    shade->topLeft->setCoords(static_cast<double>(brush->first) - 0.5, 0);
    shade->bottomRight->setCoords(static_cast<double>(brush->last) + 0.5, 1);
  }
  describe();
  frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

void DiagonalStrip::Impl::dress() {
  frame.dress(*strip);
  const Colors& set = colors(strip->palette());
  graph->setPen(QPen(set.series2, 0));
  line->setPen(QPen(set.quiet, 0, Qt::DashLine));
  QColor shadow = set.accent;
  shadow.setAlphaF(0.25F);
  shade->setBrush(shadow);
  shade->setPen(QPen(set.accent, 0));
  frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

void DiagonalStrip::Impl::setBrush(std::optional<Brush> next) {
  if (brush != next) {
    brush = next;
    drawMarks();
  }
}

void DiagonalStrip::Impl::extendTo(std::int64_t place) {
  setBrush(Brush{std::min(anchor, place), std::max(anchor, place)});
  readOut(place);
}

void DiagonalStrip::Impl::tell() {
  if (!brush) {
    Q_EMIT strip->brushCleared();
    return;
  }
  const std::vector<std::int32_t> dimensions(places.begin() + brush->first,
                                             places.begin() + brush->last + 1);
  Q_EMIT strip->rangeBrushed(brush->first, brush->last, dimensions);
}

void DiagonalStrip::Impl::readOut(std::int64_t place) {
  const std::int32_t dimension = places[static_cast<std::size_t>(place)];
  frame.setNote(
      DiagonalStrip::tr("C_ii of %1: %2")
          .arg(QLocale().toString(dimension),
               plotNumber(static_cast<double>(values[static_cast<std::size_t>(dimension)]))));
}

void DiagonalStrip::Impl::describe() {
  strip->setAccessibleDescription(
      brush ? DiagonalStrip::tr("Places %1 to %2 of %3 are marked.")
                  .arg(QLocale().toString(static_cast<qlonglong>(brush->first)),
                       QLocale().toString(static_cast<qlonglong>(brush->last)),
                       QLocale().toString(static_cast<qlonglong>(size())))
            : DiagonalStrip::tr("%1 values, none marked.")
                  .arg(QLocale().toString(static_cast<qlonglong>(size()))));
}

DiagonalStrip::DiagonalStrip(QWidget* parent) : QWidget(parent), impl_(std::make_unique<Impl>()) {
  Impl& impl = *impl_;
  impl.strip = this;
  impl.frame = PlotFrame::make(this, tr("Diagonal"));
  QCustomPlot* plot = impl.frame.plot;
  impl.graph = plot->addGraph();
  impl.line = new QCPItemStraightLine(plot);
  impl.line->point1->setTypeX(QCPItemPosition::ptAxisRectRatio);
  impl.line->point2->setTypeX(QCPItemPosition::ptAxisRectRatio);
  impl.shade = new QCPItemRect(plot);
  impl.shade->topLeft->setTypeY(QCPItemPosition::ptAxisRectRatio);
  impl.shade->bottomRight->setTypeY(QCPItemPosition::ptAxisRectRatio);
  plot->xAxis->setNumberFormat(QStringLiteral("f"));
  plot->xAxis->setNumberPrecision(0);
  impl.dress();
  impl.arrange();
}

DiagonalStrip::~DiagonalStrip() { impl_->frame.plot->removeEventFilter(this); }

void DiagonalStrip::setEmptyText(const QString& sentence) { impl_->whyEmpty = sentence; }

void DiagonalStrip::setHelp(const QString& sentence) {
  impl_->frame.title->setToolTip(wrappedTip(sentence));
}

void DiagonalStrip::setDiagonal(std::vector<float> values, const Order& order) {
  if (values.size() != impl_->values.size()) {
    impl_->brush.reset();
  }
  impl_->values = std::move(values);
  impl_->order = order;
  impl_->arrange();
}

// What was marked is somewhere else now.
void DiagonalStrip::setSorted(bool isSorted) {
  if (impl_->isSorted == isSorted) {
    return;
  }
  impl_->isSorted = isSorted;
  const bool wasMarked = impl_->brush.has_value();
  impl_->brush.reset();
  impl_->arrange();
  if (wasMarked) {
    impl_->tell();
  }
}

void DiagonalStrip::setThreshold(std::optional<double> threshold) {
  impl_->threshold = threshold;
  impl_->drawMarks();
}

std::vector<std::int32_t> DiagonalStrip::belowThreshold() const {
  std::vector<std::int32_t> found;
  for (std::size_t i = 0; impl_->threshold && i < impl_->values.size(); ++i) {
    if (!(static_cast<double>(impl_->values[i]) >= *impl_->threshold)) {
      found.push_back(static_cast<std::int32_t>(i));
    }
  }
  return found;
}

const std::optional<DiagonalStrip::Brush>& DiagonalStrip::brush() const { return impl_->brush; }

std::int32_t DiagonalStrip::dimensionAt(std::int64_t place) const {
  return impl_->places.at(static_cast<std::size_t>(place));
}

QPoint DiagonalStrip::positionOf(std::int64_t place) const {
  const QCustomPlot* plot = impl_->frame.plot;
  return {qRound(plot->xAxis->coordToPixel(static_cast<double>(place))),
          plot->axisRect()->center().y()};
}

void DiagonalStrip::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) {
    impl_->dress();
  }
}

void DiagonalStrip::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  // 2.1.0 looks at the ratio in its constructor only.
  impl_->frame.plot->setBufferDevicePixelRatio(devicePixelRatioF());
  impl_->frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

void DiagonalStrip::focusInEvent(QFocusEvent*) { impl_->dress(); }
void DiagonalStrip::focusOutEvent(QFocusEvent*) { impl_->dress(); }

void DiagonalStrip::keyPressEvent(QKeyEvent* event) {
  Impl& impl = *impl_;
  if (event->key() == Qt::Key_Escape && impl.brush) {
    impl.setBrush(std::nullopt);
    impl.tell();
    return;
  }
  const bool isBack = event->key() == Qt::Key_Left || event->key() == Qt::Key_Home;
  const bool isForth = event->key() == Qt::Key_Right || event->key() == Qt::Key_End;
  if (impl.values.empty() || (!isBack && !isForth)) {
    QWidget::keyPressEvent(event);
    return;
  }
  const bool isFar = event->key() == Qt::Key_Home || event->key() == Qt::Key_End;
  std::int64_t place = 0;
  if (impl.brush) {  // the end that moves
    const bool isLastMoving = impl.anchor == impl.brush->first;
    place = (isLastMoving ? impl.brush->last : impl.brush->first) + (isBack ? -1 : 1);
  }
  place =
      isFar ? (isBack ? 0 : impl.size() - 1) : std::clamp<std::int64_t>(place, 0, impl.size() - 1);
  if (!event->modifiers().testFlag(Qt::ShiftModifier) || !impl.brush) {
    impl.anchor = place;
  }
  impl.extendTo(place);
  impl.tell();
}

bool DiagonalStrip::eventFilter(QObject* watched, QEvent* event) {
  Impl& impl = *impl_;
  if (watched != impl.frame.plot || impl.values.empty()) {
    return QWidget::eventFilter(watched, event);
  }
  const auto place = [&] { return impl.placeAt(static_cast<QMouseEvent*>(event)->position().x()); };
  switch (event->type()) {
    case QEvent::MouseButtonPress:
      if (static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton) {
        setFocus(Qt::MouseFocusReason);
        impl.isDragging = true;
        impl.anchor = place();
        impl.extendTo(impl.anchor);
      }
      return false;
    case QEvent::MouseMove:
      if (impl.isDragging) {
        impl.extendTo(place());
      } else {
        impl.readOut(place());
      }
      return false;
    case QEvent::MouseButtonRelease:
      if (std::exchange(impl.isDragging, false)) {
        impl.tell();
      }
      return false;
    case QEvent::MouseButtonDblClick:
      impl.isDragging = false;
      impl.setBrush(std::nullopt);
      impl.tell();
      return true;
    case QEvent::Leave:
      impl.frame.setNote({});
      return false;
    default:
      return false;
  }
}

}  // namespace barlow::ui
