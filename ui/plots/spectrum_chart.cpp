#include "ui/plots/spectrum_chart.h"

#include "ui/plots/plot_frame.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <qcustomplot.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr double kMostDecades = 8;  // below that it is rounding

}  // namespace

struct SpectrumChart::Impl {
  SpectrumChart* chart;
  PlotFrame frame;
  QString whyEmpty;
  std::array<QCPGraph*, 2> graphs{};
  std::array<std::vector<float>, 2> spectra;
  QCPItemStraightLine* cursor;
  std::int64_t number = 0;  // under the cursor; 0: none

  std::int64_t size() const {
    return static_cast<std::int64_t>(std::max(spectra[0].size(), spectra[1].size()));
  }
  void draw();
  void dress();
  void point(std::int64_t at);
};

void SpectrumChart::Impl::draw() {
  double high = 0;
  double low = 1;
  std::size_t longest = 1;
  for (std::size_t view = 0; view < 2; ++view) {
    QVector<double> keys;
    QVector<double> values;
    for (std::size_t i = 0; i < spectra[view].size() && spectra[view][i] > 0; ++i) {
      const auto value = static_cast<double>(spectra[view][i]);
      if (std::isfinite(value)) {
        keys.push_back(static_cast<double>(i + 1));
        values.push_back(value);
        high = std::max(high, value);
        low = std::min(low, value);
        longest = std::max(longest, i + 1);
      }
    }
    graphs[view]->setData(keys, values, true);
  }
  high = high > 0 ? high : 1;
  low = std::max(low, high * std::pow(10, -kMostDecades));
  frame.plot->xAxis->setRange(0.5, static_cast<double>(longest) + 0.5);
  frame.setLogarithmicValues(low / 1.5, high * 1.5);
  frame.setEmptyText(size() == 0 ? whyEmpty : QString());
  frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

void SpectrumChart::Impl::dress() {
  frame.dress(*chart);
  const Colors& set = colors(chart->palette());
  graphs[0]->setPen(QPen(set.accent, 0));
  graphs[1]->setPen(QPen(set.series2, 0, Qt::DashLine));
  cursor->setPen(QPen(set.quiet, 0, Qt::DotLine));
  point(number);
  frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

// The read-out of a number, or which line is which.
void SpectrumChart::Impl::point(std::int64_t at) {
  number = size() > 0 ? std::clamp<std::int64_t>(at, 0, size()) : 0;
  cursor->setVisible(number > 0);
  cursor->point1->setCoords(static_cast<double>(number), 0);
  cursor->point2->setCoords(static_cast<double>(number), 1);
  const Colors& set = colors(chart->palette());
  const auto key = [](const QColor& color, const QString& sign, const QString& name) {
    return QStringLiteral("<span style='color:%1'>%2</span> %3").arg(color.name(), sign, name);
  };
  frame.setNote(number > 0
                    ? chart->readOut(number)
                    : key(set.accent, QStringLiteral("─"), SpectrumChart::tr("view A")) +
                          QStringLiteral("&nbsp; ") +
                          key(set.series2, QStringLiteral("╌"), SpectrumChart::tr("view B")));
  chart->setAccessibleDescription(chart->readOut(std::max<std::int64_t>(1, number)));
  frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

SpectrumChart::SpectrumChart(QWidget* parent) : QWidget(parent), impl_(std::make_unique<Impl>()) {
  Impl& impl = *impl_;
  impl.chart = this;
  impl.frame = PlotFrame::make(this, tr("Eigenvalues"));
  impl.frame.note->setTextFormat(Qt::RichText);  // the colours of the lines
  impl.frame.title->setToolTip(wrappedTip(
      tr("Share of the embeddings' variance along each of their principal directions, largest "
         "first. Good is a curve that falls slowly: many directions are used. A steep fall means "
         "that few are, up to a collapse.")));
  QCustomPlot* plot = impl.frame.plot;
  for (QCPGraph*& graph : impl.graphs) {
    graph = plot->addGraph();
  }
  impl.cursor = new QCPItemStraightLine(plot);
  impl.cursor->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
  impl.cursor->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
  plot->xAxis->setNumberFormat(QStringLiteral("f"));
  plot->xAxis->setNumberPrecision(0);
  impl.dress();
  impl.draw();
}

SpectrumChart::~SpectrumChart() { impl_->frame.plot->removeEventFilter(this); }

void SpectrumChart::setEmptyText(const QString& sentence) { impl_->whyEmpty = sentence; }

void SpectrumChart::setSpectra(std::vector<float> a, std::vector<float> b) {
  impl_->spectra = {std::move(a), std::move(b)};
  impl_->draw();
  impl_->point(impl_->number);
}

QString SpectrumChart::readOut(std::int64_t number) const {
  QStringList parts;
  for (std::size_t view = 0; view < 2; ++view) {
    const auto& spectrum = impl_->spectra[view];
    if (number >= 1 && number <= static_cast<std::int64_t>(spectrum.size())) {
      const float value = spectrum[static_cast<std::size_t>(number - 1)];
      parts << (view == 0 ? tr("A %1") : tr("B %1")).arg(plotNumber(static_cast<double>(value)));
    }
  }
  return parts.isEmpty()
             ? QString()
             : QStringLiteral("%1: %2").arg(QLocale().toString(static_cast<qlonglong>(number)),
                                            parts.join(QStringLiteral(", ")));
}

SpectrumChart::View SpectrumChart::view() const {
  const QCPRange x = impl_->frame.plot->xAxis->range();
  const QCPRange y = impl_->frame.plot->yAxis->range();
  return {x.lower, x.upper, y.lower, y.upper};
}

void SpectrumChart::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) {
    impl_->dress();
  }
}

void SpectrumChart::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  // 2.1.0 looks at the ratio in its constructor only.
  impl_->frame.plot->setBufferDevicePixelRatio(devicePixelRatioF());
  impl_->frame.plot->replot(QCustomPlot::rpQueuedReplot);
}

void SpectrumChart::focusInEvent(QFocusEvent*) { impl_->dress(); }
void SpectrumChart::focusOutEvent(QFocusEvent*) { impl_->dress(); }

void SpectrumChart::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
    impl_->point(
        std::max<std::int64_t>(1, impl_->number + (event->key() == Qt::Key_Left ? -1 : 1)));
    return;
  }
  QWidget::keyPressEvent(event);
}

bool SpectrumChart::eventFilter(QObject* watched, QEvent* event) {
  if (watched == impl_->frame.plot) {
    if (event->type() == QEvent::MouseMove) {
      const double at =
          impl_->frame.plot->xAxis->pixelToCoord(static_cast<QMouseEvent*>(event)->position().x());
      impl_->point(std::max<std::int64_t>(1, std::llround(at)));
    } else if (event->type() == QEvent::Leave) {
      impl_->point(0);
    } else if (event->type() == QEvent::MouseButtonPress) {
      setFocus(Qt::MouseFocusReason);
    }
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace barlow::ui
