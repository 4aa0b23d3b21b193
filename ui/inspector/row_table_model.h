#pragma once

#include <QAbstractTableModel>
#include <QString>

#include <algorithm>
#include <utility>
#include <vector>

namespace barlow::ui {

/// A table of values, a Row each, that is replaced as a whole and sorts by any column. What a Row
/// shows is told by who derives from it.
template <class Row>
class RowTableModel : public QAbstractTableModel {
 public:
  explicit RowTableModel(int columns, QObject* parent)
      : QAbstractTableModel(parent), columns_(columns) {}

  void setRows(std::vector<Row> rows) {
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
  }
  const std::vector<Row>& rows() const { return rows_; }

  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
  }
  int columnCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : columns_;
  }
  QVariant data(const QModelIndex& index, int role) const override {
    if (!index.isValid() || index.row() >= rowCount()) {
      return {};
    }
    switch (role) {
      case Qt::DisplayRole:
        return cellText(rows_[static_cast<std::size_t>(index.row())], index.column());
      case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
      default:
        return {};
    }
  }
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
    if (orientation != Qt::Horizontal || section < 0 || section >= columns_) {
      return {};
    }
    switch (role) {
      case Qt::DisplayRole:
        return headerText(section);
      case Qt::ToolTipRole:
        return headerTip(section);
      case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
      default:
        return {};
    }
  }
  /// Equal rows stay as they were; selected rows stay selected.
  void sort(int column, Qt::SortOrder order) override {
    if (column < 0 || column >= columns_) {
      return;
    }
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList before = persistentIndexList();
    std::vector<Row> held;
    for (const QModelIndex& index : before) {
      held.push_back(rows_[static_cast<std::size_t>(index.row())]);
    }
    std::stable_sort(rows_.begin(), rows_.end(), [&](const Row& a, const Row& b) {
      return order == Qt::AscendingOrder ? keyOf(a, column) < keyOf(b, column)
                                         : keyOf(b, column) < keyOf(a, column);
    });
    for (qsizetype i = 0; i < before.size(); ++i) {
      const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) {
        return isSame(row, held[static_cast<std::size_t>(i)]);
      });
      changePersistentIndex(before[i],
                            index(static_cast<int>(found - rows_.begin()), before[i].column()));
    }
    Q_EMIT layoutChanged();
  }

 private:
  virtual QString cellText(const Row& row, int column) const = 0;
  virtual QString headerText(int column) const = 0;
  virtual QString headerTip(int column) const = 0;
  /// For sorting; what has no number comes before all that have one.
  virtual double keyOf(const Row& row, int column) const = 0;
  /// Whether both are about the same thing; no two rows of a table are.
  virtual bool isSame(const Row& a, const Row& b) const = 0;

  int columns_;
  std::vector<Row> rows_;
};

}  // namespace barlow::ui
