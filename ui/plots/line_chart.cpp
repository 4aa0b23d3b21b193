#include "ui/plots/line_chart.h"

#include "ui/plots/series_data.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QEvent>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QTimer>
#include <QToolTip>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow::ui {
namespace {

constexpr int kFrameMs = 20;                 // gathers points that are appended one by one
constexpr std::size_t kRangeSamples = 4000;  // enough to find the range of the values in sight

QString shortNumber(double value) {
  return std::isfinite(value) ? QLocale().toString(value, 'g', 4) : QStringLiteral("–");
}

// Whole steps only, and no more than there is room for.
class StepTicker final : public QCPAxisTicker {
 public:
  void setMost(double most) { most_ = most; }

 protected:
  double getTickStep(const QCPRange& range) override {
    double step = std::max(1.0, QCPAxisTicker::getTickStep(range));
    while (range.size() / step > most_ || step != std::floor(step)) {
      step = rounder(step);
    }
    return step;
  }
  int getSubTickCount(double) override { return 0; }

 private:
  // The next of 1, 2, 5, 10, 20, ...
  static double rounder(double step) {
    const double power = std::pow(10.0, std::floor(std::log10(step)));
    const double mantissa = step / power;
    return power * (mantissa < 1.5 ? 2 : mantissa < 4 ? 5 : 10);
  }

  double most_ = 10;
};

// 1, 2, 5 within a decade while few decades are in sight, else powers of ten.
class LogTicker final : public QCPAxisTicker {
 public:
  /// The room that a number needs, as a share of the axis.
  void setLeastGap(double share) { leastGap_ = share; }

 protected:
  QVector<double> createTickVector(double, const QCPRange& range) override {
    QVector<double> ticks;
    const double decades = std::log10(range.upper / range.lower);
    const std::vector<double> mantissas =
        decades > 3.5   ? std::vector<double>{1}
        : decades > 0.7 ? std::vector<double>{1, 2, 5}
                        : std::vector<double>{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9};
    fill(ticks, range, mantissas);
    QVector<double> kept;
    for (const double tick : ticks) {
      if (kept.isEmpty() || std::log10(tick / kept.back()) >= leastGap_ * decades) {
        kept.push_back(tick);
      }
    }
    return kept;
  }
  QVector<double> createSubTickVector(int, const QVector<double>&) override { return {}; }

 private:
  static void fill(QVector<double>& ticks,
                   const QCPRange& range,
                   const std::vector<double>& mantissas) {
    for (double power = std::pow(10.0, std::floor(std::log10(range.lower)));
         power <= range.upper && ticks.size() < 200;
         power *= 10) {
      for (const double mantissa : mantissas) {
        const double tick = mantissa * power;
        if (tick >= range.lower && tick <= range.upper) {
          ticks.push_back(tick);
        }
      }
    }
  }

  double leastGap_ = 0.1;
};

}  // namespace

struct LineChart::Impl {
  LineChart* chart;
  QLabel* title;
  QLabel* legend;
  QBoxLayout* head;  // title and legend: below each other, or side by side
  QLabel* empty;
  QCustomPlot* plot;
  QSharedPointer<StepTicker> steps;
  QSharedPointer<LogTicker> logValues;
  QCPItemStraightLine* cursor;
  struct Mark {
    double step;
    QString text;
    QCPItemStraightLine* line;
  };
  std::vector<Mark> marks;
  std::optional<std::size_t> keyed;  // the point read out by keys
  QTimer timer;
  std::vector<ChartSeries> series;
  std::vector<QCPGraph*> raw;
  std::vector<QCPGraph*> smooth;
  SeriesData data;
  std::size_t drawn = 0;  // points the graphs already hold
  QString name;
  QString unit;
  bool isLogarithmic = false;
  bool isFollowing = true;
  double window = 0;               // steps in sight while following; 0: all
  std::optional<double> dragFrom;  // a step

  // What a logarithmic axis cannot show is a gap.
  double shown(double value) const {
    return isLogarithmic && value <= 0 ? std::numeric_limits<double>::quiet_NaN() : value;
  }
  bool hasSmooth(std::size_t i) const { return series[i].isSmoothed && data.weight() > 0; }
  QColor colorOf(std::size_t i) const {
    const Colors& set = colors(chart->palette());
    switch (series[i].color) {
      case 1:
        return set.series2;
      case 2:
        return set.series3;
      case 3:
        return set.series4;
      default:
        return set.accent;
    }
  }

