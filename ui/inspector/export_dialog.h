#pragma once

#include "core/base/job_control.h"
#include "ui/bridge/background_job.h"

#include <QDialog>
#include <QString>
#include <QTimer>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

class QLabel;
class QProgressBar;
class QPushButton;

namespace barlow::ui {

class ExportForm;
struct ExportSource;

/// Not modal. Chooses what to take of a matrix, says how large it will be, and saves or copies it
/// on a worker. An export that runs keeps the matrix it began with, and goes on when the dialog is
/// closed; it ends, without a file, when the dialog is destroyed.
class ExportDialog final : public QDialog {
  Q_OBJECT

 public:
  explicit ExportDialog(QWidget* parent = nullptr);
  ~ExportDialog() override;
  /// What the next export takes.
  void setSource(const ExportSource& source);
  bool isBusy() const { return job_.isBusy(); }

 Q_SIGNALS:
  /// A file was written.
  void saved(const QString& path);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QLayout* makeButtons();
  void measureSoon();
  void measure();
  void showSize(const QString& text, bool isProblem);
  void showOutcome(const QString& text, bool isProblem);
  void showProblems();
  void updateButtons();
  void save();
  void copy();
  /// A stop and a progress for the next job.
  JobControl beginJob();
  void endJob();
  void showProgress();

  ExportForm* form_;
  QLabel* size_;
  QLabel* outcome_;
  QProgressBar* progress_;
  QPushButton* cancel_;
  QPushButton* copy_;
  QPushButton* save_;
  QTimer typing_;                              // a pause in typing before the size is measured
  QTimer ticking_;                             // looks at `done_` while a job runs
  std::optional<std::uint64_t> announced_;     // bytes
  std::shared_ptr<std::atomic<double>> done_;  // share of the running job
  std::stop_source stop_;
  QString folder_;  // of the last file
  BackgroundJob measuring_;
  BackgroundJob job_;
};

}  // namespace barlow::ui
