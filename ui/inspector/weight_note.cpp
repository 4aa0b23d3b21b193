#include "ui/inspector/weight_note.h"

#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace barlow::ui {

WeightNote::WeightNote(QWidget* parent)
    : QFrame(parent), text_(makeLabel({}, TextRole::Quiet, this)), action_(new QToolButton(this)) {
  setObjectName(QStringLiteral("weightNote"));
  text_->setObjectName(QStringLiteral("weightNoteText"));
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  action_->setObjectName(QStringLiteral("weightNoteAction"));
  action_->setAccessibleName(tr("What can be done with this network"));
  action_->setFocusPolicy(Qt::StrongFocus);
  connect(action_, &QToolButton::clicked, this, &WeightNote::actionRequested);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kWideGap);
  row->addWidget(text_, 1);
  row->addWidget(action_, 0, Qt::AlignTop);
  hide();
}

void WeightNote::show(const QString& text, const QString& action) {
  text_->setText(text);
  action_->setText(action);
  if (!action.isEmpty()) {
    action_->setAccessibleName(action);
  }
  action_->setVisible(!action.isEmpty());
  setVisible(true);
}

QString WeightNote::text() const { return text_->text(); }

}  // namespace barlow::ui