  void build();
  void dress();
  void rebuildData();
  void addNewPoints();
  void follow();
  void fitValues();
  void showLegend(std::optional<std::size_t> at);
  bool isTold(std::size_t series, std::optional<std::size_t> at) const;
  void draw();
  void schedule() {
    if (chart->isVisible() && !timer.isActive()) {
      timer.start(kFrameMs);
    }
  }
  bool onWheel(const QWheelEvent& event);
  bool onMove(const QMouseEvent& event);
  void hover(double step);
  void zoom(double factor, std::optional<double> center);
  QString changedAt(std::size_t index) const;
  void fitLegend();
  void fitTicks();
  void dropMarks(double after);
  void leave();
};

void LineChart::Impl::build() {
  plot->clearGraphs();
  raw.clear();
  smooth.clear();
  for (std::size_t i = 0; i < series.size(); ++i) {
    raw.push_back(plot->addGraph());
    smooth.push_back(plot->addGraph());
  }
  data.reset(series.size());
  drawn = 0;
}

void LineChart::Impl::dress() {
  const QPalette palette = chart->palette();
  const Colors& set = colors(palette);
  plot->setBackground(QBrush(set.surface));
  const QColor text = palette.color(QPalette::WindowText);
  for (QCPAxis* axis : {plot->xAxis, plot->yAxis}) {
    axis->setBasePen(QPen(set.line));
    axis->setTickPen(QPen(set.line));
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(text);
    axis->setTickLabelFont(chart->font());
    axis->grid()->setPen(QPen(set.line, 0, Qt::DotLine));
    axis->grid()->setZeroLinePen(QPen(set.line, 0));
  }
  cursor->setPen(QPen(set.quiet, 0, Qt::DashLine));
  for (const Mark& mark : marks) {
    mark.line->setPen(QPen(set.attention, 0, Qt::DashDotLine));
  }
  for (std::size_t i = 0; i < series.size(); ++i) {
    QColor color = colorOf(i);
    smooth[i]->setPen(QPen(color, 2));
    smooth[i]->setVisible(hasSmooth(i));
    raw[i]->setScatterStyle(series[i].hasDots
                                ? QCPScatterStyle(QCPScatterStyle::ssDisc, color, color, 6)
                                : QCPScatterStyle());
    if (hasSmooth(i)) {
      color.setAlphaF(0.35F);
    }
    raw[i]->setPen(
        QPen(color, series[i].hasDots ? 2 : 0, series[i].isDashed ? Qt::DashLine : Qt::SolidLine));
  }
  QPalette own = palette;
  own.setColor(QPalette::WindowText, set.quiet);
  empty->setPalette(own);
  showLegend(std::nullopt);
}

void LineChart::Impl::rebuildData() {
  drawn = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    raw[i]->data()->clear();
    smooth[i]->data()->clear();
  }
  addNewPoints();
}

void LineChart::Impl::addNewPoints() {
  for (; drawn < data.size(); ++drawn) {
    for (std::size_t i = 0; i < series.size(); ++i) {
      raw[i]->addData(data.step(drawn), shown(data.raw(i, drawn)));
      if (hasSmooth(i)) {
        smooth[i]->addData(data.step(drawn), shown(data.smoothed(i, drawn)));
      }
    }
  }
}

void LineChart::Impl::follow() {
  if (data.size() == 0 || !isFollowing) {
    return;
  }
  const double first = data.step(0);
  const double last = std::max(data.step(data.size() - 1), first + 1);
  const double from = window > 0 ? std::max(first, last - window) : first;
  const double margin = 0.03 * (last - from);  // dots at the ends stay whole
  plot->xAxis->setRange(from - margin, last + margin);
}

