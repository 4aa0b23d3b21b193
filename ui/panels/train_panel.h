#pragma once

#include "ui/bridge/run_controller.h"
#include "ui/dialogs/guide.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QSplitter;
class QToolButton;

namespace barlow::ui {

class ChartsPanel;
class Experiment;
class LogPanel;
class MatrixFeed;
class MatrixPanel;
class MetricCards;
class RunBar;
class SettingsPanel;
class ViewPairStrip;

/// The Train workspace: controls, the numbers that matter, the live matrix, the charts, the newest
/// view pairs, the log, and the settings of the next run.
class TrainPanel final : public QWidget {
  Q_OBJECT

 public:
  TrainPanel(RunController& run,
             MatrixFeed& feed,
             Experiment& experiment,
             QWidget* parent = nullptr);

  RunBar* bar() const { return bar_; }
  MatrixPanel* matrix() const { return matrix_; }
  ChartsPanel* charts() const { return charts_; }
  MetricCards* cards() const { return cards_; }
  LogPanel* log() const { return log_; }
  SettingsPanel* settings() const { return settings_; }
  QAction* settingsAction() const { return settingsAction_; }
  QSplitter* splitter() const { return splitter_; }
  /// The guide to what is shown here.
  void openGuide(const QString& section = {});

 Q_SIGNALS:
  /// Of a run that is held as it cannot be saved where it is.
  void saveElsewhereRequested();
  void photosRequested();

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* makeBanner();
  QWidget* makeNextSteps();
  QWidget* makeBottom();
  void makeRoom();
  void showNextSteps();
  void showViewNote();
  void connectRun();
  void followPlan();
  void followExperiment();
  void offerKinds();
  void clear();
  void showStored(const StoredRun& run);
  void showBanner(const ErrorInfo& error);

  RunController& run_;
  MatrixFeed& feed_;
  Experiment& experiment_;
  RunBar* bar_;
  QWidget* banner_;
  QLabel* bannerText_;
  QPushButton* halfRate_;
  QPushButton* saveElsewhere_;
  QWidget* next_;  // what to do with a run that has ended
  QLabel* nextText_;
  QPushButton* nextLonger_;
  GuideSubject shown_;
  bool isStored_ = false;  // what is shown was opened, not trained here
  QLabel* viewNote_;
  QWidget* bottom_;
  MetricCards* cards_;
  MatrixPanel* matrix_;
  ChartsPanel* charts_;
  ViewPairStrip* pairs_;
  LogPanel* log_;
  SettingsPanel* settings_;
  QAction* settingsAction_;
  QSplitter* splitter_;
};

}  // namespace barlow::ui
