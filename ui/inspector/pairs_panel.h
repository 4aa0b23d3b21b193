#pragma once

#include "core/matrix/inspection.h"
#include "ui/inspector/pairs_model.h"

#include <QWidget>

#include <memory>
#include <optional>

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QTableView;

namespace barlow::ui {

/// The strongest, largest or smallest off-diagonal cells as a table. Enter and a double click go to
/// a pair, Ctrl+C copies the selected rows. Cells are those of the inspected matrix, whatever order
/// it is shown in.
class PairsPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit PairsPanel(QWidget* parent = nullptr);
  /// Null empties the table, as does a matrix without statistics. A selected pair stays selected
  /// where the new list has it, and then pairSelected() is not told again.
  void setInspection(std::shared_ptr<const Inspection> inspection);
  /// The whole table as it is sorted, the same in every locale.
  QString toCsv() const;

 Q_SIGNALS:
  void pairActivated(const barlow::CellIndex& cell);
  void pairSelected(const barlow::CellIndex& cell);
  void csvRequested();  // to be saved: toCsv()

 private:
  void showPairs();
  void copySelected();
  std::optional<CellIndex> currentCell() const;

  std::shared_ptr<const Inspection> inspection_;
  bool isFilling_ = false;
  PairsModel* model_;
  QComboBox* kind_;
  QSpinBox* count_;
  QTableView* table_;
  QLabel* note_;
  QPushButton* copy_;
  QPushButton* save_;
};

}  // namespace barlow::ui
