#pragma once

#include "core/matrix/inspection.h"

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace barlow::ui {

/// Which of a matrix' off-diagonal cells a list holds.
enum class PairKind { Strongest, Largest, Smallest };

struct PairRow {
  CellIndex cell;
  float value = 0;                  // C_ij
  std::optional<float> transposed;  // C_ji, of a square matrix
};

/// The first `count` pairs of the statistics' lists, which must be there; nothing is searched
/// again.
std::vector<PairRow> pairRows(const Inspection& inspection, PairKind kind, std::size_t count);

/// Pairs as rows, in the order given until sorted.
class PairsModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Row, ColumnIndex, Value, Transposed, ColumnCount };

  using QAbstractTableModel::QAbstractTableModel;
  void setRows(std::vector<PairRow> rows);
  const std::vector<PairRow>& rows() const { return rows_; }
  int rowOf(const CellIndex& cell) const;  // -1: none
  /// "i,j,c_ij,c_ji" and a line per row with all digits, the same in every locale.
  QString toText(const std::vector<int>& rows, QChar separator) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

 private:
  std::vector<PairRow> rows_;
};

}  // namespace barlow::ui
