#include "ui/panels/matrix_panel.h"

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
      view_(new MatrixView(this)),
      reduction_(new QComboBox(this)),
      caption_(makeLabel({}, TextRole::Quiet, this)),
      readOut_(makeLabel({}, TextRole::Quiet, this)) {
  view_->setObjectName(QStringLiteral("matrixView"));
  view_->setAccessibleName(tr("Cross-correlation matrix"));
  view_->setEmptyText(tr("The cross-correlation matrix appears with the first step."));
  auto* title = makeLabel(tr("Cross-correlation"), TextRole::Heading, this);
  title->setToolTip(
      tr("Entry (i, j) is the correlation, over a batch, of dimension i of view A with "
         "dimension j of view B. Training drives the diagonal to 1 and the rest to 0."));
  reduction_->setObjectName(QStringLiteral("matrixReduction"));
  reduction_->setAccessibleName(tr("How several entries become one cell"));
  reduction_->setToolTip(
      tr("How several matrix entries become one cell of the picture: the strongest "
         "one, their mean, or their root mean square"));
  reduction_->addItem(tr("Peak"), static_cast<int>(MatrixView::Reduction::Peak));
  reduction_->addItem(tr("Mean"), static_cast<int>(MatrixView::Reduction::Mean));
  reduction_->addItem(tr("RMS"), static_cast<int>(MatrixView::Reduction::Rms));
  auto* fit = new QToolButton(this);
  fit->setObjectName(QStringLiteral("matrixFit"));
  fit->setText(tr("Fit"));
  fit->setAccessibleName(tr("Show the whole matrix"));
  fit->setToolTip(tr("Show the whole matrix. The wheel zooms at the cursor, dragging moves."));
  connect(fit, &QToolButton::clicked, view_, &MatrixView::fit);
  connect(reduction_, &QComboBox::currentIndexChanged, this, [this] {
    view_->setReduction(static_cast<MatrixView::Reduction>(reduction_->currentData().toInt()));
    showCaption();
  });
  connect(view_, &MatrixView::hovered, this, [this](const QString& text) {
    readOut_->setText(text.isEmpty() ? tr("Point at a cell to read its value.") : text);
  });
  readOut_->setWordWrap(false);
  readOut_->setText(tr("Point at a cell to read its value."));
  readOut_->setMinimumWidth(1);

  auto* head = new QHBoxLayout;
  head->setSpacing(kGap);
  head->addWidget(title);
  head->addWidget(caption_, 1);
  head->addWidget(reduction_);
  head->addWidget(fit);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addLayout(head);
  column->addWidget(view_, 1);
  column->addWidget(readOut_);
  clear();
}

void MatrixPanel::clear() {
  view_->setPicture(nullptr);
  step_ = 0;
  showCaption();
}

void MatrixPanel::show(const MatrixPicture& picture, std::int64_t step) {
  view_->setPicture(std::make_shared<const MatrixPicture>(picture));
  step_ = step;
  showCaption();
}

void MatrixPanel::setReduction(MatrixView::Reduction reduction) {
  reduction_->setCurrentIndex(reduction_->findData(static_cast<int>(reduction)));
}

void MatrixPanel::showCaption() {
  const auto& picture = view_->picture();
  if (!picture) {
    caption_->clear();
    return;
  }
  const QLocale locale;
  const QString size = locale.toString(static_cast<qlonglong>(picture->dimensions));
  QString text = tr("%1 x %1, step %2").arg(size, locale.toString(static_cast<qlonglong>(step_)));
  if (picture->side < picture->dimensions) {
    text += tr(", pooled to %1 x %1").arg(picture->side);
  }
  caption_->setText(text);
}

}  // namespace barlow::ui
