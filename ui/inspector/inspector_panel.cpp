#include "ui/inspector/inspector_panel.h"

#include "ui/bridge/run_controller.h"
#include "ui/inspector/canvas_pair.h"
#include "ui/inspector/compared_numbers.h"
#include "ui/inspector/display_controls.h"
#include "ui/inspector/distribution_panel.h"
#include "ui/inspector/export_dialog.h"
#include "ui/inspector/message_bar.h"
#include "ui/inspector/moment_grid.h"
#include "ui/inspector/numbers_panel.h"
#include "ui/inspector/order_panel.h"
#include "ui/inspector/pairs_panel.h"
#include "ui/inspector/time_bar.h"
#include "ui/inspector/top_samples_panel.h"
#include "ui/inspector/weight_note.h"
#include "ui/plots/color_limits_bar.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/plots/matrix_kind_choice.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace barlow::ui {
namespace {

QToolButton* makeButton(const QString& text,
                        const QString& name,
                        const QString& tip,
                        QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setText(text);
  button->setObjectName(name);
  button->setToolTip(tip);
  return button;
}

// Pages of the side scroll where the window is low.
QWidget* scrolled(QWidget* page) {
  auto* area = new QScrollArea;
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setWidget(page);
  return area;
}

/// As high as its content, or lower, with a bar, where there is no room for that.
class YieldingScroll final : public QScrollArea {
 public:
  explicit YieldingScroll(QWidget* content) {
    setWidget(content);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    content->installEventFilter(this);
  }
  QSize sizeHint() const override {
    return {widget()->sizeHint().width(), heightFor(viewport()->width())};
  }
  QSize minimumSizeHint() const override { return {widget()->minimumSizeHint().width(), 60}; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() == QEvent::LayoutRequest) {  // it grew or shrank
      updateGeometry();
    }
    return QScrollArea::eventFilter(watched, event);
  }
  void resizeEvent(QResizeEvent* event) override {
    QScrollArea::resizeEvent(event);
    if (event->size().width() != event->oldSize().width()) {
      updateGeometry();  // sentences break elsewhere
    }
  }

 private:
  int heightFor(int width) const {
    return widget()->hasHeightForWidth() ? widget()->heightForWidth(width)
                                         : widget()->sizeHint().height();
  }
};

}  // namespace

