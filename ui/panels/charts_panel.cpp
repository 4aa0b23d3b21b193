#include "ui/panels/charts_panel.h"

#include "ui/plots/line_chart.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace barlow::ui {
namespace {

constexpr double kGapInCurve = std::numeric_limits<double>::quiet_NaN();

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

// "lossChart" of "Loss", "queueAccuracyChart" of "Queue accuracy".
QString nameOf(const QString& title) {
  QString name;
  bool isNewWord = false;
  for (const QChar letter : title) {
    if (!letter.isLetterOrNumber()) {
      isNewWord = true;
      continue;
    }
    name += isNewWord && !name.isEmpty() ? letter.toUpper() : letter.toLower();
    isNewWord = false;
  }
  return name + QStringLiteral("Chart");
}

// What is drawn and how, without what may change while a run goes on or from one program to the
// next.
MetricSchema shapeOf(MetricSchema schema) {
  const auto strip = [](MetricColumn& column) {
    column.factor = 1;
    column.help.clear();
    column.chartHelp.clear();
    column.range = {};
    column.hints = {};
  };
  strip(schema.loss);
  std::for_each(schema.terms.begin(), schema.terms.end(), strip);
  return schema;
}

}  // namespace

ChartsPanel::ChartsPanel(QWidget* parent)
    : QWidget(parent), schema_(barlowTwinsSchema(0, 0, 1)), grid_(new QGridLayout) {
  grid_->setSpacing(kGap);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(makeTools());
  column->addLayout(grid_, 1);

  knn_ = makeChart(tr("kNN accuracy"), QStringLiteral("knnChart"));
  knn_->setSeries({{.name = tr("top-1"), .color = 0, .isSmoothed = false, .hasDots = true},
                   {.name = tr("top-5"), .color = 2, .isSmoothed = false, .hasDots = true},
                   {.name = tr("online linear"),
                    .color = 1,
                    .isSmoothed = false,
                    .hasDots = true,
                    .isOptional = true}});
  knn_->setUnit(QStringLiteral("%"));
  knn_->setHelp(
      tr("Share of held-out images whose nearest training images have their class. "
         "Measured every few epochs; labels are used for this number only. Online linear, where it "
         "is chosen: what a linear classifier that learns beside the encoder says of the same "
         "images."));
  knn_->setEmptyText(
      tr("Measured with labelled images, before the first step and every few epochs"));
  rate_ = makeChart(tr("Learning rate"), QStringLiteral("rateChart"));
  rate_->setSeries({{.name = tr("now"), .color = 0, .isSmoothed = false}});
  rate_->setHelp(tr("The optimiser's step size: it rises during the warm-up and then falls."));
  build();
}

QWidget* ChartsPanel::makeTools() {
  auto* tools = new QWidget(this);
  auto* row = new QHBoxLayout(tools);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  logarithmic_ = new QCheckBox(tr("Logarithmic loss"), tools);
  logarithmic_->setObjectName(QStringLiteral("logarithmicLoss"));
  logarithmic_->setAccessibleName(logarithmic_->text());
  logarithmic_->setChecked(true);
  connect(logarithmic_, &QCheckBox::toggled, this, &ChartsPanel::drawLogarithmic);
  follow_ = new QCheckBox(tr("Follow"), tools);
  follow_->setObjectName(QStringLiteral("followCharts"));
  follow_->setAccessibleName(tr("Keep the newest steps in sight"));
  follow_->setToolTip(
      tr("Keep the newest steps in sight. Dragging a chart holds it; a double click shows "
         "everything."));
  follow_->setChecked(true);
  auto* label = new QLabel(tr("S&moothing"), tools);
  smoothing_ = new QSlider(Qt::Horizontal, tools);
  smoothing_->setObjectName(QStringLiteral("smoothing"));
  smoothing_->setAccessibleName(tr("Smoothing of the curves"));
  smoothing_->setToolTip(
      tr("Moving average over the steps; the unsmoothed values stay behind, thin."));
  smoothing_->setRange(0, 99);
  smoothing_->setValue(80);
  smoothing_->setMinimumWidth(48);
  smoothing_->setMaximumWidth(120);
  label->setBuddy(smoothing_);
  connect(smoothing_, &QSlider::valueChanged, this, &ChartsPanel::smooth);
  row->addWidget(logarithmic_);
  row->addWidget(follow_);
  row->addStretch(1);
  row->addWidget(label);
  row->addWidget(smoothing_, 2);
  return tools;
}

