#include "ui/inspector/distribution_panel.h"

#include "ui/forms/number_box.h"
#include "ui/inspector/number_text.h"
#include "ui/plots/cell_histogram.h"
#include "ui/plots/diagonal_strip.h"
#include "ui/plots/prototype_bars.h"
#include "ui/plots/spectrum_chart.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace barlow::ui {
namespace {

// What the diagonal says, and its heap in the histogram.
struct DiagonalHelp {
  QString strip;
  QString heap;
};
DiagonalHelp helpOf(MatrixKind kind) {
  if (isCovariance(kind)) {
    return {DistributionPanel::tr("The variance of every dimension. VICReg keeps it at 1 or above; "
                                  "0 is a dead dimension. Drag over dimensions to see them in the "
                                  "matrix."),
            DistributionPanel::tr("How many variances have which value. Click on a bar to see its "
                                  "cells in the matrix.")};
  }
  if (kind == MatrixKind::SampleSimilarity) {
    return {DistributionPanel::tr("The cosine of the two views of every image: near 1 they are "
                                  "alike to the network. Drag over images to see them in the "
                                  "matrix."),
            DistributionPanel::tr("How many images have two views of which cosine. Click on a bar "
                                  "to see its cells in the matrix.")};
  }
  return {DistributionPanel::tr("C_ii of every dimension: how well the two views agree on it. Good "
                                "is near 1. Drag over dimensions to see them in the matrix."),
          DistributionPanel::tr("How many C_ii have which value. Good is one heap near 1. Click on "
                                "a bar to see its cells in the matrix.")};
}

constexpr double kFirstThreshold = 0.5;

}  // namespace

DistributionPanel::DistributionPanel(QWidget* parent)
    : QWidget(parent),
      bars_(new PrototypeBars(this)),
      strip_(new DiagonalStrip(this)),
      controls_(new QWidget(this)),
      sorted_(new QCheckBox(tr("Sorted"), this)),
      threshold_(new NumberBox(-10, 10, this)),
      below_(new QToolButton(this)),
      diagonal_(new CellHistogram(CellPart::Diagonal, tr("Diagonal values"), this)),
      offDiagonal_(new CellHistogram(CellPart::OffDiagonal, tr("Off-diagonal values"), this)),
      spectrum_(new SpectrumChart(this)) {
  strip_->setObjectName(QStringLiteral("diagonalStrip"));
  sorted_->setObjectName(QStringLiteral("sortedCheck"));
  sorted_->setToolTip(
      wrappedTip(tr("From the largest C_ii down, instead of in the order of the matrix.")));
  threshold_->setObjectName(QStringLiteral("threshold"));
  threshold_->setAccessibleName(tr("Threshold for C_ii"));
  threshold_->setValue(kFirstThreshold);
  threshold_->setStepType(QAbstractSpinBox::DefaultStepType);
  threshold_->setSingleStep(0.05);
  below_->setObjectName(QStringLiteral("belowThreshold"));
  below_->setToolTip(
      wrappedTip(tr("Marks the dimensions whose C_ii is below the threshold in the matrix.")));
  below_->setFocusPolicy(Qt::StrongFocus);
  diagonal_->setObjectName(QStringLiteral("diagonalHistogram"));
  offDiagonal_->setObjectName(QStringLiteral("offDiagonalHistogram"));
  offDiagonal_->setHelp(tr(
      "How many cells beside the diagonal have which value, counted logarithmically. Good is one "
      "narrow heap around 0. Click on a bar to see its cells in the matrix."));
  spectrum_->setObjectName(QStringLiteral("spectrumChart"));
  connect(sorted_, &QCheckBox::toggled, strip_, &DiagonalStrip::setSorted);
  connect(threshold_, &QDoubleSpinBox::valueChanged, this, [this](double value) {
    strip_->setThreshold(value);
    showBelow();
  });
  connect(strip_, &DiagonalStrip::rangeBrushed, this, &DistributionPanel::rangeBrushed);
  connect(strip_, &DiagonalStrip::brushCleared, this, &DistributionPanel::brushCleared);
  connect(below_, &QToolButton::clicked, this, [this] {
    Q_EMIT rangeBrushed(-1, -1, strip_->belowThreshold());
  });
  for (const CellHistogram* histogram : {diagonal_, offDiagonal_}) {
    connect(histogram, &CellHistogram::binClicked, this, &DistributionPanel::binClicked);
  }

  bars_->setObjectName(QStringLiteral("prototypeBars"));
  bars_->hide();
  connect(bars_, &PrototypeBars::prototypeActivated, this, &DistributionPanel::prototypeActivated);
  auto* controls = new QHBoxLayout(controls_);
  controls->setContentsMargins(0, 0, 0, 0);
  controls->setSpacing(kGap);
  controls->addWidget(sorted_);
  controls->addStretch(1);
  controls->addWidget(below_);
  controls->addWidget(threshold_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap / 2);
  column->addWidget(bars_, 2);
  column->addWidget(strip_, 1);
  column->addWidget(controls_);
  for (QWidget* chart : std::initializer_list<QWidget*>{diagonal_, offDiagonal_, spectrum_}) {
    column->addSpacing(kGap / 2);
    column->addWidget(chart, 1);
  }
  strip_->setThreshold(kFirstThreshold);
  setAccessibleName(tr("Distribution of the values"));
  setInspection(nullptr);
}

