#pragma once

#include "core/matrix/dendrogram.h"
#include "ui/inspector/order_request.h"

#include <QWidget>

#include <cstdint>
#include <memory>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSlider;
class QSpinBox;
class QTableView;

namespace barlow::ui {

class ClusterModel;
class DendrogramView;

/// Which orders a matrix can have.
struct OrderChoices {
  std::int64_t dimensions = 0;  // rows
  bool isSquare = true;         // others keep their order
  bool hasVariances = false;    // of embeddings
};

/// The order of the dimensions, and the clusters of the order by likeness. Computes nothing: asks
/// by signals, shows what the setters bring, which tell nobody. A choice acts at once; while it is
/// computed, setBusy(true) shows progress and Cancel.
class OrderPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit OrderPanel(QWidget* parent = nullptr);

  void setChoices(const OrderChoices& choices);
  /// The order that is shown now; `name` of a saved one.
  void setOrder(const OrderRequest& order, const QString& name = {});
  const OrderRequest& order() const { return shown_; }
  /// Null: the shown order has no tree. The number of clusters stays where it can; for the first
  /// tree it follows from the number of dimensions.
  void setDendrogram(std::shared_ptr<const Dendrogram> tree);
  void setClusters(std::int64_t clusters);
  std::int64_t clusters() const;
  void setClusterRows(std::vector<ClusterRow> rows);
  bool showsOutlines() const;
  void setBusy(bool isBusy);
  void setProgress(double share);  // 0 to 1

 Q_SIGNALS:
  void orderRequested(const barlow::ui::OrderRequest& request);
  void saveOrderRequested();
  void loadOrderRequested();
  void cancelRequested();
  void cutChanged(qint64 clusters);
  void outlinesToggled(bool isShown);
  void clusterActivated(const barlow::ClusterRow& cluster);

 private:
  void build();
  void buildClusters();
  void choose();
  void cut(std::int64_t clusters);
  void showOrder();
  void showClusters();

  OrderChoices choices_;
  OrderRequest shown_;
  QString savedName_;
  std::int64_t leaves_ = 0;
  ClusterModel* model_;
  QComboBox* kind_;
  QSpinBox* row_;
  QLabel* help_;
  QPushButton* save_;
  QProgressBar* progress_;
  QPushButton* cancel_;
  QWidget* clusterPart_;
  DendrogramView* tree_;
  QSlider* slider_;
  QSpinBox* count_;
  QCheckBox* outlines_;
  QTableView* table_;
};

}  // namespace barlow::ui
