#pragma once

#include <QWidget>

class QComboBox;
class QSlider;
class QToolButton;

namespace barlow::ui {

class ElidedLabel;
class MatrixTimeline;

/// Goes through the kept moments of a run: play, loop, speed, a slider with its newest state at the
/// right end, how many matrices came since the held one, and what is stored. Keys: [ and ] one
/// moment, End follows.
class TimeBar final : public QWidget {
  Q_OBJECT

 public:
  explicit TimeBar(MatrixTimeline& timeline, QWidget* parent = nullptr);

 private:
  void follow();

  MatrixTimeline& timeline_;
  QToolButton* play_;
  QToolButton* loop_;
  QComboBox* speed_;
  QSlider* slider_;
  ElidedLabel* text_;
  QToolButton* newest_;
};

}  // namespace barlow::ui
