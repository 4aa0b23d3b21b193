#pragma once

#include "ui/bridge/background_job.h"
#include "ui/bridge/experiment.h"
#include "ui/bridge/matrix_feed.h"
#include "ui/bridge/run_controller.h"
#include "ui/evaluate/evaluate_doors.h"
#include "ui/theme/theme.h"
#include "ui/window/run_ending.h"

#include <QMainWindow>
#include <QString>

#include <filesystem>
#include <optional>
#include <string>

class QActionGroup;
class QLabel;
class QSettings;
class QStackedWidget;

namespace barlow::ui {

class AugmentPanel;
class DataPanel;
class EvaluatePanel;
class InspectorPanel;
class StartPanel;
class TrainPanel;

/// The window: six workspaces that follow the work, menus, and the connections between panels;
/// nothing else.
class MainWindow final : public QMainWindow {
  Q_OBJECT

 public:
  enum class Workspace { Start, Data, Augment, Train, Inspect, Evaluate };
  static std::optional<Workspace> workspaceFromText(const QString& text);  // "start", "data", ...

  struct Options {
    RunController::Options run;
    QSettings* settings = nullptr;  // geometry, theme, folders; null: nothing is kept
    EvaluateDoors evaluate = {};
  };
  explicit MainWindow(Options options);
  ~MainWindow() override;

  void showWorkspace(Workspace workspace);
  Workspace workspace() const;
  /// Whatever PathKind names.
  void openPath(const QString& path);
  /// Embeddings of two views.
  void openPaths(const QString& a, const QString& b);
  /// Trains a preset, on the present data set when `keepSource`, and shows it.
  void startPreset(const std::string& name, bool keepSource);
  /// For this window; what is chosen in the menu is kept as well.
  void setTheme(Theme theme);
  /// As a session that ends, a closed terminal or a batch system asks: a live run is stopped and
  /// kept, without a question; over() follows.
  void endUnasked();
  /// Nothing that is on screen is still being made; for screenshots and tests.
  bool isSettled() const;

  RunController& run() { return run_; }
  MatrixFeed& matrices() { return feed_; }
  Experiment& experiment() { return experiment_; }
  StartPanel& startPanel() { return *start_; }
  DataPanel& dataPanel() { return *data_; }
  AugmentPanel& augmentPanel() { return *augment_; }
  TrainPanel& trainPanel() { return *train_; }
  InspectorPanel& inspectorPanel() { return *inspector_; }
  EvaluatePanel& evaluatePanel() { return *evaluate_; }

 public Q_SLOTS:
  void quickStart();
  void openImages();
  void openRun();
  void openWeights();
  void showGuidePages();
  void showShortcuts();
  void showDeviceCheck();
  void showAbout();
  void exportWeights(const std::filesystem::path& model,
                     const QString& name,
                     const std::filesystem::path& checkpoint = {});

 Q_SIGNALS:
  /// After endUnasked(): whether all that a run had learnt is saved.
  void over(bool isSaved);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  QWidget* makeRail();
  void makeMenus();
  QAction* makeAction(const QString& name, const QString& text, const QString& shortcut);
  void connectPanels();
  void connectRun();
  void refreshRuns();
  void showTitle();
  void restoreState();
  void keepState();
  QString homeOf(const QAction& action) const;
  void fitScreen();
  std::filesystem::path runsRoot() const;

  QSettings* settings_;
  std::filesystem::path runsRoot_;
  Experiment experiment_;
  RunController run_;
  RunEnding ending_;
  MatrixFeed feed_;
  QStackedWidget* stack_;
  StartPanel* start_;
  DataPanel* data_;
  AugmentPanel* augment_;
  TrainPanel* train_;
  InspectorPanel* inspector_;
  EvaluatePanel* evaluate_;
  QActionGroup* workspaces_;
  QActionGroup* themes_;
  QLabel* status_;
  Theme theme_ = Theme::System;
  BackgroundJob listing_;
};

}  // namespace barlow::ui