LineChart* ChartsPanel::makeChart(const QString& title, const QString& name) {
  auto* chart = new LineChart(title, this);
  chart->setObjectName(name);
  chart->setEmptyText(tr("Drawn as soon as training runs"));
  chart->setFollowing(follow_->isChecked());
  connect(follow_, &QCheckBox::toggled, chart, &LineChart::setFollowing);
  connect(chart, &LineChart::followingChanged, follow_, [this](bool isFollowing) {
    follow_->setChecked(isFollowing);
  });
  return chart;
}

const MetricColumn& ChartsPanel::column(std::size_t index) const {
  return index == 0 ? schema_.loss : schema_.terms[index - 1];
}

ChartsPanel::Drawn ChartsPanel::makeDrawn(const QString& title, std::vector<std::size_t> columns) {
  std::vector<ChartSeries> series;
  QString help;
  QStringList helps;
  QString unit = text(column(columns.front()).unit);
  bool hasCorrelation = false;
  for (const std::size_t index : columns) {
    const MetricColumn& own = column(index);
    const std::string& label = own.chartLabel.empty() ? own.label : own.chartLabel;
    series.push_back({.name = text(label),
                      .color = static_cast<int>(series.size()) % kChartColors,
                      .isSmoothed = !own.isReference,
                      .isDashed = own.isReference});
    help = help.isEmpty() ? text(own.chartHelp) : help;
    helps << text(label) + QStringLiteral(": ") + text(own.help);
    unit = unit == text(own.unit) ? unit : QString();
    hasCorrelation = hasCorrelation || own.key == "mean_diagonal";
  }
  auto* chart =
      makeChart(title, hasCorrelation ? QStringLiteral("correlationChart") : nameOf(title));
  chart->setSeries(std::move(series));
  chart->setHelp(help.isEmpty() ? helps.join(QLatin1Char('\n')) : help);
  if (!unit.isEmpty()) {
    chart->setUnit(unit);
  }
  return {chart, std::move(columns)};
}

void ChartsPanel::setSchema(const MetricSchema& schema) {
  const bool isSame = shapeOf(schema) == shapeOf(schema_);
  schema_ = schema;
  if (!isSame) {
    build();
  }
}

// One chart for each title, in the order in which they come; the loss has one in any case.
void ChartsPanel::build() {
  for (const Drawn& drawn : drawn_) {
    delete drawn.chart;
  }
  drawn_.clear();
  delete std::exchange(correlation_, nullptr);
  std::vector<std::pair<QString, std::vector<std::size_t>>> titles;
  for (std::size_t index = 0; index <= schema_.terms.size(); ++index) {
    QString title = text(column(index).chart);
    if (index == 0 && title.isEmpty()) {
      title = tr("Loss");
    }
    if (title.isEmpty()) {
      continue;
    }
    const auto found = std::find_if(
        titles.begin(), titles.end(), [&](const auto& known) { return known.first == title; });
    if (found == titles.end()) {
      titles.push_back({title, {index}});
    } else {
      found->second.push_back(index);
    }
  }
  for (auto& [title, columns] : titles) {
    drawn_.push_back(makeDrawn(title, std::move(columns)));
  }
  if (!termIndex(schema_, "mean_diagonal")) {
    correlation_ = makeChart(tr("Cross-correlation"), QStringLiteral("correlationChart"));
    correlation_->setSeries(
        {{.name = tr("mean diagonal"), .color = 0}, {.name = tr("off-diagonal"), .color = 1}});
    correlation_->setHelp(
        tr("Of the two views' embeddings, measured several times an epoch. This objective does not "
           "ask for it: a mean diagonal near 1 says that the views agree all the same, a small "
           "off-diagonal RMS that no dimension repeats another."));
  }
  layOut();
  smooth();
  drawLogarithmic();
}

