#include "ui/panels/matrix_panel.h"

#include "core/matrix/matrix_kinds.h"
#include "ui/plots/color_limits_bar.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/plots/matrix_kind_choice.h"
#include "ui/plots/matrix_words.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QToolButton>
#include <QVBoxLayout>

namespace barlow::ui {

MatrixPanel::MatrixPanel(QWidget* parent)
    : QWidget(parent),
      kind_(new MatrixKindChoice(this)),
      canvas_(new MatrixCanvas(this)),
      bar_(new ColorLimitsBar(this)),
      reduction_(new QComboBox(this)),
      caption_(makeLabel({}, TextRole::Quiet, this)),
      readOut_(new ElidedLabel(this, Qt::ElideRight)) {
  canvas_->setObjectName(QStringLiteral("matrixView"));
  canvas_->setAccessibleName(textOf(labelOf(coloured_)));
  kind_->setObjectName(QStringLiteral("matrixKind"));
  canvas_->setShowsProfiles(false);
  bar_->setObjectName(QStringLiteral("matrixColorBar"));
  bar_->setAccessibleName(tr("Colours of the matrix"));
  bar_->setFixedWidth(90);
  bar_->setColor(canvas_->settings().color);
  connect(bar_, &ColorLimitsBar::limitsChanged, canvas_, [this](float low, float high) {
    hasOwnLimits_ = true;
    RenderSettings settings = canvas_->settings();
    settings.color.low = low;
    settings.color.high = high;
    canvas_->setSettings(settings);
  });
  reduction_->setObjectName(QStringLiteral("matrixReduction"));
  reduction_->setAccessibleName(tr("How several entries become one cell"));
  reduction_->setToolTip(
      tr("How several matrix entries become one cell of the picture: the strongest "
         "one, their mean, or their root mean square"));
  reduction_->addItem(tr("Peak"), static_cast<int>(Reduction::Peak));
  reduction_->addItem(tr("Mean"), static_cast<int>(Reduction::Mean));
  reduction_->addItem(tr("RMS"), static_cast<int>(Reduction::Rms));
  auto* fit = new QToolButton(this);
  fit->setObjectName(QStringLiteral("matrixFit"));
  fit->setText(tr("Fit"));
  fit->setAccessibleName(tr("Show the whole matrix"));
  fit->setToolTip(tr("Show the whole matrix. The wheel zooms at the cursor, dragging moves."));
  connect(fit, &QToolButton::clicked, canvas_, &MatrixCanvas::fit);
  auto* inspect = new QToolButton(this);
  inspect->setObjectName(QStringLiteral("matrixInspect"));
  inspect->setText(tr("Inspect"));
  inspect->setToolTip(tr("Look at this matrix closely: numbers, orders, pairs, moments"));
  connect(inspect, &QToolButton::clicked, this, &MatrixPanel::inspectRequested);
  connect(reduction_, &QComboBox::currentIndexChanged, this, [this] {
    RenderSettings settings = canvas_->settings();
    settings.reduction = static_cast<Reduction>(reduction_->currentData().toInt());
    canvas_->setSettings(settings);
    showCaption();
  });
  connect(canvas_, &MatrixCanvas::hovered, this, [this](const QString& text) {
    readOut_->setText(text.isEmpty() ? tr("Point at a cell to read its value.") : text);
  });
  connect(canvas_, &MatrixCanvas::viewChanged, this, &MatrixPanel::showCaption);
  caption_->setWordWrap(false);
  readOut_->setText(tr("Point at a cell to read its value."));

  auto* head = new QHBoxLayout;
  head->setSpacing(kGap);
  head->addWidget(kind_);
  head->addStretch(1);
  head->addWidget(reduction_);
  head->addWidget(fit);
  head->addWidget(inspect);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addLayout(head);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGap);
  row->addWidget(canvas_, 1);
  row->addWidget(bar_);
  column->addLayout(row, 1);
  auto* foot = new QHBoxLayout;
  foot->setSpacing(kWideGap);
  foot->addWidget(caption_);
  foot->addWidget(readOut_, 1);
  column->addLayout(foot);
  clear();
}

void MatrixPanel::clear() {
  hasOwnLimits_ = hasOwnLimits_ && coloured_ == MatrixKind::CrossCorrelation;
  showLacking(tr("The matrix appears with the first step."));
}

void MatrixPanel::showLacking(const QString& sentence) {
  canvas_->setEmptyText(sentence);
  canvas_->setMatrix(nullptr);
  showCaption();
}

void MatrixPanel::show(const std::shared_ptr<const Inspection>& inspection) {
  color(*inspection->pyramid);
  canvas_->setMatrix(inspection->pyramid);
  canvas_->setAccessibleName(textOf(labelOf(inspection->origin().kind)));
  canvas_->setStatistics(inspection->statistics);
  showCaption();
}

// Limits of a kind that is not bounded follow the values in steps of round numbers.
void MatrixPanel::color(const MatrixPyramid& pyramid) {
  const MatrixKind kind = pyramid.matrix().origin().kind;
  const bool isNew = kind != coloured_;
  coloured_ = kind;
  hasOwnLimits_ = hasOwnLimits_ && !isNew;
  RenderSettings settings = canvas_->settings();
  if (!hasOwnLimits_ && settings.color != firstColors(pyramid)) {
    settings.color = firstColors(pyramid);
    canvas_->setSettings(settings);
    bar_->setSymmetric(settings.color.low < 0);
    bar_->setColor(settings.color);
  }
}

void MatrixPanel::showCaption() {
  const auto& matrix = canvas_->matrix();
  if (!matrix) {
    caption_->clear();
    return;
  }
  const QLocale locale;
  const auto number = [&](std::int64_t value) {
    return locale.toString(static_cast<qlonglong>(value));
  };
  QString text = tr("%1 x %2, step %3")
                     .arg(number(matrix->matrix().rows()),
                          number(matrix->matrix().columns()),
                          number(matrix->matrix().origin().step));
  if (const int level = canvas_->level(); level > 0) {
    text += tr(", blocks of %1 x %1").arg(1 << level);
  }
  caption_->setText(text);
}

}  // namespace barlow::ui