InspectorPanel::InspectorPanel(RunController& run, MatrixFeed& feed, QWidget* parent)
    : QWidget(parent),
      run_(run),
      feed_(feed),
      timeline_(new MatrixTimeline(run, feed, this)),
      arranger_(new MatrixArranger(this)),
      images_(new SampleImages(this)),
      kind_(new MatrixKindChoice(this)),
      caption_(new ElidedLabel(this, Qt::ElideRight)),
      readOut_(new ElidedLabel(this, Qt::ElideRight)),
      firstName_(new ElidedLabel(this)),
      secondName_(new ElidedLabel(this)),
      progress_(new QProgressBar(this)),
      compare_(new CompareBar(this)),
      canvas_(new MatrixCanvas(this)),
      secondCanvas_(new MatrixCanvas(this)),
      active_(canvas_),
      grid_(new MomentGrid(this)),
      stage_(new QStackedWidget(this)),
      bar_(new ColorLimitsBar(this)),
      numbers_(new NumbersPanel(this)),
      compared_(new ComparedNumbers(this)),
      controls_(new DisplayControls(this)),
      distributions_(new DistributionPanel(this)),
      pairs_(new PairsPanel(this)),
      topSamples_(new TopSamplesPanel(this)),
      orders_(new OrderPanel(this)),
      tabs_(new QTabWidget(this)),
      splitter_(new QSplitter(Qt::Horizontal, this)),
      sideButton_(new QToolButton(this)) {
  setObjectName(QStringLiteral("inspectorPanel"));
  canvas_->setObjectName(QStringLiteral("inspectorCanvas"));
  canvas_->setAccessibleName(tr("Correlation matrix"));
  secondCanvas_->setObjectName(QStringLiteral("inspectorSecondCanvas"));
  secondCanvas_->setAccessibleName(tr("Matrix to compare with"));

  splitter_->addWidget(makeCenter());
  splitter_->addWidget(makeSide());
  splitter_->setStretchFactor(0, 1);
  splitter_->setStretchFactor(1, 0);
  splitter_->setHandleWidth(kWideGap);
  splitter_->setChildrenCollapsible(false);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kMargin, kWideGap, kMargin, kGap);
  column->setSpacing(kGap);
  column->addWidget(makeHead());
  column->addWidget(splitter_, 1);
  makeActions();
  connectTime();
  connectCanvas(canvas_);
  connectCanvas(secondCanvas_);
  connectSide();
  connectCompare();
  connectKinds();
  keepTimer_.setSingleShot(true);
  keepTimer_.setInterval(1500);
  connect(&keepTimer_, &QTimer::timeout, this, &InspectorPanel::keepView);
  for (QTimer* timer : {&sideTimer_, &pageTimer_}) {
    timer->setSingleShot(true);
    timer->setInterval(0);
  }
  connect(&sideTimer_, &QTimer::timeout, this, &InspectorPanel::showSide);
  connect(&pageTimer_, &QTimer::timeout, this, &InspectorPanel::showOnPage);
  controls_->setSettings(canvas_->settings());
  bar_->setColor(canvas_->settings().color);
  controls_->connectBar(bar_);
  onLayout();
  onInspection();
  onShown();
}

InspectorPanel::~InspectorPanel() {
  // A view that waits for a thread of the pool would be lost with its job.
  if (keepTimer_.isActive()) {
    keepView();
  }
  if (unkept_) {
    writeViewState(viewOf_, *unkept_);
  }
}

QWidget* InspectorPanel::makeHead() {
  auto* head = new QWidget(this);
  auto* open = makeButton(tr("Open files..."),
                          QStringLiteral("openEmbeddings"),
                          tr("Embeddings of two views (A.npy and B.npy, or an .npz or .safetensors "
                             "file with both), or a finished matrix"),
                          head);
  connect(open, &QToolButton::clicked, this, [this] { chooseFiles(false); });
  auto* take = makeButton(tr("Export..."),
                          QStringLiteral("exportMatrix"),
                          tr("Pictures, numbers and orders as files, or to the clipboard"),
                          head);
  connect(take, &QToolButton::clicked, this, &InspectorPanel::openExport);
  auto* back =
      makeButton(tr("Back to the run"), QStringLiteral("backToRun"), tr("Close the files"), head);
  connect(back, &QToolButton::clicked, this, &InspectorPanel::showRun);
  connect(timeline_, &MatrixTimeline::timeChanged, back, [this, back] {
    back->setVisible(timeline_->showsFiles() && !run_.folder().empty());
  });
  back->hide();
  caption_->setObjectName(QStringLiteral("inspectorCaption"));
  progress_->setObjectName(QStringLiteral("inspectorProgress"));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  progress_->setFixedSize(120, 8);
  progress_->hide();
  // What comes and goes stands left of what is clicked, and takes its room from the caption.
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  kind_->setObjectName(QStringLiteral("inspectorKind"));
  row->addWidget(kind_);
  row->addWidget(caption_, 1);
  row->addWidget(progress_);
  row->addWidget(back);
  row->addWidget(compare_);
  row->addWidget(open);
  row->addWidget(take);
  return head;
}

