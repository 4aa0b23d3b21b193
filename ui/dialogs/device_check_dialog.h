#pragma once

#include "core/studio/device_check.h"
#include "ui/bridge/background_job.h"

#include <QDialog>
#include <QTimer>

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QTableWidget;

namespace barlow::ui {

/// checkDevice(), or what a test puts in its place. Called on a pool thread.
using DeviceCheckRunner =
    std::function<DeviceCheckReport(const DeviceCheckRequest& request,
                                    const std::function<void(const DeviceCheckResult&)>& emit,
                                    std::stop_token stop)>;

/// Help, Check device: makes the checks on a worker and shows each result as it comes; the figures
/// of the chosen row stand below. Modal for its window, so that no run begins meanwhile: the checks
/// change settings of the whole process. Closing it while it works stops the work first.
class DeviceCheckDialog final : public QDialog {
  Q_OBJECT

 public:
  explicit DeviceCheckDialog(DeviceCheckRunner runner, QWidget* parent = nullptr);
  ~DeviceCheckDialog() override;
  bool isBusy() const { return job_.isBusy(); }

 public Q_SLOTS:
  void start();
  void reject() override;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  struct Mailbox;  // results on their way from the worker

  QLayout* makeChoices();
  QWidget* makeResults();
  QLayout* makeButtons();
  void clearRows();
  void takeResults();
  void addResult(const DeviceCheckResult& result);
  void finish(const JobResult<DeviceCheckReport>& outcome);
  void showFirst();
  void showFigures();
  void showColors();
  void updateButtons();
  void copy(bool asJson) const;

  DeviceCheckRunner runner_;
  QComboBox* device_;
  QCheckBox* quick_;
  QTableWidget* table_;
  QPlainTextEdit* figures_;
  QProgressBar* progress_;
  QLabel* verdict_;
  QPushButton* start_;
  QPushButton* cancel_;
  QPushButton* copyText_;
  QPushButton* copyJson_;
  std::vector<DeviceCheckResult> results_;
  bool isBad_ = false;  // the verdict
  bool closesAtEnd_ = false;
  QTimer ticking_;  // looks into the mailbox
  std::shared_ptr<Mailbox> mailbox_;
  std::stop_source stop_;
  BackgroundJob job_;
};

}  // namespace barlow::ui
