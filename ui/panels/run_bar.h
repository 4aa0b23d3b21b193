#pragma once

#include "ui/bridge/run_controller.h"

#include <QWidget>

class QAction;
class QLabel;
class QProgressBar;

namespace barlow::ui {

class Experiment;

/// Start, Pause, Resume, Stop and Discard with the run's state, progress, time left and speed. The
/// actions are also the menu's; which of them can be used follows the RunController.
class RunBar final : public QWidget {
  Q_OBJECT

 public:
  RunBar(RunController& run, Experiment& experiment, QWidget* parent = nullptr);

  QAction* startAction() const { return start_; }
  QAction* pauseAction() const { return pause_; }  // "Pause", or "Resume" when that is what it does
  QAction* stopAction() const { return stop_; }
  QAction* discardAction() const { return discard_; }

 private:
  QAction* makeAction(const QString& name,
                      const QString& text,
                      const QString& shortcut,
                      const QString& help);
  void refresh();
  void showProgress();
  void askResume();
  void askDiscard();

  RunController& run_;
  Experiment& experiment_;
  QAction* start_;
  QAction* pause_;
  QAction* stop_;
  QAction* discard_;
  QLabel* state_;
  QLabel* detail_;
  QProgressBar* progress_;
  MetricPoint newest_;
};

}  // namespace barlow::ui
