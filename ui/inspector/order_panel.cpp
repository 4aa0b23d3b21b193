#include "ui/inspector/order_panel.h"

#include "ui/forms/number_box.h"
#include "ui/inspector/cluster_model.h"
#include "ui/plots/dendrogram_view.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QStandardItemModel>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kSliderSteps = 1000;  // from one cluster to all leaves, evenly in the logarithm

QString nameOf(OrderKind kind) {
  switch (kind) {
    case OrderKind::Original:
      return OrderPanel::tr("Original");
    case OrderKind::Diagonal:
      return OrderPanel::tr("By diagonal");
    case OrderKind::RowRms:
      return OrderPanel::tr("By row RMS");
    case OrderKind::Variance:
      return OrderPanel::tr("By variance");
    case OrderKind::Clusters:
      return OrderPanel::tr("Clusters (average linkage)");
    case OrderKind::Spectral:
      return OrderPanel::tr("Spectral");
    case OrderKind::OneRow:
      return OrderPanel::tr("By one row");
    case OrderKind::Saved:
      return OrderPanel::tr("Saved...");
  }
  return {};
}

QString helpOf(OrderKind kind) {
  switch (kind) {
    case OrderKind::Original:
      return OrderPanel::tr("As the network gives them.");
    case OrderKind::Diagonal:
      return OrderPanel::tr("Largest C_ii first: where the views agree best.");
    case OrderKind::RowRms:
      return OrderPanel::tr("First the dimensions that repeat the others most.");
    case OrderKind::Variance:
      return OrderPanel::tr("First the dimensions of view A that change most from image to image.");
    case OrderKind::Clusters:
      return OrderPanel::tr(
          "Average linkage on 1 - |C + C^T| / 2: alike dimensions stand together.");
    case OrderKind::Spectral:
      return OrderPanel::tr(
          "Alike dimensions stand near each other, without hard borders: along the Fiedler vector "
          "of |C + C^T| / 2.");
    case OrderKind::OneRow:
      return OrderPanel::tr("Largest entry of this row first: what resembles one dimension.");
    case OrderKind::Saved:
      return OrderPanel::tr("An order from a file.");
  }
  return {};
}

// To begin with: 16 of 128 dimensions, 64 of 2048.
std::int64_t firstClusters(std::int64_t leaves) {
  return std::llround(std::sqrt(2.0 * static_cast<double>(leaves)));
}

std::int64_t clustersAt(int step, std::int64_t leaves) {
  const double share = static_cast<double>(step) / kSliderSteps;
  return std::llround(std::pow(static_cast<double>(std::max<std::int64_t>(1, leaves)), share));
}

int stepOf(std::int64_t clusters, std::int64_t leaves) {
  return leaves > 1
             ? static_cast<int>(std::lround(kSliderSteps * std::log(static_cast<double>(clusters)) /
                                            std::log(static_cast<double>(leaves))))
             : 0;
}

}  // namespace

OrderPanel::OrderPanel(QWidget* parent)
    : QWidget(parent),
      model_(new ClusterModel(this)),
      kind_(new QComboBox(this)),
      row_(new WholeBox(this)),
      help_(makeLabel({}, TextRole::Quiet, this)),
      save_(new QPushButton(tr("Save..."), this)),
      progress_(new QProgressBar(this)),
      cancel_(new QPushButton(tr("Cancel"), this)),
      clusterPart_(new QWidget(this)) {
  build();
  buildClusters();
  for (const OrderKind kind : {OrderKind::Original,
                               OrderKind::Diagonal,
                               OrderKind::RowRms,
                               OrderKind::Variance,
                               OrderKind::Clusters,
                               OrderKind::Spectral,
                               OrderKind::OneRow,
                               OrderKind::Saved}) {
    kind_->addItem(nameOf(kind), static_cast<int>(kind));
    kind_->setItemData(kind_->count() - 1, helpOf(kind), Qt::ToolTipRole);
  }
  // activated, so that choosing the shown row, or another saved order, acts too.
  connect(kind_, &QComboBox::activated, this, &OrderPanel::choose);
  connect(row_, &QSpinBox::valueChanged, this, &OrderPanel::choose);
  connect(save_, &QPushButton::clicked, this, &OrderPanel::saveOrderRequested);
  connect(cancel_, &QPushButton::clicked, this, &OrderPanel::cancelRequested);
  setChoices({});
  setBusy(false);
  setDendrogram(nullptr);
}

