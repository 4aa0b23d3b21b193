#include "ui/inspector/cluster_model.h"

#include "ui/inspector/number_text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow::ui {
namespace {

// For sorting; NaN comes before all numbers.
double keyOf(const ClusterRow& row, int column) {
  double key = 0;
  switch (column) {
    case ClusterModel::Size:
      return static_cast<double>(row.block.count);
    case ClusterModel::MeanDiagonal:
      key = static_cast<double>(row.meanDiagonal);
      break;
    case ClusterModel::Similarity:
      key = static_cast<double>(row.meanSimilarity);
      break;
    default:
      return static_cast<double>(row.strongestPair.row);
  }
  return std::isnan(key) ? -std::numeric_limits<double>::infinity() : key;
}

QString cellText(const ClusterRow& row, int column) {
  switch (column) {
    case ClusterModel::Size:
      return wholeNumber(row.block.count);
    case ClusterModel::MeanDiagonal:
      return fixedNumber(static_cast<double>(row.meanDiagonal), 3);
    case ClusterModel::Similarity:
      return row.block.count > 1 ? fixedNumber(static_cast<double>(row.meanSimilarity), 3)
                                 : QStringLiteral("–");
    default:
      return row.strongestPair.row >= 0
                 ? QStringLiteral("%1, %2").arg(wholeNumber(row.strongestPair.row),
                                                wholeNumber(row.strongestPair.column))
                 : QStringLiteral("–");
  }
}

}  // namespace

void ClusterModel::setRows(std::vector<ClusterRow> rows) {
  beginResetModel();
  rows_ = std::move(rows);
  endResetModel();
}

int ClusterModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int ClusterModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant ClusterModel::data(const QModelIndex& index, int role) const {
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

QVariant ClusterModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) {
    return {};
  }
  if (role == Qt::TextAlignmentRole) {
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  }
  if (role == Qt::ToolTipRole) {
    switch (section) {
      case Size:
        return tr("Dimensions in the cluster");
      case MeanDiagonal:
        return tr("Mean of their C_ii");
      case Similarity:
        return tr("Mean of |C + C^T| / 2 over their pairs");
      default:
        return tr("The off-diagonal cell of largest |C| in the cluster");
    }
  }
  if (role != Qt::DisplayRole) {
    return {};
  }
  switch (section) {
    case Size:
      return tr("Size");
    case MeanDiagonal:
      return tr("C_ii");
    case Similarity:
      return tr("Alike");
    default:
      return tr("Strongest");
  }
}

void ClusterModel::sort(int column, Qt::SortOrder order) {
  if (column < 0 || column >= ColumnCount) {
    return;
  }
  Q_EMIT layoutAboutToBeChanged();
  const QModelIndexList before = persistentIndexList();
  std::vector<std::int64_t> places;  // of a cluster's first leaf: its identity
  for (const QModelIndex& index : before) {
    places.push_back(rows_[static_cast<std::size_t>(index.row())].block.first);
  }
  std::stable_sort(rows_.begin(), rows_.end(), [&](const ClusterRow& a, const ClusterRow& b) {
    return order == Qt::AscendingOrder ? keyOf(a, column) < keyOf(b, column)
                                       : keyOf(b, column) < keyOf(a, column);
  });
  for (qsizetype i = 0; i < before.size(); ++i) {
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const ClusterRow& row) {
      return row.block.first == places[static_cast<std::size_t>(i)];
    });
    changePersistentIndex(before[i],
                          index(static_cast<int>(found - rows_.begin()), before[i].column()));
  }
  Q_EMIT layoutChanged();
}

}  // namespace barlow::ui
