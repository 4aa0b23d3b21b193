#include "ui/panels/charts_panel.h"

#include "ui/plots/line_chart.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QVBoxLayout>

namespace barlow::ui {

ChartsPanel::ChartsPanel(QWidget* parent)
    : QWidget(parent),
      loss_(new LineChart(tr("Loss"), this)),
      correlation_(new LineChart(tr("Correlations"), this)),
      knn_(new LineChart(tr("kNN accuracy"), this)),
      rate_(new LineChart(tr("Learning rate"), this)) {
  loss_->setObjectName(QStringLiteral("lossChart"));
  loss_->setSeries({{.name = tr("loss"), .color = 0},
                    {.name = tr("diagonal"), .color = 1},
                    {.name = tr("λ · off-diagonal"), .color = 2},
                    {.name = tr("floor"), .color = 3, .isSmoothed = false, .isDashed = true}});
  loss_->setLogarithmic(true);
  loss_->setHelp(
      tr("The loss and its two terms. It falls fast at first, then slowly; it cannot fall "
         "below the floor, which the size of the batch sets."));
  correlation_->setObjectName(QStringLiteral("correlationChart"));
  correlation_->setSeries(
      {{.name = tr("mean diagonal"), .color = 0}, {.name = tr("off-diagonal"), .color = 1}});
  correlation_->setHelp(
      tr("Good: the mean of the diagonal rises towards 1 while the rest of the "
         "matrix falls towards 0."));
  knn_->setObjectName(QStringLiteral("knnChart"));
  knn_->setSeries({{.name = tr("top-1"), .color = 0, .isSmoothed = false, .hasDots = true},
                   {.name = tr("top-5"), .color = 2, .isSmoothed = false, .hasDots = true}});
  knn_->setUnit(QStringLiteral("%"));
  knn_->setHelp(
      tr("Share of held-out images whose nearest training images have their class. "
         "Measured every few epochs; labels are used for this number only."));
  rate_->setObjectName(QStringLiteral("rateChart"));
  rate_->setSeries({{.name = tr("now"), .color = 0, .isSmoothed = false}});
  rate_->setHelp(tr("The optimiser's step size: it rises during the warm-up and then falls."));

  auto* grid = new QGridLayout;
  grid->setSpacing(kGap);
  grid->addWidget(loss_, 0, 0);
  grid->addWidget(correlation_, 0, 1);
  grid->addWidget(knn_, 1, 0);
  grid->addWidget(rate_, 1, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(makeTools());
  column->addLayout(grid, 1);
  for (LineChart* chart : charts()) {
    chart->setEmptyText(chart == knn_
                            ? tr("Measured with labelled images, before the first step and "
                                 "every few epochs")
                            : tr("Drawn as soon as training runs"));
  }
}

QWidget* ChartsPanel::makeTools() {
  auto* tools = new QWidget(this);
  auto* row = new QHBoxLayout(tools);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  auto* logarithmic = new QCheckBox(tr("Logarithmic loss"), tools);
  logarithmic->setObjectName(QStringLiteral("logarithmicLoss"));
  logarithmic->setAccessibleName(logarithmic->text());
  logarithmic->setChecked(true);
  connect(logarithmic, &QCheckBox::toggled, loss_, &LineChart::setLogarithmic);
  auto* follow = new QCheckBox(tr("Follow"), tools);
  follow->setObjectName(QStringLiteral("followCharts"));
  follow->setAccessibleName(tr("Keep the newest steps in sight"));
  follow->setToolTip(
      tr("Keep the newest steps in sight. Dragging a chart holds it; a double click shows "
         "everything."));
  follow->setChecked(true);
  auto* label = new QLabel(tr("S&moothing"), tools);
  auto* smoothing = new QSlider(Qt::Horizontal, tools);
  smoothing->setObjectName(QStringLiteral("smoothing"));
  smoothing->setAccessibleName(tr("Smoothing of the curves"));
  smoothing->setToolTip(
      tr("Moving average over the steps; the unsmoothed values stay behind, thin."));
  smoothing->setRange(0, 99);
  smoothing->setValue(80);
  smoothing->setMinimumWidth(48);
  smoothing->setMaximumWidth(120);
  label->setBuddy(smoothing);
  const auto smooth = [this](int percent) {
    loss_->setSmoothing(percent / 100.0);
    correlation_->setSmoothing(percent / 100.0);
  };
  connect(smoothing, &QSlider::valueChanged, this, smooth);
  smooth(smoothing->value());
  for (LineChart* chart : charts()) {
    connect(follow, &QCheckBox::toggled, chart, &LineChart::setFollowing);
    connect(chart, &LineChart::followingChanged, follow, [follow](bool isFollowing) {
      follow->setChecked(isFollowing);
    });
  }
  row->addWidget(logarithmic);
  row->addWidget(follow);
  row->addStretch(1);
  row->addWidget(label);
  row->addWidget(smoothing, 2);
  return tools;
}

void ChartsPanel::clear() {
  for (LineChart* chart : charts()) {
    chart->clear();
  }
}

void ChartsPanel::setLambda(double lambda) { lambda_ = lambda; }

void ChartsPanel::append(const std::vector<MetricPoint>& points) {
  for (const MetricPoint& point : points) {
    const auto step = static_cast<double>(point.step);
    loss_->append(step, {point.loss, point.onDiagonal, lambda_ * point.offDiagonal, point.floor});
    correlation_->append(step, {point.meanDiagonal, point.rmsOffDiagonal});
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
  knn_->append(static_cast<double>(result.step), {100 * result.top1, 100 * result.top5});
}

}  // namespace barlow::ui