void ChartsPanel::layOut() {
  constexpr int kColumns = 2;
  const std::vector<LineChart*> all = charts();
  const int count = static_cast<int>(all.size());
  const int rows = (count + kColumns - 1) / kColumns;
  for (LineChart* chart : all) {
    grid_->removeWidget(chart);
  }
  QWidget* before = smoothing_;
  for (int i = 0; i < count; ++i) {
    const bool isAlone = i == count - 1 && i % kColumns == 0;
    LineChart* chart = all[static_cast<std::size_t>(i)];
    grid_->addWidget(chart, i / kColumns, i % kColumns, 1, isAlone ? kColumns : 1);
    chart->setVisible(true);
    setTabOrder(before, chart);
    before = chart;
  }
  for (int row = 0; row < std::max(rows, grid_->rowCount()); ++row) {
    grid_->setRowStretch(row, row < rows ? 1 : 0);
  }
}

std::vector<LineChart*> ChartsPanel::charts() const {
  std::vector<LineChart*> all;
  for (const Drawn& drawn : drawn_) {
    all.push_back(drawn.chart);
  }
  if (correlation_ != nullptr) {
    all.push_back(correlation_);
  }
  all.push_back(knn_);
  all.push_back(rate_);
  return all;
}

void ChartsPanel::smooth() {
  for (const Drawn& drawn : drawn_) {
    drawn.chart->setSmoothing(smoothing_->value() / 100.0);
  }
  if (correlation_ != nullptr) {
    correlation_->setSmoothing(smoothing_->value() / 100.0);
  }
}

// Of the charts whose first column asks for it: a loss that can be negative has no logarithm.
void ChartsPanel::drawLogarithmic() {
  bool canBe = false;
  for (const Drawn& drawn : drawn_) {
    const bool isAsked = column(drawn.columns.front()).isLogarithmic;
    drawn.chart->setLogarithmic(isAsked && logarithmic_->isChecked());
    canBe = canBe || isAsked;
  }
  logarithmic_->setVisible(canBe);
}

void ChartsPanel::clear() {
  for (LineChart* chart : charts()) {
    chart->clear();
  }
}

void ChartsPanel::append(const std::vector<MetricPoint>& points) {
  const auto comesLater = [&](const Drawn& drawn) {
    return std::all_of(drawn.columns.begin(), drawn.columns.end(), [&](std::size_t index) {
      return column(index).comesLater;
    });
  };
  const auto valueAt = [&](const MetricPoint& point, std::size_t index) {
    const double value = index == 0                       ? point.loss
                         : index - 1 < point.terms.size() ? point.terms[index - 1]
                                                          : kGapInCurve;
    return column(index).factor * value;
  };
  for (const MetricPoint& point : points) {
    const auto step = static_cast<double>(point.step);
    for (const Drawn& drawn : drawn_) {
      std::vector<double> values;
      for (const std::size_t index : drawn.columns) {
        values.push_back(valueAt(point, index));
      }
      // What is measured now and then is joined from one time to the next.
      const bool isThere = std::any_of(
          values.begin(), values.end(), [](double value) { return !std::isnan(value); });
      if (isThere || !comesLater(drawn)) {
        drawn.chart->append(step, values);
      }
    }
    if (correlation_ != nullptr && point.collapse && point.collapse->meanDiagonal) {
      correlation_->append(
          static_cast<double>(point.collapse->step),
          {*point.collapse->meanDiagonal, point.collapse->rmsOffDiagonal.value_or(kGapInCurve)});
    }
    rate_->append(step, {point.learningRate});
  }
}

void ChartsPanel::cutAfter(double step) {
  for (LineChart* chart : charts()) {
    chart->cutAfter(step);
  }
}

void ChartsPanel::mark(double step, const QString& text) {
  for (LineChart* chart : charts()) {
    chart->mark(step, text);
  }
}

void ChartsPanel::append(const EvaluationResult& result) {
  knn_->append(static_cast<double>(result.step),
               {100 * result.top1,
                100 * result.top5,
                result.onlineTop1 ? 100 * *result.onlineTop1 : kGapInCurve});
}

}  // namespace barlow::ui