void LineChart::Impl::fitValues() {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  double reference = low;
  const std::size_t begin = data.firstAtOrAfter(plot->xAxis->range().lower);
  const std::size_t end =
      std::min(data.size(), data.firstAtOrAfter(plot->xAxis->range().upper) + 1);
  const std::size_t stride = std::max<std::size_t>(1, (end - std::min(begin, end)) / kRangeSamples);
  for (std::size_t at = begin; at < end; at += stride) {
    for (std::size_t i = 0; i < series.size(); ++i) {
      const double value = shown(hasSmooth(i) ? data.smoothed(i, at) : data.raw(i, at));
      if (series[i].isDashed) {
        reference = std::isfinite(value) ? value : reference;
      } else if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
    }
  }
  if (low > high) {
    return;
  }
  // A reference line far below would press the curves flat; it comes into sight when they near it.
  if (reference < low && (isLogarithmic ? reference > low / 10 : reference > low - (high - low))) {
    low = reference;
  }
  if (isLogarithmic) {
    const double factor = std::max(1.05, std::pow(high / low, 0.06));
    plot->yAxis->setRange(low / factor, high * factor);
    return;
  }
  // What differs by rounding alone is one value.
  const bool isOne = high - low <= 1e-4 * std::max(std::abs(low), std::abs(high));
  const double margin = isOne ? std::max(1e-9, std::abs(high) * 0.1) : 0.06 * (high - low);
  plot->yAxis->setRange(low - margin, high + margin);
}

// At a point, or the last one.
bool LineChart::Impl::isTold(std::size_t index, std::optional<std::size_t> at) const {
  return !series[index].isOptional ||
         (data.size() > 0 && !std::isnan(data.raw(index, at.value_or(data.size() - 1))));
}

void LineChart::Impl::showLegend(std::optional<std::size_t> at) {
  QStringList parts;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!isTold(i, at)) {
      continue;
    }
    QString value;
    if (data.size() > 0) {
      std::size_t index = at.value_or(data.size() - 1);
      value = QStringLiteral("&nbsp;<b>%1</b>").arg(shortNumber(data.raw(i, index)));
    }
    // Lines break between entries only.
    QString entry = series[i].name.toHtmlEscaped();
    entry.replace(QLatin1Char(' '), QStringLiteral("&nbsp;"));
    entry.replace(QLatin1Char('-'), QStringLiteral("&#8209;"));
    parts << QStringLiteral("<span style='color:%1'>%2</span>&nbsp;%3%4")
                 .arg(colorOf(i).name(),
                      series[i].isDashed ? QStringLiteral("╌") : QStringLiteral("■"),
                      entry,
                      value);
  }
  QString text = parts.join(QStringLiteral("&nbsp;&nbsp; "));
  if (at) {
    text = LineChart::tr("step %1").arg(QLocale().toString(data.step(*at), 'f', 0)) +
           QStringLiteral("&nbsp;&nbsp; ") + text;
    if (const QString changed = changedAt(*at); !changed.isEmpty()) {
      text += QStringLiteral("&nbsp;&nbsp; ") + changed.toHtmlEscaped();
    }
  }
  legend->setText(text);
}

void LineChart::Impl::draw() {
  empty->setVisible(data.size() == 0);
  addNewPoints();
  follow();
  fitValues();
  fitTicks();
  showLegend(std::nullopt);
  plot->replot(QCustomPlot::rpQueuedReplot);
}

bool LineChart::Impl::onWheel(const QWheelEvent& event) {
  if (data.size() < 2) {
    return false;
  }
  zoom(std::pow(0.999, event.angleDelta().y()), plot->xAxis->pixelToCoord(event.position().x()));
  return true;
}

void LineChart::Impl::zoom(double factor, std::optional<double> around) {
  if (data.size() < 2) {
    return;
  }
  const QCPRange range = plot->xAxis->range();
  const double all = data.step(data.size() - 1) - data.step(0);
  const double width = std::clamp(range.size() * factor, 4.0, 1.02 * all + 1);
  if (isFollowing) {  // the newest steps stay at the right edge
    window = width >= all ? 0 : width;
  } else {
    const double center = around.value_or(range.center());
    const double share = (center - range.lower) / range.size();
    plot->xAxis->setRange(center - share * width, center + (1 - share) * width);
  }
  draw();
}

// What was changed at this point, or between it and the one before.
QString LineChart::Impl::changedAt(std::size_t index) const {
  QStringList texts;
  const double before = index > 0 ? data.step(index - 1) : -1;
  for (const Mark& mark : marks) {
    if (mark.step > before && mark.step <= data.step(index)) {
      texts << mark.text;
    }
  }
  return texts.isEmpty() ? QString()
                         : LineChart::tr("changed: %1").arg(texts.join(QStringLiteral(", ")));
}

