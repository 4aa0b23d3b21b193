#pragma once

#include "core/report/run_plan.h"
#include "ui/bridge/background_job.h"
#include "ui/bridge/experiment.h"

#include <QTimer>
#include <QWidget>

#include <optional>

class QComboBox;
class QLabel;
class QPushButton;

namespace barlow::ui {

/// The settings of the next run: preset, everything else, what it will take, and what is wrong.
class SettingsPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit SettingsPanel(Experiment& experiment, QWidget* parent = nullptr);
  /// How many images the estimate is for; 0: unknown.
  void setImageCount(std::int64_t images);
  bool isBusy() const { return estimating_.isBusy() || wait_.isActive(); }

 private:
  void follow();
  void estimate();
  void followAdvice();
  void showEstimate(const ResourceEstimate& estimate);

  Experiment& experiment_;
  QComboBox* preset_;
  QLabel* about_;
  QLabel* cost_;
  QLabel* problems_;
  QWidget* advice_;  // a suggested learning rate, which can be taken or refused
  QLabel* adviceText_;
  QPushButton* takeAdvice_;
  QPushButton* refuseAdvice_;
  std::optional<double> refused_;
  std::int64_t images_ = 0;
  QTimer wait_;  // one estimate after a burst of edits
  BackgroundJob estimating_;
};

}  // namespace barlow::ui
