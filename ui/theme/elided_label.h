#pragma once

#include "ui/theme/theme.h"

#include <QLabel>
#include <QPainter>

namespace barlow::ui {

/// A quiet line of text that gives way: what has no room is left out in its middle or at its end,
/// and is in the tool tip.
class ElidedLabel final : public QLabel {
 public:
  explicit ElidedLabel(QWidget* parent, Qt::TextElideMode mode = Qt::ElideMiddle)
      : QLabel(parent), mode_(mode) {
    QFont own = font();
    own.setPointSizeF(own.pointSizeF() * 0.92);
    setFont(own);
    setTextFormat(Qt::PlainText);
  }
  QSize minimumSizeHint() const override { return {1, QLabel::minimumSizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setPen(colors(palette()).quiet);
    painter.drawText(
        rect(), static_cast<int>(alignment()), fontMetrics().elidedText(text(), mode_, width()));
  }

 private:
  Qt::TextElideMode mode_;
};

}  // namespace barlow::ui
