#pragma once

#include "core/report/run_plan.h"
#include "ui/bridge/background_job.h"
#include "ui/bridge/experiment.h"

#include <QTimer>
#include <QWidget>

#include <optional>

class QBoxLayout;
class QComboBox;
class QLabel;
class QPushButton;

namespace barlow::ui {

class ConfigForm;

/// The settings of the next run, or of the one at hand from where it is resumed: data, preset,
/// everything else, what it will take, and what is wrong.
class SettingsPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit SettingsPanel(Experiment& experiment, QWidget* parent = nullptr);
  /// How many images the estimate is for; 0: unknown.
  void setImageCount(std::int64_t images);
  /// A run goes on: what it cannot change is disabled, and all else waits for Resume.
  void setRunning(bool isRunning);
  /// What an epoch took in the run of this configuration: better than any estimate.
  void setMeasured(const RunConfig& config, double secondsPerEpoch);
  bool isBusy() const { return estimating_.isBusy() || wait_.isActive(); }

 Q_SIGNALS:
  /// How long a run with these settings takes; 0: unknown.
  void estimated(double seconds);

 private:
  // A suggested value, which can be taken or refused.
  struct Advice {
    QWidget* row;
    QLabel* text;
    QPushButton* take;
    std::optional<double> suggested;
    std::optional<double> refused;
  };
  Advice makeAdvice(const QString& name, const QString& what, void (*apply)(RunConfig&, double));
  void showAdvice(Advice& advice, std::optional<double> value, const QString& text);
  double secondsPerEpoch(const ResourceEstimate& estimate) const;
  void follow();
  void estimate();
  void followAdvice();
  void showEstimate(const ResourceEstimate& estimate);

  Experiment& experiment_;
  QComboBox* preset_;
  QLabel* about_;
  QLabel* cost_;
  QLabel* problems_;
  QLabel* data_;
  QLabel* runningNote_;
  ConfigForm* form_;
  Advice rate_;
  Advice warmup_;
  RunConfig measuredConfig_;
  double measuredSeconds_ = 0;  // an epoch with it; 0: not measured
  ResourceEstimate estimate_;
  bool isRunning_ = false;
  std::int64_t images_ = 0;
  QTimer wait_;  // one estimate after a burst of edits
  BackgroundJob estimating_;
};

}  // namespace barlow::ui