void DistributionPanel::setInspection(std::shared_ptr<const Inspection> inspection) {
  if (!inspection || inspection != inspection_) {
    inspection_ = std::move(inspection);
    fill();
  }
}

void DistributionPanel::fill() {
  const MatrixStatistics* statistics = inspection_ ? inspection_->statistics.get() : nullptr;
  const EmbeddingHealth* health = inspection_ ? inspection_->health.get() : nullptr;
  const QString counting = tr("Counting ...");
  const QString waiting = !inspection_ ? tr("No matrix is shown yet.") : counting;
  strip_->setEmptyText(statistics == nullptr ? waiting
                                             : tr("Only a square matrix has a diagonal."));
  diagonal_->setEmptyText(statistics == nullptr ? waiting
                                                : tr("Only a square matrix has a diagonal."));
  offDiagonal_->setEmptyText(statistics == nullptr ? waiting : tr("There are no values."));
  spectrum_->setEmptyText(!inspection_              ? waiting
                          : inspection_->embeddings ? counting
                                                    : tr("There are no embeddings beside this "
                                                         "matrix."));
  const DiagonalHelp help =
      helpOf(inspection_ ? inspection_->origin().kind : MatrixKind::CrossCorrelation);
  strip_->setHelp(help.strip);
  diagonal_->setHelp(help.heap);
  const bool isAssignments = inspection_ && inspection_->origin().kind == MatrixKind::Assignments;
  bars_->setVisible(isAssignments);
  for (QWidget* widget :
       std::initializer_list<QWidget*>{strip_, controls_, diagonal_, offDiagonal_}) {
    widget->setVisible(!isAssignments);
  }
  bars_->setEmptyText(waiting);
  if (isAssignments && statistics != nullptr) {
    bars_->setUse(statistics->prototypes, statistics->rows, statistics->columns);
  } else {
    bars_->setUse({}, 0, 0);
  }
  const bool hasDiagonal = statistics != nullptr && !statistics->diagonal.empty();
  strip_->setDiagonal(hasDiagonal ? statistics->diagonal : std::vector<float>{}, order_);
  diagonal_->setHistogram(hasDiagonal ? statistics->diagonalHistogram : Histogram{});
  offDiagonal_->setHistogram(statistics != nullptr ? statistics->offDiagonalHistogram
                                                   : Histogram{});
  spectrum_->setSpectra(health != nullptr ? health->a.spectrum : std::vector<float>{},
                        health != nullptr ? health->b.spectrum : std::vector<float>{});
  showBelow();
}

void DistributionPanel::setOrder(const Order& order) {
  if (order != order_) {
    order_ = order;
    fill();
  }
}

void DistributionPanel::showBelow() {
  const auto count = static_cast<std::int64_t>(strip_->belowThreshold().size());
  below_->setText(tr("%1 below").arg(wholeNumber(count)));
  below_->setEnabled(count > 0);
}

}  // namespace barlow::ui
