#include "ui/inspector/pairs_model.h"

#include "ui/inspector/number_text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow::ui {
namespace {

// For sorting: a missing C_ji comes before all that are there.
double keyOf(const PairRow& row, int column) {
  switch (column) {
    case PairsModel::Row:
      return static_cast<double>(row.cell.row);
    case PairsModel::ColumnIndex:
      return static_cast<double>(row.cell.column);
    case PairsModel::Value:
      return static_cast<double>(row.value);
    default:
      return row.transposed && !std::isnan(*row.transposed)
                 ? static_cast<double>(*row.transposed)
                 : -std::numeric_limits<double>::infinity();
  }
}

QString cellText(const PairRow& row, int column) {
  switch (column) {
    case PairsModel::Row:
      return wholeNumber(row.cell.row);
    case PairsModel::ColumnIndex:
      return wholeNumber(row.cell.column);
    case PairsModel::Value:
      return fixedNumber(static_cast<double>(row.value), 4);
    default:
      return row.transposed ? fixedNumber(static_cast<double>(*row.transposed), 4)
                            : QStringLiteral("–");
  }
}

}  // namespace

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

void PairsModel::setRows(std::vector<PairRow> rows) {
  beginResetModel();
  rows_ = std::move(rows);
  endResetModel();
}

int PairsModel::rowOf(const CellIndex& cell) const {
  const auto found = std::find_if(
      rows_.begin(), rows_.end(), [&](const PairRow& row) { return row.cell == cell; });
  return found == rows_.end() ? -1 : static_cast<int>(found - rows_.begin());
}

QString PairsModel::toText(const std::vector<int>& rows, QChar separator) const {
  const auto line = [&](const QStringList& fields) {
    return fields.join(separator) + QLatin1Char('\n');
  };
  QString text = line(
      {QStringLiteral("i"), QStringLiteral("j"), QStringLiteral("c_ij"), QStringLiteral("c_ji")});
  for (const int index : rows) {
    const PairRow& row = rows_.at(static_cast<std::size_t>(index));
    text += line({QString::number(row.cell.row),
                  QString::number(row.cell.column),
                  exactNumber(row.value),
                  row.transposed ? exactNumber(*row.transposed) : QString()});
  }
  return text;
}

int PairsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int PairsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant PairsModel::data(const QModelIndex& index, int role) const {
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

QVariant PairsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) {
    return {};
  }
  if (role == Qt::TextAlignmentRole) {
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  }
  if (role == Qt::ToolTipRole) {
    switch (section) {
      case Row:
        return tr("Dimension of view A");
      case ColumnIndex:
        return tr("Dimension of view B");
      case Value:
        return tr("Correlation of i of view A with j of view B");
      default:
        return tr("The same two dimensions with the views exchanged");
    }
  }
  if (role != Qt::DisplayRole) {
    return {};
  }
  switch (section) {
    case Row:
      return tr("i");
    case ColumnIndex:
      return tr("j");
    case Value:
      return tr("C_ij");
    default:
      return tr("C_ji");
  }
}

void PairsModel::sort(int column, Qt::SortOrder order) {
  if (column < 0 || column >= ColumnCount) {
    return;
  }
  Q_EMIT layoutAboutToBeChanged();
  const QModelIndexList before = persistentIndexList();
  std::vector<CellIndex> cells;
  for (const QModelIndex& index : before) {
    cells.push_back(rows_[static_cast<std::size_t>(index.row())].cell);
  }
  std::stable_sort(rows_.begin(), rows_.end(), [&](const PairRow& a, const PairRow& b) {
    return order == Qt::AscendingOrder ? keyOf(a, column) < keyOf(b, column)
                                       : keyOf(b, column) < keyOf(a, column);
  });
  for (qsizetype i = 0; i < before.size(); ++i) {
    const int row = rowOf(cells[static_cast<std::size_t>(i)]);
    changePersistentIndex(before[i], index(row, before[i].column()));
  }
  Q_EMIT layoutChanged();
}

}  // namespace barlow::ui
