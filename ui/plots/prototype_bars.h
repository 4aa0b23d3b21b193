#pragma once

#include "core/matrix/prototype_use.h"

#include <QRect>
#include <QString>
#include <QWidget>

#include <cstdint>
#include <vector>

class QLabel;

namespace barlow::ui {

/// How many images of a batch are nearest to each prototype: a bar for each that is in use, the
/// most used first, and how many are not. A click or Enter asks for a bar's images; Left, Right,
/// Home and End move from bar to bar.
class PrototypeBars final : public QWidget {
  Q_OBJECT

 public:
  explicit PrototypeBars(QWidget* parent = nullptr);
  /// `use` as prototypeUse() gives it, of `images` images and `prototypes` prototypes. The bar that
  /// is selected stays that of its prototype.
  void setUse(std::vector<PrototypeUse> use, std::int64_t images, std::int64_t prototypes);
  /// Instead of bars.
  void setEmptyText(const QString& text);
  int selected() const { return selected_; }
  /// Where a bar stands, for tests.
  QPoint positionOf(int bar) const;

  QSize sizeHint() const override { return {240, 170}; }
  QSize minimumSizeHint() const override { return {160, 120}; }

 Q_SIGNALS:
  void prototypeActivated(qint64 prototype);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  QRect plot() const;
  int barAt(const QPoint& position) const;  // -1: none
  QString textOf(int bar) const;
  void select(int bar);
  void tell();

  std::vector<PrototypeUse> use_;
  std::int64_t images_ = 0;
  std::int64_t prototypes_ = 0;
  QString emptyText_;
  int selected_ = -1;
  int hovered_ = -1;
  QLabel* note_;
  QLabel* sum_;
};

}  // namespace barlow::ui