// Names and values need two lines or more in a narrow chart. In a low one they stand beside the
// title, and a very low one leaves them to the cursor.
void LineChart::Impl::fitLegend() {
  constexpr int kLeastPlot = 72;
  constexpr int kLeastBeside = 80;
  constexpr int kGoodPlot = 96;
  const QSize titleSize = title->sizeHint();
  const int room = chart->width() - titleSize.width() - kGap;
  const int below = titleSize.height() + legend->heightForWidth(chart->width());
  const int beside = std::max(titleSize.height(), legend->heightForWidth(std::max(1, room)));
  const bool isBeside = chart->height() - below < kGoodPlot &&
                        chart->height() - beside >= kLeastBeside && beside < below &&
                        room > chart->width() / 2;
  head->setDirection(isBeside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
  head->setSpacing(isBeside ? kGap : 2);
  legend->setVisible(isBeside || chart->height() - below >= kLeastPlot);
  fitTicks();
}

// Numbers that stand on each other cannot be read.
void LineChart::Impl::fitTicks() {
  constexpr int kPerTick = 24;  // pixels
  const bool isBeside = head->direction() == QBoxLayout::LeftToRight;
  constexpr int kBelowValues = 40;  // pixels of the steps and the gaps
  const int titleHeight = title->sizeHint().height();
  const int legendHeight = legend->isHidden() ? 0
                           : isBeside         ? legend->heightForWidth(legend->width())
                                              : legend->heightForWidth(chart->width());
  const int above = isBeside ? std::max(titleHeight, legendHeight) : titleHeight + legendHeight;
  const int room = std::max(kPerTick, chart->height() - above - kBelowValues);
  logValues->setLeastGap(0.75 * kPerTick / room);
  plot->yAxis->ticker()->setTickCount(std::clamp(room / kPerTick + 1, 2, 5));
  constexpr int kBesideSteps = 60;  // of the numbers at the other axis
  constexpr int kGapOfNumbers = 14;
  const QFontMetrics metrics(plot->xAxis->tickLabelFont());
  const int widest = metrics.horizontalAdvance(QString::number(plot->xAxis->range().upper, 'f', 0));
  steps->setMost(
      std::max(1.0, static_cast<double>(chart->width() - kBesideSteps) / (widest + kGapOfNumbers)));
}

void LineChart::Impl::dropMarks(double after) {
  std::erase_if(marks, [&](const Mark& mark) {
    if (mark.step > after) {
      plot->removeItem(mark.line);
    }
    return mark.step > after;
  });
}

bool LineChart::Impl::onMove(const QMouseEvent& event) {
  const double step = plot->xAxis->pixelToCoord(event.position().x());
  if (dragFrom && data.size() > 1) {
    const double moved = *dragFrom - step;
    if (moved != 0) {
      chart->setFollowing(false);
      const QCPRange range = plot->xAxis->range();
      plot->xAxis->setRange(range.lower + moved, range.upper + moved);
      draw();
    }
    return true;
  }
  hover(step);
  return false;
}

void LineChart::Impl::hover(double step) {
  if (data.size() == 0) {
    return;
  }
  const std::size_t at = data.nearest(step);
  cursor->point1->setCoords(data.step(at), 0);
  cursor->point2->setCoords(data.step(at), 1);
  cursor->setVisible(true);
  plot->layer(QStringLiteral("cursor"))->replot();
  showLegend(at);
  const QString text = chart->readOut(step);
  if (!legend->isVisible() && chart->isVisible()) {
    QToolTip::showText(QCursor::pos(), wrappedTip(text), plot);
  }
  Q_EMIT chart->hovered(text);
}

void LineChart::Impl::leave() {
  cursor->setVisible(false);
  plot->layer(QStringLiteral("cursor"))->replot();
  showLegend(std::nullopt);
  Q_EMIT chart->hovered({});
}

LineChart::LineChart(const QString& title, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>()) {
  Impl& impl = *impl_;
  impl.chart = this;
  impl.name = title;
  impl.title = new QLabel(title, this);
  QFont bold = font();
  bold.setWeight(QFont::DemiBold);
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.9);
  impl.title->setFont(bold);
  impl.legend = new QLabel(this);
  impl.legend->setFont(small);
  impl.legend->setTextFormat(Qt::RichText);
  impl.legend->setWordWrap(true);
  impl.legend->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  impl.plot = new QCustomPlot(this);
  impl.plot->setNotAntialiasedElements(QCP::aeAll);
  impl.plot->setNoAntialiasingOnDrag(true);
  impl.plot->addLayer(QStringLiteral("cursor"));
  impl.plot->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
  impl.cursor = new QCPItemStraightLine(impl.plot);
  impl.cursor->setLayer(QStringLiteral("cursor"));
  impl.cursor->setVisible(false);
  impl.cursor->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
  impl.cursor->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
  impl.steps.reset(new StepTicker);
  impl.logValues.reset(new LogTicker);
  impl.plot->xAxis->setTicker(impl.steps);
  impl.plot->xAxis->setNumberFormat(QStringLiteral("f"));
  impl.plot->xAxis->setNumberPrecision(0);
  impl.plot->xAxis->setRange(0, 100);
  impl.plot->yAxis->setNumberFormat(QStringLiteral("g"));
  impl.plot->yAxis->setNumberPrecision(4);
  impl.plot->axisRect()->setMinimumMargins(QMargins(44, 6, 12, 0));
  impl.plot->setMouseTracking(true);
  impl.plot->installEventFilter(this);
  impl.plot->setAccessibleName(title);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(title);
  impl.empty = new QLabel(impl.plot);
  impl.empty->setAlignment(Qt::AlignCenter);
  impl.empty->setWordWrap(true);
  impl.empty->setAttribute(Qt::WA_TransparentForMouseEvents);
  auto* over = new QVBoxLayout(impl.plot);
  over->setContentsMargins(60, 0, 30, 20);
  over->addWidget(impl.empty);

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(2, 2, 2, 2);  // for the frame that shows the focus
  column->setSpacing(2);
  impl.head = new QBoxLayout(QBoxLayout::TopToBottom);
  impl.head->setSpacing(2);
  impl.head->addWidget(impl.title, 0, Qt::AlignTop);
  impl.head->addWidget(impl.legend, 1);
  column->addLayout(impl.head);
  column->addWidget(impl.plot, 1);
  setMinimumSize(200, 84);
  impl.timer.setSingleShot(true);
  connect(&impl.timer, &QTimer::timeout, this, [this] { impl_->draw(); });
  impl.dress();
}

