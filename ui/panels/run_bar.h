#pragma once

#include "ui/bridge/run_controller.h"

#include <QWidget>

class QAction;
class QLabel;
class QProgressBar;

namespace barlow::ui {

class Experiment;

/// Start, Pause, Resume, Stop and Discard with the run's state, what it is busy with, progress,
/// time left and speed. The actions are also the menu's; which of them can be used follows the
/// RunController.
class RunBar final : public QWidget {
  Q_OBJECT

 public:
  RunBar(RunController& run, Experiment& experiment, QWidget* parent = nullptr);

  QAction* startAction() const { return start_; }
  QAction* pauseAction() const { return pause_; }  // "Pause", or "Resume" when that is what it does
  QAction* stopAction() const { return stop_; }
  QAction* discardAction() const { return discard_; }
  QAction* longerAction() const { return longer_; }
  QAction* folderAction() const { return showFolder_; }
  QAction* exportAction() const { return export_; }  // who shows the dialog, connects it

  /// How long a new run is expected to take; 0: unknown. A very long one is asked about.
  void setExpectedSeconds(double seconds) { expectedSeconds_ = seconds; }
  /// Puts the keyboard where it can do something for the run and nothing against it: on Pause as
  /// soon as there is something to pause.
  void takeFocus();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QAction* makeAction(const QString& name,
                      const QString& text,
                      const QString& shortcut,
                      const QString& help);
  void refresh();
  void placeFocus();
  void say(const QString& text);
  QString progressText() const;
  void showProgress();
  void askStart();
  void askResume();
  void askLonger();
  void askDiscard();

  RunController& run_;
  Experiment& experiment_;
  QAction* start_;
  QAction* pause_;
  QAction* stop_;
  QAction* discard_;
  QAction* longer_;
  QAction* showFolder_;
  QAction* export_;
  QLabel* state_;
  QLabel* detail_;
  QProgressBar* progress_;
  MetricPoint newest_;
  QString text_;  // of detail_, where it has room
  double expectedSeconds_ = 0;
};

}  // namespace barlow::ui
