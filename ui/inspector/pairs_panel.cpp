#include "ui/inspector/pairs_panel.h"

#include "ui/forms/number_box.h"
#include "ui/inspector/number_text.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <numeric>

namespace barlow::ui {
namespace {

constexpr int kFewestPairs = 10;
constexpr int kMostPairs = 10'000;
constexpr int kFirstPairs = 100;

}  // namespace

PairsPanel::PairsPanel(QWidget* parent)
    : QWidget(parent),
      model_(new PairsModel(this)),
      kind_(new QComboBox(this)),
      count_(new WholeBox(this)),
      table_(new QTableView(this)),
      note_(makeLabel({}, TextRole::Quiet, this)),
      copy_(new QPushButton(tr("Copy as CSV"), this)),
      save_(new QPushButton(tr("Save as CSV..."), this)) {
  kind_->setObjectName(QStringLiteral("pairKind"));
  kind_->setAccessibleName(tr("Which pairs"));
  kind_->addItem(tr("Strongest |C|"), static_cast<int>(PairKind::Strongest));
  kind_->addItem(tr("Largest C"), static_cast<int>(PairKind::Largest));
  kind_->addItem(tr("Smallest C"), static_cast<int>(PairKind::Smallest));
  count_->setObjectName(QStringLiteral("pairCount"));
  count_->setAccessibleName(tr("How many pairs"));
  count_->setRange(kFewestPairs, kMostPairs);
  count_->setValue(kFirstPairs);
  count_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  table_->setObjectName(QStringLiteral("pairTable"));
  table_->setAccessibleName(tr("Pairs of dimensions"));
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setSortingEnabled(true);
  table_->horizontalHeader()->setSortIndicator(-1, Qt::DescendingOrder);  // as ranked
  table_->horizontalHeader()->setSortIndicatorClearable(false);
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setTabKeyNavigation(false);
  table_->setWordWrap(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + kGap);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  table_->horizontalHeader()->setHighlightSections(false);
  note_->setObjectName(QStringLiteral("pairNote"));
  copy_->setObjectName(QStringLiteral("copyCsv"));
  save_->setObjectName(QStringLiteral("saveCsv"));

  auto* copyRows = new QAction(tr("Copy rows"), table_);
  copyRows->setShortcut(QKeySequence::Copy);
  copyRows->setShortcutContext(Qt::WidgetShortcut);
  table_->addAction(copyRows);
  table_->setContextMenuPolicy(Qt::ActionsContextMenu);
  connect(copyRows, &QAction::triggered, this, &PairsPanel::copySelected);
  connect(kind_, &QComboBox::currentIndexChanged, this, &PairsPanel::showPairs);
  connect(count_, &QSpinBox::valueChanged, this, &PairsPanel::showPairs);
  connect(copy_, &QPushButton::clicked, this, [this] {
    QGuiApplication::clipboard()->setText(toCsv());
  });
  connect(save_, &QPushButton::clicked, this, &PairsPanel::csvRequested);
  connect(table_, &QTableView::activated, this, [this](const QModelIndex& index) {
    Q_EMIT pairActivated(model_->rows().at(static_cast<std::size_t>(index.row())).cell);
  });
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
    const auto cell = currentCell();
    if (cell && !isFilling_) {
      Q_EMIT pairSelected(*cell);
    }
  });

  auto* head = new QHBoxLayout;
  head->setSpacing(kGap);
  head->addWidget(kind_, 1);
  head->addWidget(count_);
  auto* foot = new QHBoxLayout;
  foot->setSpacing(kGap);
  foot->addWidget(copy_, 1);
  foot->addWidget(save_, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addLayout(head);
  column->addWidget(table_, 1);
  column->addWidget(note_);
  column->addLayout(foot);
  setAccessibleName(tr("Strongest pairs"));
  setInspection(nullptr);
}

void PairsPanel::setInspection(std::shared_ptr<const Inspection> inspection) {
  if (inspection && inspection == inspection_) {
    return;
  }
  inspection_ = std::move(inspection);
  model_->setKind(inspection_ ? inspection_->origin().kind : MatrixKind::CrossCorrelation);
  showPairs();
}

std::optional<CellIndex> PairsPanel::currentCell() const {
  const QModelIndex index = table_->currentIndex();
  return index.isValid()
             ? std::optional(model_->rows().at(static_cast<std::size_t>(index.row())).cell)
             : std::nullopt;
}

void PairsPanel::showPairs() {
  const auto selected = currentCell();
  std::vector<PairRow> rows;
  const bool isRanked = inspection_ && inspection_->statistics;
  if (isRanked) {
    rows = pairRows(*inspection_,
                    static_cast<PairKind>(kind_->currentData().toInt()),
                    static_cast<std::size_t>(count_->value()));
  }
  const bool isShort = isRanked && static_cast<int>(rows.size()) < count_->value();
  isFilling_ = true;
  model_->setRows(std::move(rows));
  const QHeaderView& header = *table_->horizontalHeader();
  model_->sort(header.sortIndicatorSection(), header.sortIndicatorOrder());
  const int row = selected ? model_->rowOf(*selected) : -1;
  if (row >= 0) {
    table_->selectRow(row);
  }
  isFilling_ = false;
  note_->setText(!inspection_ ? tr("No matrix is shown yet.")
                 : !isRanked  ? tr("The pairs are being ranked.")
                 : isShort    ? tr("All %1 pairs that were ranked with this matrix.")
                                 .arg(wholeNumber(model_->rowCount()))
                           : QString());
  note_->setVisible(!note_->text().isEmpty());
  copy_->setEnabled(model_->rowCount() > 0);
  save_->setEnabled(model_->rowCount() > 0);
}

QString PairsPanel::toCsv() const {
  std::vector<int> all(static_cast<std::size_t>(model_->rowCount()));
  std::iota(all.begin(), all.end(), 0);
  return model_->toText(all, QLatin1Char(','));
}

void PairsPanel::copySelected() {
  std::vector<int> rows;
  for (const QModelIndex& index : table_->selectionModel()->selectedRows()) {
    rows.push_back(index.row());
  }
  std::sort(rows.begin(), rows.end());
  if (!rows.empty()) {
    QGuiApplication::clipboard()->setText(model_->toText(rows, QLatin1Char('\t')));
  }
}

}  // namespace barlow::ui
