#include "ui/plots/cell_histogram.h"

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

constexpr std::int64_t kMostBars = 90;
constexpr double kShareOfOne = 0.06;  // of the plot's height: a bar of a single cell is seen

double middleOf(const CellHistogram::Bar& bar) { return (bar.low + bar.high) / 2; }

}  // namespace

struct CellHistogram::Impl {
  CellHistogram* chart;
  CellPart part;
  PlotFrame frame;
  QString whyEmpty;
  QCPBars* inside;
  QCPBars* outside;  // beyond the histogram
  QCPBars* marked;
  std::vector<Bar> bars;
  std::int64_t bins = 0;
  double width = 0;  // of a bar, in values
  int mark = -1;

  bool isOutside(const Bar& bar) const { return bar.first < 0 || bar.first >= bins; }
  void group(const Histogram& histogram);
  void draw();
  void dress();
  void setMark(int index);
  std::optional<int> barAt(double x) const;
  void tell(int index);
};

void CellHistogram::Impl::group(const Histogram& histogram) {
  bars.clear();
  bins = static_cast<std::int64_t>(histogram.counts.size());
  std::int64_t first = bins;
  std::int64_t last = -1;
  for (std::int64_t bin = 0; bin < bins; ++bin) {
    if (histogram.counts[static_cast<std::size_t>(bin)] > 0) {
      first = std::min(first, bin);
      last = bin;
    }
  }
  const auto lowOf = [&](std::int64_t bin) { return static_cast<double>(histogram.binLow(bin)); };
  const std::int64_t factor = std::max<std::int64_t>(1, (last - first + kMostBars) / kMostBars);
  width = bins > 0 ? lowOf(factor) - lowOf(0) : 1;
  if (histogram.below > 0) {
    const double end = first < bins ? lowOf(first) : lowOf(0);
    bars.push_back({-1, -1, histogram.below, end - 2 * width, end - width});
  }
  for (std::int64_t begin = first; begin <= last; begin += factor) {
    const std::int64_t end = std::min(begin + factor, bins);
    Bar bar{begin, end - 1, 0, lowOf(begin), lowOf(end)};
    for (std::int64_t bin = begin; bin < end; ++bin) {
      bar.count += histogram.counts[static_cast<std::size_t>(bin)];
    }
    if (bar.count > 0) {
      bars.push_back(bar);
    }
  }
  if (histogram.above > 0) {
    const double end = last >= 0 ? lowOf(last + 1) : lowOf(bins);
    bars.push_back({bins, bins, histogram.above, end + width, end + 2 * width});
  }
}

