#pragma once

#include "core/studio/run_browser.h"
#include "ui/bridge/background_job.h"
#include "ui/evaluate/evaluate_doors.h"

#include <QString>
#include <QTimer>
#include <QWidget>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

class QPushButton;
class QSplitter;
class QTabWidget;

namespace barlow::ui {

class AccuracyChart;
class ClassAccuracy;
class ConfusionView;
class EvaluationQueue;
class ImageCollection;
class MapView;
class NeighboursView;
class ProbeForm;
class ResultsView;
class RunController;
class SpaceSource;

/// The workspace Evaluate: what a run's representation is worth, by the probes that people quote,
/// and what is behind the numbers.
class EvaluatePanel final : public QWidget {
  Q_OBJECT

 public:
  EvaluatePanel(RunController& run, EvaluateDoors doors = {}, QWidget* parent = nullptr);
  ~EvaluatePanel() override;

  /// To choose from beside the run at hand.
  void setRuns(std::vector<RunHeadline> runs);
  /// A network from a file of weights, to be judged by images of `source`.
  void setFile(const std::filesystem::path& file, const std::string& source);
  bool isBusy() const;
  ProbeForm& form() { return *form_; }
  EvaluationQueue& queue() { return *queue_; }
  ResultsView& results() { return *results_; }
  QTabWidget* tabs() const { return tabs_; }

 Q_SIGNALS:
  /// The weights of this run's checkpoint are to be taken away.
  void exportRequested(const std::filesystem::path& run,
                       const QString& name,
                       const std::filesystem::path& checkpoint);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void makeTabs();
  void arrange();
  void follow();
  void offerRuns();
  void refresh();
  void add();
  void showChosen();
  void showChart();
  void showMistakes(int actual, int predicted);
  void listMistakes();
  void tellEmpty();

  RunController& run_;
  const EvaluateDoors doors_;
  std::vector<RunHeadline> runs_;
  bool isStale_ = true;  // what is on disk was not looked at since
  bool hasCheckpoints_ = false;
  std::vector<EvaluationResult> trained_;  // what the run measured of itself
  std::string problem_;
  std::filesystem::path shown_;  // the report whose classes are shown
  bool choosesNewest_ = false;
  struct Mistakes {
    int actual = 0;
    int predicted = 0;  // -1: any but its own
  };
  std::optional<Mistakes> wanted_;
  std::optional<std::vector<int>> predictions_;
  EvaluationQueue* queue_;
  SpaceSource* source_;
  ProbeForm* form_;
  ResultsView* results_;
  AccuracyChart* chart_;
  QPushButton* export_;
  QTabWidget* tabs_;
  ConfusionView* confusion_;
  ImageCollection* mistakes_;
  ClassAccuracy* classes_;
  NeighboursView* neighbours_;
  MapView* map_;
  QTimer ticking_;
  BackgroundJob listing_;
  BackgroundJob predicting_;
};

}  // namespace barlow::ui
