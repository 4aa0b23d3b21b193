#pragma once

#include "core/report/evaluation_report.h"

#include <QWidget>

#include <vector>

class QCheckBox;
class QLabel;
class QTreeWidget;
class QTreeWidgetItem;

namespace barlow::ui {

/// Reports as a table: what was measured in the same way stands together under what it has in
/// common, the newest checkpoint first; below, apart, what others published for the same data.
class ResultsView final : public QWidget {
  Q_OBJECT

 public:
  explicit ResultsView(QWidget* parent = nullptr);

  /// What was chosen stays so, by its file; else the newest is. `newest`: choose that file.
  void setEvaluations(std::vector<StoredEvaluation> evaluations,
                      const std::filesystem::path& newest = {});
  const std::vector<StoredEvaluation>& evaluations() const { return evaluations_; }
  /// Null: none.
  const StoredEvaluation* chosen() const;
  bool showsPublished() const;
  /// Says why there is nothing, and what to do.
  void setEmptyText(const QString& text);

 Q_SIGNALS:
  void choiceChanged();
  void publishedToggled();

 private:
  void fill();
  void addPublished();
  void follow(const QTreeWidgetItem* item);
  void tellChosen();
  QTreeWidgetItem* addGroup(const QString& text);

  std::vector<StoredEvaluation> evaluations_;
  QLabel* empty_;
  QTreeWidget* tree_;
  QCheckBox* published_;
  QLabel* detail_;
  std::size_t chosen_ = 0;  // none: as many as there are
  bool isFilling_ = false;
};

}  // namespace barlow::ui