QWidget* InspectorPanel::makeCenter() {
  auto* center = new QWidget(this);
  auto* pair = new CanvasPair(center);
  QBoxLayout* canvases = pair->row();
  canvases->setSpacing(kGap);
  const auto addCanvas = [&](ElidedLabel* name, MatrixCanvas* canvas) {
    auto* half = new QWidget(pair);
    auto* column = new QVBoxLayout(half);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(name);
    column->addWidget(canvas, 1);
    canvases->addWidget(half, 1);
    return half;
  };
  addCanvas(firstName_, canvas_);
  secondHalf_ = addCanvas(secondName_, secondCanvas_);
  stage_->addWidget(pair);
  stage_->addWidget(grid_);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGap);
  row->addWidget(stage_, 1);
  row->addWidget(bar_);
  readOut_->setObjectName(QStringLiteral("inspectorReadOut"));
  auto* fit = makeButton(tr("Fit"),
                         QStringLiteral("inspectorFit"),
                         tr("Show the whole matrix (F). The wheel zooms at the cursor, dragging "
                            "moves."),
                         center);
  fit->setAccessibleName(tr("Show the whole matrix"));
  fit->setEnabled(false);
  connect(fit, &QToolButton::clicked, this, [this] {
    canvas_->fit();
    secondCanvas_->fit();
  });
  const auto offerFit = [this, fit] {
    const auto isZoomed = [](const MatrixCanvas& canvas) {
      return canvas.matrix() && !canvas.place().isAll;
    };
    fit->setEnabled(isZoomed(*canvas_) || isZoomed(*secondCanvas_));
  };
  connect(canvas_, &MatrixCanvas::viewChanged, fit, offerFit);
  connect(secondCanvas_, &MatrixCanvas::viewChanged, fit, offerFit);
  auto* foot = new QHBoxLayout;
  foot->setSpacing(kGap);
  sideButton_->setObjectName(QStringLiteral("inspectorNumbersButton"));
  sideButton_->setFocusPolicy(Qt::StrongFocus);
  foot->addWidget(readOut_, 1);
  foot->addWidget(fit);
  foot->addWidget(sideButton_);
  auto* column = new QVBoxLayout(center);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  note_ = new WeightNote(center);
  connect(note_, &WeightNote::actionRequested, this, &InspectorPanel::actOnNote);
  column->addWidget(note_);
  column->addLayout(row, 1);
  column->addLayout(foot);
  column->addWidget(new TimeBar(*timeline_, center));
  center->setMinimumWidth(420);
  message_ = new MessageBar(stage_);
  return center;
}

QWidget* InspectorPanel::makeSide() {
  auto* side = new QWidget(this);
  tabs_->setObjectName(QStringLiteral("inspectorTabs"));
  tabs_->setDocumentMode(true);
  tabs_->setUsesScrollButtons(false);
  tabs_->addTab(scrolled(distributions_), tr("Values"));
  tabs_->addTab(scrolled(controls_), tr("Colours"));
  tabs_->addTab(scrolled(orders_), tr("Order"));
  tabs_->addTab(pairs_, tr("Pairs"));
  tabs_->addTab(topSamples_, tr("Images"));
  connect(tabs_, &QTabWidget::currentChanged, this, &InspectorPanel::showOnPage);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  auto* numbers = new QWidget;
  auto* both = new QVBoxLayout(numbers);
  both->setContentsMargins(0, 0, 0, 0);
  both->addWidget(numbers_);
  both->addWidget(compared_);
  compared_->hide();
  column->addWidget(new YieldingScroll(numbers));
  column->addWidget(tabs_, 1);
  column->addStretch();
  side->setMinimumWidth(330);
  side->setMaximumWidth(460);
  return side;
}

