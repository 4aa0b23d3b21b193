#pragma once

#include "core/matrix/inspection.h"
#include "core/matrix/order.h"

#include <QWidget>

#include <cstdint>
#include <memory>
#include <vector>

class QCheckBox;
class QLabel;
class QToolButton;

namespace barlow::ui {

class CellHistogram;
class DiagonalStrip;
class NumberBox;
class PrototypeBars;
class SpectrumChart;

/// The values of an inspected matrix as charts: the diagonal, both histograms, the spectrum of its
/// embeddings; of assignments the use of the prototypes. What is marked in them is told, so that it
/// can be marked in the matrix.
class DistributionPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit DistributionPanel(QWidget* parent = nullptr);
  /// Null empties the charts; so does what is not worked out yet.
  void setInspection(std::shared_ptr<const Inspection> inspection);
  /// Dimension at each place of the shown matrix; empty: the original order.
  void setOrder(const Order& order);

 Q_SIGNALS:
  /// A range of places of the diagonal strip, and the dimensions that stand there; -1, -1 for
  /// dimensions that do not stand together (those below the threshold).
  void rangeBrushed(qint64 first, qint64 last, const std::vector<std::int32_t>& dimensions);
  void brushCleared();
  /// Bins first to last of the statistics' histogram of this part: see cellsOfBin().
  void binClicked(barlow::CellPart part, qint64 firstBin, qint64 lastBin);
  void prototypeActivated(qint64 prototype);

 private:
  void fill();
  void showBelow();

  std::shared_ptr<const Inspection> inspection_;
  Order order_;
  PrototypeBars* bars_;
  DiagonalStrip* strip_;
  QWidget* controls_;  // of the strip
  QCheckBox* sorted_;
  NumberBox* threshold_;
  QToolButton* below_;
  CellHistogram* diagonal_;
  CellHistogram* offDiagonal_;
  SpectrumChart* spectrum_;
};

}  // namespace barlow::ui
