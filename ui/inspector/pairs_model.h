#pragma once

#include "core/matrix/inspection.h"
#include "ui/inspector/row_table_model.h"

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
class PairsModel final : public RowTableModel<PairRow> {
  Q_OBJECT

 public:
  enum Column { Row, ColumnIndex, Value, Transposed, ColumnCount };

  explicit PairsModel(QObject* parent = nullptr) : RowTableModel(ColumnCount, parent) {}
  /// Whose pairs they are, for the headers.
  void setKind(MatrixKind kind);
  int rowOf(const CellIndex& cell) const;  // -1: none
  /// "i,j,c_ij,c_ji" and a line per chosen row with all digits, the same in every locale.
  QString toText(const std::vector<int>& chosen, QChar separator) const;

 private:
  bool isCrossed() const { return kind_ == MatrixKind::CrossCorrelation; }
  MatrixKind kind_ = MatrixKind::CrossCorrelation;
  QString cellText(const PairRow& row, int column) const override;
  QString headerText(int column) const override;
  QString headerTip(int column) const override;
  double keyOf(const PairRow& row, int column) const override;
  bool isSame(const PairRow& a, const PairRow& b) const override;
};

}  // namespace barlow::ui
