#pragma once

#include <QWidget>

class QLabel;
class QListWidget;
class QToolButton;

namespace barlow::ui {

class EvaluationQueue;

/// The queue as a list with how far each is, and what can be done with the chosen one.
class QueueView final : public QWidget {
  Q_OBJECT

 public:
  explicit QueueView(EvaluationQueue& queue, QWidget* parent = nullptr);

 private:
  void show();
  void allow();
  qint64 chosen() const;

  EvaluationQueue& queue_;
  QLabel* empty_;
  QListWidget* list_;
  QToolButton* up_;
  QToolButton* down_;
  QToolButton* remove_;
};

}  // namespace barlow::ui
