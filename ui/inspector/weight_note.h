#pragma once

#include <QFrame>

class QLabel;
class QToolButton;

namespace barlow::ui {

/// What is known of a network from a file, above its matrix, with what can be done next on a
/// button.
class WeightNote final : public QFrame {
  Q_OBJECT

 public:
  explicit WeightNote(QWidget* parent = nullptr);
  /// Without `action` there is no button.
  void show(const QString& text, const QString& action = {});
  QString text() const;

 Q_SIGNALS:
  void actionRequested();

 private:
  QLabel* text_;
  QToolButton* action_;
};

}  // namespace barlow::ui
