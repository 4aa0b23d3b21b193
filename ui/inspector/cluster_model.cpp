#include "ui/inspector/cluster_model.h"

#include "ui/inspector/number_text.h"

#include <cmath>
#include <limits>

namespace barlow::ui {

double ClusterModel::keyOf(const ClusterRow& row, int column) const {
  double key = 0;
  switch (column) {
    case Size:
      return static_cast<double>(row.block.count);
    case MeanDiagonal:
      key = static_cast<double>(row.meanDiagonal);
      break;
    case Similarity:
      key = static_cast<double>(row.meanSimilarity);
      break;
    default:
      return static_cast<double>(row.strongestPair.row);
  }
  return std::isnan(key) ? -std::numeric_limits<double>::infinity() : key;
}

QString ClusterModel::cellText(const ClusterRow& row, int column) const {
  switch (column) {
    case Size:
      return wholeNumber(row.block.count);
    case MeanDiagonal:
      return fixedNumber(static_cast<double>(row.meanDiagonal), 3);
    case Similarity:
      return row.block.count > 1 ? fixedNumber(static_cast<double>(row.meanSimilarity), 3)
                                 : QStringLiteral("–");
    default:
      return row.strongestPair.row >= 0
                 ? QStringLiteral("%1, %2").arg(wholeNumber(row.strongestPair.row),
                                                wholeNumber(row.strongestPair.column))
                 : QStringLiteral("–");
  }
}

QString ClusterModel::headerText(int column) const {
  switch (column) {
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

QString ClusterModel::headerTip(int column) const {
  switch (column) {
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

bool ClusterModel::isSame(const ClusterRow& a, const ClusterRow& b) const {
  return a.block.first == b.block.first;
}

}  // namespace barlow::ui