void CellHistogram::Impl::draw() {
  std::uint64_t most = 10;  // two powers of ten at least
  for (QCPBars* each : {inside, outside, marked}) {
    each->setWidth(width);
    each->data()->clear();
  }
  for (const Bar& bar : bars) {
    most = std::max(most, bar.count);
    (isOutside(bar) ? outside : inside)->addData(middleOf(bar), static_cast<double>(bar.count));
  }
  if (mark >= 0) {
    const Bar& bar = bars[static_cast<std::size_t>(mark)];
    marked->addData(middleOf(bar), static_cast<double>(bar.count));
  }
  if (!bars.empty()) {
    const double least = 8 * width;  // a single bar does not fill the plot
    const double first = bars.front().low;
    const double last = bars.back().high;
    const double margin = std::max(width, (least - (last - first)) / 2);
    frame.plot->xAxis->setRange(first - margin, last + margin);
  }
  const double high = 2 * static_cast<double>(most);
  const double low = std::pow(high, -kShareOfOne / (1 - kShareOfOne));
  for (QCPBars* each : {inside, outside, marked}) {
    each->setBaseValue(low);
  }
  frame.setLogarithmicValues(low, high);
  frame.setEmptyText(bars.empty() ? whyEmpty : QString());
  chart->setAccessibleDescription(
      mark < 0 ? CellHistogram::tr("%1 bars, none marked.").arg(bars.size()) : frame.note->text());
  frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

void CellHistogram::Impl::dress() {
  frame.dress(*chart);
  const Colors& set = colors(chart->palette());
  const auto paint = [](QCPBars& plottable, const QColor& color) {
    plottable.setPen(Qt::NoPen);
    plottable.setBrush(color);
  };
  paint(*inside, part == CellPart::Diagonal ? set.series2 : set.accent);
  paint(*outside, set.bad);
  paint(*marked, chart->palette().color(QPalette::WindowText));
  frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

// The bar, and what it says, beside the title.
void CellHistogram::Impl::setMark(int index) {
  mark = index;
  if (index < 0) {
    frame.setNote({});
  } else {
    const Bar& bar = bars[static_cast<std::size_t>(index)];
    const QString cells = QLocale().toString(static_cast<qulonglong>(bar.count));
    frame.setNote(bar.first < 0       ? CellHistogram::tr("below the range: %1 cells").arg(cells)
                  : bar.first >= bins ? CellHistogram::tr("above the range: %1 cells").arg(cells)
                                      : CellHistogram::tr("%1 to %2: %3 cells")
                                            .arg(plotNumber(bar.low), plotNumber(bar.high), cells));
  }
  draw();
}

std::optional<int> CellHistogram::Impl::barAt(double x) const {
  const double value = frame.plot->xAxis->pixelToCoord(x);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (value >= bars[i].low && value < bars[i].high) {
      return static_cast<int>(i);
    }
  }
  return std::nullopt;
}

void CellHistogram::Impl::tell(int index) {
  const Bar& bar = bars[static_cast<std::size_t>(index)];
  Q_EMIT chart->binClicked(part, bar.first, bar.last);
}

CellHistogram::CellHistogram(CellPart part, const QString& title, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>()) {
  Impl& impl = *impl_;
  impl.chart = this;
  impl.part = part;
  impl.frame = PlotFrame::make(this, title);
  QCustomPlot* plot = impl.frame.plot;
  for (QCPBars** each : {&impl.inside, &impl.outside, &impl.marked}) {
    *each = new QCPBars(plot->xAxis, plot->yAxis);
  }
  impl.dress();
  impl.draw();
}

CellHistogram::~CellHistogram() { impl_->frame.plot->removeEventFilter(this); }

void CellHistogram::setEmptyText(const QString& sentence) { impl_->whyEmpty = sentence; }

void CellHistogram::setHistogram(const Histogram& histogram) {
  impl_->group(histogram);
  impl_->setMark(-1);
}

void CellHistogram::setHelp(const QString& sentence) {
  impl_->frame.title->setToolTip(wrappedTip(sentence));
}

const std::vector<CellHistogram::Bar>& CellHistogram::bars() const { return impl_->bars; }

QPoint CellHistogram::positionOf(const Bar& bar) const {
  const QCustomPlot* plot = impl_->frame.plot;
  return {qRound(plot->xAxis->coordToPixel(middleOf(bar))), plot->axisRect()->bottom() - 2};
}

void CellHistogram::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) {
    impl_->dress();
  }
}

void CellHistogram::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  // 2.1.0 looks at the ratio in its constructor only.
  impl_->frame.plot->setBufferDevicePixelRatio(devicePixelRatioF());
  impl_->frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

void CellHistogram::focusInEvent(QFocusEvent*) { impl_->dress(); }
void CellHistogram::focusOutEvent(QFocusEvent*) { impl_->dress(); }

void CellHistogram::keyPressEvent(QKeyEvent* event) {
  Impl& impl = *impl_;
  const int count = static_cast<int>(impl.bars.size());
  const bool isStep = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
  const bool isReturn = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (isStep && count > 0) {
    const int step = event->key() == Qt::Key_Left ? -1 : 1;
    impl.setMark(impl.mark < 0 ? (step > 0 ? 0 : count - 1)
                               : std::clamp(impl.mark + step, 0, count - 1));
  } else if (isReturn && impl.mark >= 0) {
    impl.tell(impl.mark);
  } else {
    QWidget::keyPressEvent(event);
  }
}

bool CellHistogram::eventFilter(QObject* watched, QEvent* event) {
  Impl& impl = *impl_;
  if (watched != impl.frame.plot) {
    return QWidget::eventFilter(watched, event);
  }
  const auto underCursor = [&] {
    return impl.barAt(static_cast<QMouseEvent*>(event)->position().x());
  };
  switch (event->type()) {
    case QEvent::MouseMove: {
      const int index = underCursor().value_or(-1);
      if (index != impl.mark) {
        impl.setMark(index);
      }
      return false;
    }
    case QEvent::MouseButtonPress:
      if (static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton) {
        setFocus(Qt::MouseFocusReason);
        if (const auto index = underCursor()) {
          impl.setMark(*index);
          impl.tell(*index);
        }
      }
      return false;
    case QEvent::Leave:
      impl.setMark(-1);
      return false;
    default:
      return false;
  }
}

}  // namespace barlow::ui
