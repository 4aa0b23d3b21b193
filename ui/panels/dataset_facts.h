#pragma once

#include "core/report/scan_report.h"
#include "core/studio/dataset_browser.h"
#include "ui/bridge/background_job.h"

#include <QTimer>
#include <QWidget>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

class QLabel;
class QListWidget;
class QProgressBar;
class QPushButton;

namespace barlow::ui {

class ClassBars;

/// Counted once per data set, on a worker.
struct DatasetCounts {
  std::vector<std::int64_t> perClass;  // training and held out together
  PixelSize firstSize;                 // of image 0; 0 x 0 when it cannot be read
};
DatasetCounts countDataset(const DatasetBrowser& dataset);

/// The column beside the thumbnails: counts, classes, sizes, problems with their reasons, and the
/// check of every image.
class DatasetFacts final : public QWidget {
  Q_OBJECT

 public:
  explicit DatasetFacts(QWidget* parent = nullptr);
  ~DatasetFacts() override;

  /// Null clears. A check that goes on is cancelled.
  void setDataset(std::shared_ptr<const DatasetBrowser> dataset,
                  const DatasetCounts& counts,
                  const std::string& source);
  bool isBusy() const { return check_.isBusy(); }

 Q_SIGNALS:
  void busyChanged();

 private:
  struct Progress {
    std::atomic<std::int64_t> done = 0;
    std::atomic<std::int64_t> total = 0;
  };

  QWidget* makeTable();
  void startCheck();
  void cancelCheck();
  void showProgress();
  void showReport(const ScanReport& report);
  void showProblems(const std::vector<SampleProblem>& problems,
                    const std::vector<LeftOut>& leftOut);
  void showChecking(bool isChecking);

  std::shared_ptr<const DatasetBrowser> dataset_;
  std::string source_;
  QLabel* images_;
  QLabel* training_;
  QLabel* heldOut_;
  QLabel* classes_;
  QLabel* size_;
  QLabel* classTitle_;
  ClassBars* bars_;
  QLabel* problemTitle_;
  QListWidget* problems_;
  QPushButton* checkButton_;
  QProgressBar* progressBar_;
  QLabel* verdict_;
  QTimer look_;
  std::shared_ptr<Progress> progress_;
  BackgroundJob check_;
};

}  // namespace barlow::ui
