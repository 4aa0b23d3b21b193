#include "ui/inspector/pairs_model.h"

#include "ui/inspector/number_text.h"
#include "ui/plots/matrix_words.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow::ui {

double PairsModel::keyOf(const PairRow& row, int column) const {
  switch (column) {
    case Row:
      return static_cast<double>(row.cell.row);
    case ColumnIndex:
      return static_cast<double>(row.cell.column);
    case Value:
      return static_cast<double>(row.value);
    default:
      return row.transposed && !std::isnan(*row.transposed)
                 ? static_cast<double>(*row.transposed)
                 : -std::numeric_limits<double>::infinity();  // a missing C_ji comes first
  }
}

QString PairsModel::cellText(const PairRow& row, int column) const {
  switch (column) {
    case Row:
      return wholeNumber(row.cell.row);
    case ColumnIndex:
      return wholeNumber(row.cell.column);
    case Value:
      return fixedNumber(static_cast<double>(row.value), 4);
    default:
      return row.transposed ? fixedNumber(static_cast<double>(*row.transposed), 4)
                            : QStringLiteral("–");
  }
}

std::vector<PairRow> pairRows(const Inspection& inspection, PairKind kind, std::size_t count) {
  const MatrixStatistics& statistics = *inspection.statistics;
  std::vector<RankedCell> cells = kind == PairKind::Strongest ? statistics.strongest(count)
                                  : kind == PairKind::Largest ? statistics.largest
                                                              : statistics.smallest;
  cells.resize(std::min(cells.size(), count));
  const Matrix& matrix = inspection.matrix();
  std::vector<PairRow> rows;
  rows.reserve(cells.size());
  for (const RankedCell& ranked : cells) {
    PairRow row{.cell = ranked.cell, .value = ranked.value};
    if (matrix.isSquare()) {
      row.transposed = matrix.at(ranked.cell.column, ranked.cell.row);
    }
    rows.push_back(row);
  }
  return rows;
}

void PairsModel::setKind(MatrixKind kind) {
  if (kind != kind_) {
    kind_ = kind;
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
  }
}

int PairsModel::rowOf(const CellIndex& cell) const {
  const auto found = std::find_if(
      rows().begin(), rows().end(), [&](const PairRow& row) { return row.cell == cell; });
  return found == rows().end() ? -1 : static_cast<int>(found - rows().begin());
}

QString PairsModel::toText(const std::vector<int>& chosen, QChar separator) const {
  const auto line = [&](const QStringList& fields) {
    return fields.join(separator) + QLatin1Char('\n');
  };
  QString text = line(
      {QStringLiteral("i"), QStringLiteral("j"), QStringLiteral("c_ij"), QStringLiteral("c_ji")});
  for (const int index : chosen) {
    const PairRow& row = rows().at(static_cast<std::size_t>(index));
    text += line({QString::number(row.cell.row),
                  QString::number(row.cell.column),
                  exactNumber(row.value),
                  row.transposed ? exactNumber(*row.transposed) : QString()});
  }
  return text;
}

QString PairsModel::headerText(int column) const {
  switch (column) {
    case Row:
      return textOf(wordsOf(kind_).rowLetter);
    case ColumnIndex:
      return textOf(wordsOf(kind_).columnLetter);
    case Value:
      return isCrossed() ? tr("C_ij") : textOf(wordsOf(kind_).value);
    default:
      return isCrossed() ? tr("C_ji") : tr("mirrored");
  }
}

QString PairsModel::headerTip(int column) const {
  switch (column) {
    case Row:
      return textOf(wordsOf(kind_).row, wordsOf(kind_).rowLetter);
    case ColumnIndex:
      return textOf(wordsOf(kind_).column, wordsOf(kind_).columnLetter);
    case Value:
      return isCrossed() ? tr("Correlation of i of view A with j of view B")
                         : textOf(wordsOf(kind_).means);
    default:
      return isCrossed() ? tr("The same two dimensions with the views exchanged")
                         : tr("The cell at the other side of the diagonal");
  }
}

bool PairsModel::isSame(const PairRow& a, const PairRow& b) const { return a.cell == b.cell; }

}  // namespace barlow::ui
