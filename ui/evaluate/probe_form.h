#pragma once

#include "core/studio/evaluation.h"
#include "core/studio/run_browser.h"

#include <QString>
#include <QWidget>

#include <filesystem>
#include <vector>

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace barlow::ui {

class NumberBox;
class WholeBox;

/// What is to be evaluated: run, checkpoints, data, probe and its few settings.
class ProbeForm final : public QWidget {
  Q_OBJECT

 public:
  explicit ProbeForm(QWidget* parent = nullptr);

  /// Those to choose from; `own` is the one at hand, empty where there is none.
  void setRuns(const std::filesystem::path& own,
               const QString& ownName,
               const std::vector<RunHeadline>& runs);
  /// Chooses a run that may not be in the list. Tells nobody.
  void setRun(const std::filesystem::path& run);
  /// The same of a file of weights, which knows no data: judged by images of `source` unless others
  /// are named.
  void setFile(const std::filesystem::path& file, const std::string& source);
  const std::filesystem::path& run() const { return chosen_; }
  /// Newest first. What was chosen stays so; the newest where nothing is.
  void setCheckpoints(const std::vector<StoredCheckpoint>& checkpoints);

  struct Wanted {
    EvaluationRequest request;
    QString title;
  };
  /// The newest of those chosen; empty: none.
  std::filesystem::path checkpoint() const;
  QString runName() const;
  /// One per chosen checkpoint, the oldest first.
  std::vector<Wanted> wanted() const;
  ProbeKind probe() const;
  /// What asks for it; stands where the window puts it.
  QPushButton* button() const { return evaluate_; }

 Q_SIGNALS:
  void runChosen();
  void evaluateRequested();

 private:
  void makeProbe(QFormLayout& form);
  void chooseOtherRun();
  void chooseFile();
  void chooseData();
  void takePreset(int index);
  void showPreset();
  void showProbe();
  void allow();
  QWidget* named(QWidget* widget, const char* objectName, const QString& name);

  std::filesystem::path chosen_;  // run; empty: none
  QFormLayout* form_;
  QComboBox* run_;
  QListWidget* checkpoints_;
  QLineEdit* data_;
  QComboBox* split_;
  QComboBox* probe_;
  QLabel* sentence_;
  QComboBox* knnPreset_;
  WholeBox* k_;
  NumberBox* temperature_;
  QComboBox* metric_;
  QComboBox* vote_;
  QComboBox* preset_;
  QComboBox* labels_;
  QComboBox* part_;
  QPushButton* evaluate_;
};

}  // namespace barlow::ui
