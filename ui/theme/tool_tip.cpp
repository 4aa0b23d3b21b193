#include "ui/theme/tool_tip.h"

#include <QApplication>
#include <QHelpEvent>
#include <QToolTip>
#include <QWidget>

namespace barlow::ui {
namespace {

constexpr qsizetype kShort = 60;  // characters that are easily read in one line

class TipWrapper final : public QObject {
 public:
  using QObject::QObject;
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() != QEvent::ToolTip) {
      return false;
    }
    auto* widget = qobject_cast<QWidget*>(watched);
    if (widget == nullptr) {
      return false;
    }
    const QString tip = widget->toolTip();
    if (tip.size() <= kShort || Qt::mightBeRichText(tip)) {
      return false;
    }
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                       wrappedTip(tip),
                       widget,
                       {},
                       widget->toolTipDuration());
    return true;
  }
};

}  // namespace

void wrapToolTips(QApplication& application) {
  const QString name = QStringLiteral("tipWrapper");
  if (application.findChild<QObject*>(name, Qt::FindDirectChildrenOnly) == nullptr) {
    auto* wrapper = new TipWrapper(&application);
    wrapper->setObjectName(name);
    application.installEventFilter(wrapper);
  }
}

}  // namespace barlow::ui
