#pragma once

#include "core/matrix/dendrogram.h"
#include "core/matrix/inspection.h"
#include "core/matrix/order.h"
#include "ui/bridge/background_job.h"
#include "ui/inspector/order_request.h"

#include <QObject>
#include <QString>

#include <memory>
#include <optional>

namespace barlow::ui {

/// What is drawn of one or two matrices.
enum class Derivation {
  None,
  Difference,           // first - second
  MagnitudeDifference,  // |first| - |second|
  Asymmetry,            // (C - C^T) / 2
  Transposed,
};

/// An order of the dimensions with how it came about. Frozen.
struct ArrangedOrder {
  /// Not all dimensions: the others are out of sight.
  bool isCropped = false;
  OrderRequest request;
  QString name;                                  // of OrderKind::Saved
  std::shared_ptr<const Order> order;            // null: as they are
  std::shared_ptr<const Dendrogram> dendrogram;  // of OrderKind::Clusters
};

/// What the canvas shows: made complete, then frozen.
struct ShownMatrix {
  std::shared_ptr<const Inspection> first;
  std::shared_ptr<const Inspection> second;  // null: nothing to compare with
  Derivation derivation = Derivation::None;
  ArrangedOrder order;
  std::shared_ptr<const MatrixPyramid> pyramid;        // derived, and in this order
  std::shared_ptr<const MatrixPyramid> secondPyramid;  // the second in this order; not when derived
  // Of the derived matrix, dimensions as they are.
  std::shared_ptr<const MatrixStatistics> statistics;
};

/// Derives and orders matrices on a worker; the old picture stays until the new one is there.
/// Nothing is copied where nothing changes. An order stays as it is while matrices come and go, for
/// as long as they have its size. Window thread only.
class MatrixArranger final : public QObject {
  Q_OBJECT

 public:
  explicit MatrixArranger(QObject* parent = nullptr);
  ~MatrixArranger() override;

  /// `second` may be null. A derivation of two needs one of the same shape.
  void setMatrices(std::shared_ptr<const Inspection> first,
                   std::shared_ptr<const Inspection> second);
  void setDerivation(Derivation derivation);
  /// From the next job on: a training runs in this program, whose threads come first.
  void setYields(bool yields) { yields_ = yields; }
  Derivation derivation() const { return derivation_; }

  /// Computes an order of the first matrix on a worker; orderReady() follows, or orderFailed().
  void computeOrder(const OrderRequest& request);
  void cancelOrder();
  bool isOrdering() const { return ordering_.isBusy(); }
  /// Takes an order over, computed or read. One that does not fit the matrix is refused: false.
  bool setOrder(ArrangedOrder order);
  const ArrangedOrder& order() const { return order_; }

  /// Null before the first matrix.
  const std::shared_ptr<const ShownMatrix>& shown() const { return shown_; }
  bool isBusy() const { return arranging_.isBusy() || ordering_.isBusy(); }

 Q_SIGNALS:
  void shownChanged();
  void orderProgressed(double done);
  void orderReady(const barlow::ui::ArrangedOrder& order);
  /// A matrix came that the order does not fit: dimensions stand as they are again.
  void orderDropped();
  void failed(const QString& sentence);

 private:
  void arrange();
  bool fits(const ArrangedOrder& order) const;

  std::shared_ptr<const Inspection> first_;
  std::shared_ptr<const Inspection> second_;
  Derivation derivation_ = Derivation::None;
  ArrangedOrder order_;
  MatrixKind orderedKind_ = MatrixKind::CrossCorrelation;  // of the last first matrix
  bool yields_ = false;
  std::shared_ptr<const ShownMatrix> shown_;
  bool isWaiting_ = false;  // matrices came while others were being arranged
  BackgroundJob arranging_;
  BackgroundJob ordering_;
};

}  // namespace barlow::ui
