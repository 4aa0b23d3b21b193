#pragma once

#include "core/matrix/dendrogram.h"
#include "ui/inspector/row_table_model.h"

namespace barlow::ui {

/// The clusters of a cut as rows, sortable.
class ClusterModel final : public RowTableModel<ClusterRow> {
  Q_OBJECT

 public:
  enum Column { Size, MeanDiagonal, Similarity, StrongestPair, ColumnCount };

  explicit ClusterModel(QObject* parent = nullptr) : RowTableModel(ColumnCount, parent) {}

 private:
  QString cellText(const ClusterRow& row, int column) const override;
  QString headerText(int column) const override;
  QString headerTip(int column) const override;
  double keyOf(const ClusterRow& row, int column) const override;
  bool isSame(const ClusterRow& a, const ClusterRow& b) const override;
};

}  // namespace barlow::ui
