#pragma once

#include <QBoxLayout>
#include <QResizeEvent>
#include <QWidget>

#include <algorithm>

namespace barlow::ui {

/// Two squares beside each other, or below each other where they become larger that way.
class CanvasPair final : public QWidget {
 public:
  explicit CanvasPair(QWidget* parent = nullptr)
      : QWidget(parent), row_(new QBoxLayout(QBoxLayout::LeftToRight, this)) {
    row_->setContentsMargins(0, 0, 0, 0);
  }
  QBoxLayout* row() const { return row_; }
  bool isStacked() const { return row_->direction() == QBoxLayout::TopToBottom; }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QWidget::resizeEvent(event);
    constexpr int kAxis = 50;  // px that names and axes take of each
    const int beside = std::min(width() / 2, height()) - kAxis;
    const int below = std::min(width(), height() / 2) - kAxis;
    row_->setDirection(below > beside ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
  }

 private:
  QBoxLayout* row_;
};

}  // namespace barlow::ui
