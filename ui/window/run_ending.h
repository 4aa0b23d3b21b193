#pragma once

#include <QObject>

class QWidget;

namespace barlow::ui {

class RunController;

/// What becomes of a run when the window is closed, the session ends, or the disk is full: asks,
/// stops, saves elsewhere. Window thread only.
class RunEnding final : public QObject {
  Q_OBJECT

 public:
  /// Questions are asked over `window`.
  RunEnding(RunController& run, QWidget& window);

  /// Whether the window may close now. A live run is asked about; where it is to end first,
  /// closeWanted() follows.
  bool mayClose();
  /// As a session that ends, a closed terminal or a batch system asks: a live run is stopped and
  /// kept, without a question; over() follows.
  void endUnasked();
  /// It ends, and nobody may be there to answer.
  bool isUnasked() const { return isUnasked_; }

 public Q_SLOTS:
  void saveElsewhere();

 Q_SIGNALS:
  void closeWanted();
  /// After endUnasked(): whether all that a run had learnt is saved.
  void over(bool isSaved);

 private:
  void askWhereToSave();
  void saveUnasked();

  RunController& run_;
  QWidget& window_;
  bool closesAtEnd_ = false;
  bool isUnasked_ = false;
  bool hasTriedElsewhere_ = false;
};

}  // namespace barlow::ui
