#pragma once

#include "core/matrix/dendrogram.h"

#include <QAbstractTableModel>

#include <vector>

namespace barlow::ui {

/// The clusters of a cut as rows, sortable.
class ClusterModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Size, MeanDiagonal, Similarity, StrongestPair, ColumnCount };

  using QAbstractTableModel::QAbstractTableModel;
  void setRows(std::vector<ClusterRow> rows);
  const std::vector<ClusterRow>& rows() const { return rows_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

 private:
  std::vector<ClusterRow> rows_;
};

}  // namespace barlow::ui
