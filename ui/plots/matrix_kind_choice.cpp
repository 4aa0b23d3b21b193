#include "ui/plots/matrix_kind_choice.h"

#include "core/matrix/matrix_kinds.h"
#include "ui/plots/matrix_words.h"
#include "ui/theme/tool_tip.h"

#include <QSignalBlocker>

#include <algorithm>

namespace barlow::ui {

MatrixKindChoice::MatrixKindChoice(QWidget* parent) : QComboBox(parent) {
  setAccessibleName(tr("Which matrix is shown"));
  setSizeAdjustPolicy(QComboBox::AdjustToContents);
  setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("Cross-correlation   ")) + 24);
  setOffer({MatrixKind::CrossCorrelation}, {});
  connect(this, &QComboBox::currentIndexChanged, this, &MatrixKindChoice::explain);
  connect(this, &QComboBox::activated, this, [this] { Q_EMIT kindChosen(kind()); });
}

void MatrixKindChoice::setOffer(const std::vector<MatrixKind>& kinds,
                                const ObjectiveInfo& objective) {
  if (kinds == kinds_ && objective.ownMatrix == own_) {
    return;  // its list may be open
  }
  const MatrixKind before = kinds_.empty() ? MatrixKind::CrossCorrelation : kind();
  own_ = objective.ownMatrix;
  const QSignalBlocker blocker(this);
  clear();
  kinds_ = kinds;
  for (const MatrixKind each : kinds) {
    const QString name = textOf(labelOf(each));
    addItem(objective.owns(each) ? tr("%1 (in the loss)").arg(name) : name, static_cast<int>(each));
    setItemData(count() - 1, wrappedTip(textOf(wordsOf(each).means)), Qt::ToolTipRole);
  }
  setKind(before);
}

void MatrixKindChoice::setKind(MatrixKind kind) {
  const QSignalBlocker blocker(this);
  setCurrentIndex(std::max(0, findData(static_cast<int>(kind))));
  explain();
}

MatrixKind MatrixKindChoice::kind() const { return static_cast<MatrixKind>(currentData().toInt()); }

void MatrixKindChoice::explain() {
  const QString means = textOf(wordsOf(kind()).means);
  setToolTip(wrappedTip(means));
  setAccessibleDescription(means);
}

}  // namespace barlow::ui
