#pragma once

#include "core/matrix/inspection.h"
#include "ui/inspector/inspected_numbers.h"

#include <QWidget>

#include <array>
#include <memory>
#include <vector>

class QGridLayout;
class QLabel;
class QMenu;

namespace barlow::ui {

/// The numbers of an inspected matrix, always visible; each explains itself on hover. Where a
/// number stands for cells of the matrix, it is a button that jumps there or lists them.
class NumbersPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit NumbersPanel(QWidget* parent = nullptr);
  /// Null shows a dash everywhere.
  void setInspection(std::shared_ptr<const Inspection> inspection);
  /// A newer matrix is on screen: until the next setInspection() the numbers are gray, with their
  /// step beside them.
  void setStale();

  /// What stands beside the name of a number, its sign included.
  QString text(NumberKey key) const;
  QString toolTip(NumberKey key) const;

 Q_SIGNALS:
  void cellActivated(const barlow::CellIndex& cell);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void addRow(QGridLayout& grid, int row, const std::vector<NumberKey>& keys);
  QWidget* makeValue(NumberKey key);
  void showKind(MatrixKind kind);
  void showNumber(NumberKey key, const InspectedNumber& number);
  void activate(NumberKey key);
  void listCells(QWidget* at, const std::vector<std::pair<QString, CellIndex>>& cells, qint64 all);
  void listDead(QWidget* at, const ViewHealth& health);
  void listDuplicates(QWidget* at, const ViewHealth& health);
  void dress();

  std::shared_ptr<const Inspection> inspection_;
  std::array<InspectedNumber, kNumberCount> numbers_;
  std::array<QWidget*, kNumberCount> values_{};  // QLabel, or a button
  std::array<QString, kNumberCount> tips_;
  std::array<QLabel*, kNumberCount> names_{};  // of rows, by their first number
  MatrixKind kind_ = MatrixKind::CrossCorrelation;
  QLabel* lossTitle_;
  QLabel* shape_;
  QLabel* floorSentence_;
  QLabel* varianceNote_;
  QMenu* menu_;
  bool isStale_ = false;
};

}  // namespace barlow::ui