LineChart::~LineChart() { impl_->plot->removeEventFilter(this); }

void LineChart::setSeries(std::vector<ChartSeries> series) {
  impl_->series = std::move(series);
  impl_->build();
  impl_->dress();
}

void LineChart::setUnit(const QString& unit) {
  impl_->unit = unit;
  impl_->title->setText(unit.isEmpty() ? impl_->name
                                       : QStringLiteral("%1, %2").arg(impl_->name, unit));
}

void LineChart::setHelp(const QString& sentence) {
  impl_->title->setToolTip(sentence);
  setAccessibleDescription(sentence);
}

void LineChart::setEmptyText(const QString& text) { impl_->empty->setText(text); }

void LineChart::cutAfter(double step) {
  impl_->dropMarks(step);
  if (impl_->data.cutAfter(step)) {
    impl_->keyed.reset();
    impl_->rebuildData();
    impl_->draw();
  }
}

void LineChart::mark(double step, const QString& text) {
  Impl& impl = *impl_;
  auto* line = new QCPItemStraightLine(impl.plot);
  line->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
  line->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
  line->point1->setCoords(step, 0);
  line->point2->setCoords(step, 1);
  impl.marks.push_back({step, text, line});
  impl.dress();
  impl.schedule();
}

void LineChart::clear() {
  impl_->dropMarks(-std::numeric_limits<double>::infinity());
  impl_->keyed.reset();
  impl_->data.reset(impl_->series.size());
  impl_->rebuildData();
  impl_->window = 0;
  impl_->draw();
}

void LineChart::append(double step, const std::vector<double>& values) {
  if (impl_->data.append(step, values)) {
    impl_->rebuildData();
  }
  impl_->schedule();
}

int LineChart::pointCount() const { return static_cast<int>(impl_->data.size()); }

