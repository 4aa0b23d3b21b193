#pragma once

#include "core/studio/evaluation.h"
#include "core/studio/model_export.h"
#include "ui/bridge/background_job.h"

#include <QDialog>
#include <QString>

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;

namespace barlow::ui {

/// What the dialog asks of core; tests put their own in place. Called on a pool thread.
struct WeightExportDoors {
  std::function<std::vector<StoredCheckpoint>(const std::filesystem::path&)> checkpoints =
      listCheckpoints;
  std::function<ExportReport(const ExportRequest&)> describe = describeExport;
  std::function<ExportReport(const ExportRequest&)> write = exportModel;
};

/// Not modal. Takes the weights of a run, or of a file of weights, away: says what the file will
/// hold and which lines of Python open it, and writes it on a worker. One that is being written
/// when the dialog is closed is written whole.
class WeightExportDialog final : public QDialog {
  Q_OBJECT

 public:
  struct Subject {
    std::filesystem::path model;       // a run, or a file of weights
    QString name;                      // of it, for a person
    std::filesystem::path checkpoint;  // that is chosen first; empty: the newest
  };
  explicit WeightExportDialog(const Subject& subject,
                              WeightExportDoors doors = {},
                              QWidget* parent = nullptr);
  ~WeightExportDialog() override;
  bool isBusy() const { return listing_.isBusy() || describing_.isBusy() || writing_.isBusy(); }

 private:
  QLayout* makePython();
  QLayout* makeButtons();
  void listCheckpoints();
  void choose();
  void allow();
  void describe();
  void showDescribed(const JobResult<ExportReport>& result);
  void showOutcome(const QString& text, bool isProblem);
  void updateButtons();
  void save();
  ExportRequest request() const;
  QString suggestedName() const;

  const Subject subject_;
  const WeightExportDoors doors_;
  QFormLayout* form_;
  QComboBox* checkpoint_;
  QComboBox* format_;
  QComboBox* part_;
  QComboBox* names_;
  QCheckBox* classifier_;
  QLabel* what_;
  QLabel* problem_;
  QPlainTextEdit* python_;
  QPushButton* copy_;
  QProgressBar* progress_;
  QLabel* outcome_;
  QLabel* failure_;
  QPushButton* folderButton_;
  QPushButton* save_;
  std::optional<ExportReport> described_;  // of what is chosen now
  QString folder_;                         // of the last file
  BackgroundJob listing_;
  BackgroundJob describing_;
  BackgroundJob writing_;
};

}  // namespace barlow::ui
