#pragma once

#include "ui/theme/icons.h"

#include <QAbstractButton>

namespace barlow::ui {

/// A large button: icon, a few words, and a sentence that says what happens.
class ChoiceCard final : public QAbstractButton {
  Q_OBJECT

 public:
  ChoiceCard(Icon icon, const QString& title, const QString& sentence, QWidget* parent = nullptr);
  /// The one to take when in doubt.
  void setPrimary();
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QFont titleFont() const;
  QRect sentenceRect(int width) const;

  QString sentence_;
  bool isPrimary_ = false;
};

}  // namespace barlow::ui