void OrderPanel::build() {
  kind_->setObjectName(QStringLiteral("orderKind"));
  kind_->setAccessibleName(tr("Order of the dimensions"));
  kind_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  kind_->setMinimumContentsLength(10);
  row_->setObjectName(QStringLiteral("orderRow"));
  row_->setAccessibleName(tr("Row to order by"));
  help_->setObjectName(QStringLiteral("orderHelp"));
  save_->setObjectName(QStringLiteral("saveOrder"));
  save_->setToolTip(tr("Writes the shown order to a file, to be used with another matrix."));
  progress_->setObjectName(QStringLiteral("orderProgress"));
  progress_->setAccessibleName(tr("Progress of the order"));
  progress_->setRange(0, 1000);
  cancel_->setObjectName(QStringLiteral("cancelOrder"));
  auto* head = new QHBoxLayout;
  head->setSpacing(kGap);
  head->addWidget(kind_, 1);
  head->addWidget(row_);
  head->addWidget(save_);
  auto* busy = new QHBoxLayout;
  busy->setSpacing(kGap);
  busy->addWidget(progress_, 1);
  busy->addWidget(cancel_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addLayout(head);
  column->addWidget(help_);
  column->addLayout(busy);
  column->addWidget(clusterPart_, 1);
  column->addStretch(0);
  setAccessibleName(tr("Order and clusters"));
}

void OrderPanel::buildClusters() {
  QWidget* part = clusterPart_;
  tree_ = new DendrogramView(part);
  tree_->setObjectName(QStringLiteral("clusterTree"));
  slider_ = new QSlider(Qt::Horizontal, part);
  slider_->setObjectName(QStringLiteral("clusterSlider"));
  slider_->setAccessibleName(tr("Number of clusters"));
  slider_->setRange(0, kSliderSteps);
  count_ = new WholeBox(part);
  count_->setObjectName(QStringLiteral("clusterCount"));
  count_->setAccessibleName(tr("Number of clusters"));
  outlines_ = new QCheckBox(tr("Block outlines"), part);
  outlines_->setObjectName(QStringLiteral("blockOutlines"));
  outlines_->setToolTip(tr("Frames every cluster in the matrix."));
  outlines_->setChecked(true);
  table_ = new QTableView(part);
  table_->setObjectName(QStringLiteral("clusterTable"));
  table_->setAccessibleName(tr("Clusters"));
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setSortingEnabled(true);
  table_->sortByColumn(ClusterModel::Size, Qt::DescendingOrder);
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setTabKeyNavigation(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + kGap);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  table_->horizontalHeader()->setSectionResizeMode(ClusterModel::StrongestPair,
                                                   QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setHighlightSections(false);
  connect(tree_, &DendrogramView::cutChanged, this, [this](qint64 clusters) {
    showClusters();
    Q_EMIT cutChanged(clusters);
  });
  connect(
      slider_, &QSlider::valueChanged, this, [this](int step) { cut(clustersAt(step, leaves_)); });
  connect(count_, &QSpinBox::valueChanged, this, &OrderPanel::cut);
  connect(outlines_, &QCheckBox::toggled, this, &OrderPanel::outlinesToggled);
  connect(table_, &QTableView::activated, this, [this](const QModelIndex& index) {
    Q_EMIT clusterActivated(model_->rows().at(static_cast<std::size_t>(index.row())));
  });
  auto* cutRow = new QHBoxLayout;
  cutRow->setSpacing(kGap);
  cutRow->addWidget(new QLabel(tr("Clusters"), part));
  cutRow->addWidget(slider_, 1);
  cutRow->addWidget(count_);
  auto* column = new QVBoxLayout(part);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(tree_, 2);
  column->addLayout(cutRow);
  column->addWidget(outlines_);
  column->addWidget(table_, 3);
}

void OrderPanel::setChoices(const OrderChoices& choices) {
  choices_ = choices;
  {
    const QSignalBlocker blocker(row_);
    row_->setRange(0, static_cast<int>(std::max<std::int64_t>(1, choices.dimensions) - 1));
  }
  auto* items = qobject_cast<QStandardItemModel*>(kind_->model());
  for (int i = 0; items != nullptr && i < kind_->count(); ++i) {
    const auto kind = static_cast<OrderKind>(kind_->itemData(i).toInt());
    const bool isPossible = choices.isSquare && choices.dimensions > 0 &&
                            (kind != OrderKind::Variance || choices.hasVariances);
    items->item(i)->setEnabled(kind == OrderKind::Original || isPossible);
  }
  showOrder();
}

void OrderPanel::setOrder(const OrderRequest& order, const QString& name) {
  shown_ = order;
  savedName_ = name;
  if (order.kind == OrderKind::OneRow) {
    const QSignalBlocker blocker(row_);
    row_->setValue(static_cast<int>(order.row));
  }
  showOrder();
}

void OrderPanel::choose() {
  const auto kind = static_cast<OrderKind>(kind_->currentData().toInt());
  if (kind == OrderKind::Saved) {
    showOrder();  // until one is chosen
    Q_EMIT loadOrderRequested();
    return;
  }
  const OrderRequest request{kind, kind == OrderKind::OneRow ? row_->value() : 0};
  if (request != shown_) {
    shown_ = request;
    showOrder();
    Q_EMIT orderRequested(request);
  }
}

void OrderPanel::showOrder() {
  const int saved = kind_->findData(static_cast<int>(OrderKind::Saved));
  kind_->setItemText(saved,
                     shown_.kind == OrderKind::Saved && !savedName_.isEmpty()
                         ? tr("Saved: %1").arg(savedName_)
                         : nameOf(OrderKind::Saved));
  kind_->setCurrentIndex(kind_->findData(static_cast<int>(shown_.kind)));
  row_->setVisible(shown_.kind == OrderKind::OneRow);
  help_->setText(choices_.isSquare
                     ? helpOf(shown_.kind)
                     : tr("Only a square matrix can be ordered, rows and columns alike."));
  save_->setEnabled(choices_.dimensions > 0 && choices_.isSquare);
}

void OrderPanel::setDendrogram(std::shared_ptr<const Dendrogram> tree) {
  const bool isFirst = leaves_ < 2;
  leaves_ = tree ? tree->leaves : 0;
  tree_->setDendrogram(std::move(tree));
  if (isFirst && tree_->clusters() == 1) {
    tree_->setClusters(firstClusters(leaves_));
  }
  clusterPart_->setVisible(leaves_ > 1);
  model_->setRows({});
  showClusters();
}

void OrderPanel::setClusters(std::int64_t clusters) {
  tree_->setClusters(clusters);
  showClusters();
}

std::int64_t OrderPanel::clusters() const { return tree_->clusters(); }

void OrderPanel::setClusterRows(std::vector<ClusterRow> rows) {
  model_->setRows(std::move(rows));
  model_->sort(table_->horizontalHeader()->sortIndicatorSection(),
               table_->horizontalHeader()->sortIndicatorOrder());
}

bool OrderPanel::showsOutlines() const { return outlines_->isChecked(); }

// From the slider or its number: the other one and the tree follow.
void OrderPanel::cut(std::int64_t clusters) {
  const std::int64_t before = tree_->clusters();
  tree_->setClusters(clusters);
  showClusters();
  if (tree_->clusters() != before) {
    Q_EMIT cutChanged(tree_->clusters());
  }
}

void OrderPanel::showClusters() {
  const QSignalBlocker sliderBlocker(slider_);
  const QSignalBlocker countBlocker(count_);
  const std::int64_t clusters = tree_->clusters();
  count_->setRange(1, static_cast<int>(std::max<std::int64_t>(1, leaves_)));
  count_->setValue(static_cast<int>(clusters));
  if (clustersAt(slider_->value(), leaves_) != clusters) {  // else the hand is on it
    slider_->setValue(stepOf(clusters, leaves_));
  }
}

void OrderPanel::setBusy(bool isBusy) {
  progress_->setVisible(isBusy);
  cancel_->setVisible(isBusy);
  progress_->setValue(0);
}

void OrderPanel::setProgress(double share) {
  progress_->setValue(static_cast<int>(std::lround(1000 * std::clamp(share, 0.0, 1.0))));
}

}  // namespace barlow::ui
