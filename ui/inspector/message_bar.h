#pragma once

#include <QFrame>

class QLabel;

namespace barlow::ui {

/// One sentence about what went wrong, over the upper edge of another widget so that nothing moves.
/// It stays until it is dismissed or replaced.
class MessageBar final : public QFrame {
  Q_OBJECT

 public:
  /// A sibling of `over`, whose parent lays it out.
  explicit MessageBar(QWidget* over);
  /// Empty: there is nothing to say any more.
  void setText(const QString& sentence);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void place();

  QWidget* over_;
  QLabel* text_;
};

}  // namespace barlow::ui