void InspectorPanel::makeActions() {
  QAction* undo = undo_.createUndoAction(this, tr("Undo"));
  undo->setShortcut(QKeySequence::Undo);
  QAction* redo = undo_.createRedoAction(this, tr("Redo"));
  redo->setShortcut(QKeySequence::Redo);
  auto* earlier = new QAction(tr("Moment before"), this);
  earlier->setShortcut(QKeySequence(QStringLiteral("[")));
  connect(earlier, &QAction::triggered, timeline_, [this] { timeline_->step(-1); });
  auto* later = new QAction(tr("Moment after"), this);
  later->setShortcut(QKeySequence(QStringLiteral("]")));
  connect(later, &QAction::triggered, timeline_, [this] { timeline_->step(1); });
  auto* newest = new QAction(tr("Follow the newest matrix"), this);
  newest->setShortcut(QKeySequence(Qt::Key_End));  // see keyPressEvent()
  connect(newest, &QAction::triggered, timeline_, &MatrixTimeline::follow);
  auto* goTo = new QAction(tr("Go to a cell"), this);
  goTo->setShortcut(QKeySequence(QStringLiteral("Ctrl+G")));
  connect(goTo, &QAction::triggered, this, &InspectorPanel::askCell);
  auto* find = new QAction(tr("Find dimensions"), this);
  find->setShortcut(QKeySequence::Find);
  connect(find, &QAction::triggered, this, &InspectorPanel::askDimensions);
  auto* numbers = new QAction(tr("Numbers"), this);
  numbers->setObjectName(QStringLiteral("inspectorNumbers"));
  numbers->setCheckable(true);
  numbers->setChecked(true);
  numbers->setShortcut(QKeySequence(Qt::Key_F9));
  numbers->setToolTip(
      tr("Show or hide the numbers and what stands below them, for more room (F9)"));
  connect(numbers, &QAction::toggled, splitter_->widget(1), &QWidget::setVisible);
  sideButton_->setDefaultAction(numbers);
  int number = 0;
  for (QAction* action :
       {undo, redo, earlier, later, newest, goTo, find, numbers, controls_->diagonalAction()}) {
    if (action->objectName().isEmpty()) {
      action->setObjectName(QStringLiteral("inspectAction%1").arg(number++));
    }
    action->setShortcutContext(action == newest ? Qt::WidgetShortcut
                                                : Qt::WidgetWithChildrenShortcut);
    addAction(action);
  }
}

void InspectorPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  timeline_->setActive(true);
}

void InspectorPanel::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  timeline_->setActive(false);
  if (keepTimer_.isActive()) {
    keepView();
  }
}

// End follows where nothing that has the keyboard has an end of its own.
void InspectorPanel::keyPressEvent(QKeyEvent* event) {
  const bool isInList = qobject_cast<QAbstractItemView*>(focusWidget()) != nullptr;
  if (event->key() == Qt::Key_End && event->modifiers() == Qt::NoModifier && !isInList) {
    timeline_->follow();
    return;
  }
  QWidget::keyPressEvent(event);
}

bool InspectorPanel::hasNumbers() const {
  const auto& inspection = timeline_->inspection();
  return inspection && inspection->isComplete();
}

bool InspectorPanel::isBusy() const {
  return sideTimer_.isActive() || pageTimer_.isActive() || timeline_->isBusy() ||
         arranger_->isBusy() || readingSecond_.isBusy() || completingSecond_.isBusy() ||
         readingView_.isBusy() || describing_.isBusy() || marking_.isBusy() || tabling_.isBusy() ||
         grid_->isBusy() || images_->isBusy() || keeping_.isBusy() || savingPairs_.isBusy();
}

void InspectorPanel::openFiles(const std::vector<std::filesystem::path>& files) {
  beginFiles();
  timeline_->openFiles(files);
}

void InspectorPanel::beginFiles() {
  showMessage({});
  forgetWeights();
  if (keepTimer_.isActive()) {
    keepView();
  }
  setSecond(nullptr);
  forgetColours();
}

void InspectorPanel::showRun() {
  forgetWeights();
  if (timeline_->showsFiles()) {
    setSecond(nullptr);
    forgetColours();
    timeline_->closeFiles();
  }
}

void InspectorPanel::showMessage(const QString& sentence) { message_->setText(sentence); }

}  // namespace barlow::ui
