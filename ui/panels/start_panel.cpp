#include "ui/panels/start_panel.h"

#include "ui/panels/choice_card.h"
#include "ui/panels/matrix_legend.h"
#include "ui/panels/run_list_model.h"
#include "ui/panels/run_list_view.h"
#include "ui/theme/theme.h"

#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {
namespace {

constexpr int kMostWidth = 1680;  // longer lines are hard to read
constexpr int kLegendWidth = 300;
constexpr int kMostLegendWidth = 460;

}  // namespace

StartPanel::StartPanel(QWidget* parent)
    : QWidget(parent), model_(new RunListModel(this)), place_(new QStackedWidget(this)) {
  setObjectName(QStringLiteral("startPanel"));
  setAcceptDrops(true);
  QLayout* cards = makeCards();  // first, so that Tab reaches them first
  legend_ = new MatrixLegend(this);
  legend_->setFixedWidth(kLegendWidth);
  auto* lower = new QHBoxLayout;
  lower->setSpacing(2 * kMargin);
  lower->addLayout(makeRuns(), 1);
  lower->addWidget(legend_);

  auto* content = new QWidget(this);
  content->setMaximumWidth(kMostWidth);
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(2 * kMargin, kMargin + kWideGap, 2 * kMargin, kMargin);
  column->setSpacing(0);
  column->addWidget(makeLabel(tr("Barlow Studio"), TextRole::Title, content));
  column->addSpacing(kGap / 2);
  auto* sentence = new QLabel(
      tr("Trains a network on images without labels, by the method Barlow Twins, and shows while "
         "it learns what it learns."),
      content);
  sentence->setWordWrap(true);
  column->addWidget(sentence);
  column->addSpacing(kMargin);
  column->addLayout(cards);
  column->addSpacing(kMargin + kWideGap);
  column->addLayout(lower, 1);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->addStretch(1);
  row->addWidget(content, 1000);
  row->addStretch(1);
}

QLayout* StartPanel::makeCards() {
  auto* quick = new ChoiceCard(Icon::Matrix,
                               tr("Quick start"),
                               tr("Trains on generated shapes: a live matrix in about a minute."),
                               this);
  quick->setObjectName(QStringLiteral("quickStart"));
  quick->setPrimary();
  auto* images = new ChoiceCard(
      Icon::Folder, tr("Open images..."), tr("Trains on a folder of your own."), this);
  images->setObjectName(QStringLiteral("openImages"));
  auto* run = new ChoiceCard(
      Icon::Run, tr("Open run..."), tr("Shows what a run has learned, or resumes it."), this);
  run->setObjectName(QStringLiteral("openRun"));
  connect(quick, &QAbstractButton::clicked, this, &StartPanel::quickStartRequested);
  connect(images, &QAbstractButton::clicked, this, &StartPanel::openImagesRequested);
  connect(run, &QAbstractButton::clicked, this, &StartPanel::openRunRequested);
  auto* row = new QHBoxLayout;
  row->setSpacing(kWideGap);
  for (ChoiceCard* card : {quick, images, run}) {
    row->addWidget(card, 1);
  }
  return row;
}

QLayout* StartPanel::makeRuns() {
  auto* list = new RunListView(this);
  list->setObjectName(QStringLiteral("recentRuns"));
  list->setAccessibleName(tr("Recent runs"));
  list->setModel(model_);
  list->fitColumns();
  connect(list, &RunListView::chosen, this, [this](int row) {
    Q_EMIT runChosen(model_->folderAt(row));
  });
  connect(list, &RunListView::exportRequested, this, [this](int row) {
    Q_EMIT exportRequested(model_->folderAt(row),
                           model_->index(row, RunListModel::Name).data().toString());
  });
  auto* none = makeLabel(tr("No runs yet. The quick start makes the first one; a folder of images "
                            "or a run can also be "
                            "dropped here."),
                         TextRole::Quiet,
                         this);
  none->setObjectName(QStringLiteral("noRuns"));
  none->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  place_->addWidget(none);
  place_->addWidget(list);
  auto* column = new QVBoxLayout;
  column->setSpacing(kGap);
  column->addWidget(makeLabel(tr("Recent runs"), TextRole::Heading, this));
  column->addWidget(place_, 1);
  return column;
}

void StartPanel::setRuns(std::vector<RunHeadline> runs) {
  place_->setCurrentIndex(runs.empty() ? 0 : 1);
  model_->setRuns(std::move(runs));
}

// A wide window has room for larger pictures.
void StartPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  legend_->setFixedWidth(std::clamp(width() / 4, kLegendWidth, kMostLegendWidth));
}

void StartPanel::dragEnterEvent(QDragEnterEvent* event) {
  const QMimeData* mime = event->mimeData();
  if (mime->hasUrls() && mime->urls().front().isLocalFile()) {
    event->acceptProposedAction();
  }
}

void StartPanel::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  Q_EMIT pathDropped(event->mimeData()->urls().front().toLocalFile());
}

}  // namespace barlow::ui