void LineChart::setLogarithmic(bool isLogarithmic) {
  Impl& impl = *impl_;
  impl.isLogarithmic = isLogarithmic;
  impl.plot->yAxis->setScaleType(isLogarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  impl.plot->yAxis->setTicker(isLogarithmic ? QSharedPointer<QCPAxisTicker>(impl.logValues)
                                            : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
  impl.fitTicks();
  impl.plot->yAxis->setRange(isLogarithmic ? 1 : 0, 10);
  impl.rebuildData();
  impl.draw();
}

bool LineChart::isLogarithmic() const { return impl_->isLogarithmic; }

void LineChart::setSmoothing(double weight) {
  impl_->data.setWeight(weight);
  impl_->dress();
  impl_->rebuildData();
  impl_->draw();
}

double LineChart::smoothing() const { return impl_->data.weight(); }

void LineChart::setFollowing(bool isFollowing) {
  if (impl_->isFollowing == isFollowing) {
    return;
  }
  impl_->isFollowing = isFollowing;
  impl_->draw();
  Q_EMIT followingChanged(isFollowing);
}

bool LineChart::isFollowing() const { return impl_->isFollowing; }

void LineChart::showAll() {
  impl_->window = 0;
  setFollowing(true);
  impl_->draw();
}

LineChart::View LineChart::view() const {
  const QCPRange x = impl_->plot->xAxis->range();
  const QCPRange y = impl_->plot->yAxis->range();
  return {x.lower, x.upper, y.lower, y.upper};
}

std::vector<double> LineChart::numberedSteps() const {
  const QVector<double> steps = impl_->plot->xAxis->tickVector();
  return {steps.begin(), steps.end()};
}

std::vector<double> LineChart::numberedValues() const {
  const QVector<double> values = impl_->plot->yAxis->tickVector();
  return {values.begin(), values.end()};
}

QString LineChart::readOut(double step) const {
  const Impl& impl = *impl_;
  if (impl.data.size() == 0) {
    return {};
  }
  const std::size_t at = impl.data.nearest(step);
  QStringList parts{tr("step %1").arg(QLocale().toString(impl.data.step(at), 'f', 0))};
  for (std::size_t i = 0; i < impl.series.size(); ++i) {
    if (impl.isTold(i, at)) {
      parts << QStringLiteral("%1 %2").arg(impl.series[i].name, shortNumber(impl.data.raw(i, at)));
    }
  }
  if (const QString changed = impl.changedAt(at); !changed.isEmpty()) {
    parts << changed;
  }
  return parts.join(QStringLiteral(" · "));
}

void LineChart::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) {
    impl_->dress();
    impl_->draw();
  }
}

void LineChart::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  // 2.1.0 looks at the ratio in its constructor only.
  impl_->plot->setBufferDevicePixelRatio(devicePixelRatioF());
  impl_->draw();
}

void LineChart::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  impl_->fitLegend();
}

void LineChart::paintEvent(QPaintEvent*) {
  if (hasFocus()) {
    QPainter painter(this);
    painter.setPen(QPen(colors(palette()).accent, 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

void LineChart::keyPressEvent(QKeyEvent* event) {
  Impl& impl = *impl_;
  const std::size_t count = impl.data.size();
  const int key = event->key();
  if (count == 0) {
    QWidget::keyPressEvent(event);
  } else if (key == Qt::Key_Left || key == Qt::Key_Right) {
    const std::size_t now = impl.keyed.value_or(count - 1);
    const bool isBack = key == Qt::Key_Left;
    impl.keyed = isBack ? now - (now > 0 ? 1 : 0) : std::min(now + 1, count - 1);
    impl.hover(impl.data.step(*impl.keyed));
  } else if (key == Qt::Key_Plus || key == Qt::Key_Equal) {
    impl.zoom(0.8, std::nullopt);
  } else if (key == Qt::Key_Minus) {
    impl.zoom(1.25, std::nullopt);
  } else if (key == Qt::Key_Home) {
    showAll();
  } else {
    QWidget::keyPressEvent(event);
  }
}

void LineChart::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void LineChart::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  impl_->keyed.reset();
  impl_->leave();
  update();
}

bool LineChart::eventFilter(QObject* watched, QEvent* event) {
  Impl& impl = *impl_;
  if (watched != impl.plot) {
    return QWidget::eventFilter(watched, event);
  }
  switch (event->type()) {
    case QEvent::Wheel:
      return impl.onWheel(*static_cast<QWheelEvent*>(event));
    case QEvent::MouseButtonPress:
      impl.dragFrom =
          impl.plot->xAxis->pixelToCoord(static_cast<QMouseEvent*>(event)->position().x());
      return false;
    case QEvent::MouseButtonRelease:
      impl.dragFrom.reset();
      return false;
    case QEvent::MouseButtonDblClick:
      impl.dragFrom.reset();
      showAll();
      return true;
    case QEvent::MouseMove:
      return impl.onMove(*static_cast<QMouseEvent*>(event));
    case QEvent::Leave:
      impl.leave();
      return false;
    default:
      return false;
  }
}

}  // namespace barlow::ui
