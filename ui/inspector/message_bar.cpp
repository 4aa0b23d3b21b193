#include "ui/inspector/message_bar.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace barlow::ui {

MessageBar::MessageBar(QWidget* over)
    : QFrame(over->parentWidget()), over_(over), text_(makeLabel({}, TextRole::Quiet, this)) {
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  text_->setObjectName(QStringLiteral("inspectorMessage"));
  text_->setTextFormat(Qt::PlainText);
  auto* dismiss = new QToolButton(this);
  dismiss->setObjectName(QStringLiteral("dismissMessage"));
  dismiss->setText(QStringLiteral("×"));
  dismiss->setAutoRaise(true);
  dismiss->setToolTip(tr("Dismiss this message"));
  dismiss->setAccessibleName(tr("Dismiss this message"));
  connect(dismiss, &QToolButton::clicked, this, &QWidget::hide);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(kGap, kGap / 2, kGap / 2, kGap / 2);
  row->addWidget(text_, 1);
  row->addWidget(dismiss, 0, Qt::AlignTop);
  over->installEventFilter(this);
  hide();
}

void MessageBar::setText(const QString& sentence) {
  QPalette own = text_->palette();
  own.setColor(QPalette::WindowText, colors(palette()).bad);
  text_->setPalette(own);
  text_->setText(sentence);
  setVisible(!sentence.isEmpty());
  place();
}

bool MessageBar::eventFilter(QObject* watched, QEvent* event) {
  if (watched == over_ && (event->type() == QEvent::Resize || event->type() == QEvent::Move)) {
    place();
  }
  return QFrame::eventFilter(watched, event);
}

void MessageBar::place() {
  const QRect area = over_->geometry();
  setGeometry(area.x(), area.y(), area.width(), layout()->totalHeightForWidth(area.width()));
  raise();
}

}  // namespace barlow::ui
