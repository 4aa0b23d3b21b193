#include "ui/panels/train_panel.h"

#include "core/studio/expected_metrics.h"
#include "ui/bridge/experiment.h"
#include "ui/bridge/matrix_feed.h"
#include "ui/forms/config_form.h"
#include "ui/panels/charts_panel.h"
#include "ui/panels/log_panel.h"
#include "ui/panels/matrix_panel.h"
#include "ui/panels/metric_cards.h"
#include "ui/panels/run_bar.h"
#include "ui/panels/settings_panel.h"
#include "ui/plots/matrix_kind_choice.h"
#include "ui/plots/view_pair_strip.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace barlow::ui {

namespace {

// "optim.momentum: 0.9 -> 0.8" in the words of the form.
QString inWords(const QString& edit) {
  const auto colon = edit.indexOf(QStringLiteral(": "));
  return colon < 0 ? edit : fieldName(edit.left(colon).toStdString()) + edit.mid(colon);
}

}  // namespace

TrainPanel::TrainPanel(RunController& run,
                       MatrixFeed& feed,
                       Experiment& experiment,
                       QWidget* parent)
    : QWidget(parent),
      run_(run),
      feed_(feed),
      experiment_(experiment),
      bar_(new RunBar(run, experiment, this)),
      banner_(makeBanner()),
      next_(makeNextSteps()),
      cards_(new MetricCards(this)),
      matrix_(new MatrixPanel(this)),
      charts_(new ChartsPanel(this)),
      pairs_(new ViewPairStrip(this)),
      log_(new LogPanel(this)),
      settings_(new SettingsPanel(experiment, this)),
      settingsAction_(new QAction(tr("Settings"), this)),
      splitter_(new QSplitter(Qt::Horizontal, this)) {
  settingsAction_->setObjectName(QStringLiteral("settingsAction"));
  settingsAction_->setCheckable(true);
  settingsAction_->setChecked(true);
  settingsAction_->setShortcut(QKeySequence(QStringLiteral("F4")));
  settingsAction_->setToolTip(tr(
      "Show or hide the settings: of the next run, or of this one from where it is resumed (F4)"));
  connect(settingsAction_, &QAction::toggled, this, [this](bool isShown) {
    settings_->setVisible(isShown);
    makeRoom();
  });
  auto* settingsButton = new QToolButton(this);
  settingsButton->setDefaultAction(settingsAction_);
  settingsButton->setFocusPolicy(Qt::StrongFocus);
  settingsButton->setMinimumSize(84, 32);

  auto* vertical = new QSplitter(Qt::Vertical, this);
  auto* upper = new QSplitter(Qt::Horizontal, vertical);
  upper->addWidget(matrix_);
  upper->addWidget(charts_);
  upper->setStretchFactor(0, 5);
  upper->setStretchFactor(1, 6);
  vertical->addWidget(upper);
  bottom_ = makeBottom();
  vertical->addWidget(bottom_);
  vertical->setStretchFactor(0, 1);
  vertical->setStretchFactor(1, 0);
  vertical->setSizes({1000, 170});
  splitter_->addWidget(vertical);
  splitter_->addWidget(settings_);
  splitter_->setStretchFactor(0, 1);
  splitter_->setStretchFactor(1, 0);
  splitter_->setSizes({900, 350});
  settings_->setMinimumWidth(330);
  settings_->setMaximumWidth(440);
  for (QSplitter* splitter : {vertical, upper, splitter_}) {
    splitter->setHandleWidth(kWideGap);
    splitter->setChildrenCollapsible(false);
  }

  auto* top = new QHBoxLayout;
  top->setSpacing(kWideGap);
  top->addWidget(bar_, 1);
  top->addWidget(settingsButton);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kMargin, kWideGap, kMargin, kGap);
  column->setSpacing(kGap + 4);
  column->addLayout(top);
  column->addWidget(banner_);
  column->addWidget(next_);
  column->addWidget(cards_);
  column->addWidget(splitter_, 1);
  connect(cards_, &MetricCards::explanationRequested, this, &TrainPanel::openGuide);
  connectRun();
  showViewNote();
  followExperiment();
}

QWidget* TrainPanel::makeBanner() {
  auto* banner = new QFrame(this);
  banner->setObjectName(QStringLiteral("runBanner"));
  banner->setFrameShape(QFrame::StyledPanel);
  bannerText_ = makeLabel({}, TextRole::Problem, banner);
  bannerText_->setObjectName(QStringLiteral("runBannerText"));
  bannerText_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* close = new QToolButton(banner);
  close->setText(tr("Dismiss"));
  close->setObjectName(QStringLiteral("dismissBanner"));
  connect(close, &QToolButton::clicked, banner, &QWidget::hide);
  halfRate_ = new QPushButton(tr("Resume with half the learning rate"), banner);
  halfRate_->setObjectName(QStringLiteral("resumeWithHalfRate"));
  connect(halfRate_, &QPushButton::clicked, &run_, &RunController::resumeWithHalfRate);
  saveElsewhere_ = new QPushButton(tr("Save elsewhere..."), banner);
  saveElsewhere_->setObjectName(QStringLiteral("saveElsewhere"));
  connect(saveElsewhere_, &QPushButton::clicked, this, &TrainPanel::saveElsewhereRequested);
  auto* row = new QHBoxLayout(banner);
  row->addWidget(bannerText_, 1);
  row->addWidget(saveElsewhere_);
  row->addWidget(halfRate_);
  row->addWidget(close);
  banner->hide();
  return banner;
}

QWidget* TrainPanel::makeNextSteps() {
  auto* frame = new QFrame(this);
  frame->setObjectName(QStringLiteral("nextSteps"));
  frame->setAutoFillBackground(true);  // as the cards: a styled frame loses a line at scale 1.5
  frame->setBackgroundRole(QPalette::Base);
  nextText_ = new QLabel(frame);
  nextText_->setObjectName(QStringLiteral("nextStepsText"));
  nextText_->setWordWrap(true);
  auto* row = new QHBoxLayout(frame);
  row->setSpacing(kGap);
  row->addWidget(nextText_, 1);
  const auto add = [&](const char* name, const QString& text, const QString& help, auto&& act) {
    auto* button = new QPushButton(text, frame);
    button->setObjectName(QLatin1String(name));
    button->setToolTip(help);
    connect(button, &QPushButton::clicked, this, act);
    row->addWidget(button);
    return button;
  };
  add("nextInspect",
      tr("Inspect"),
      tr("Which dimensions repeat each other, and which images drive them"),
      [this] { Q_EMIT matrix_->inspectRequested(); });
  nextLonger_ =
      add("nextLonger", bar_->longerAction()->text(), bar_->longerAction()->statusTip(), [this] {
        bar_->longerAction()->trigger();
      });
  add("nextFolder", bar_->folderAction()->text(), bar_->folderAction()->statusTip(), [this] {
    bar_->folderAction()->trigger();
  });
  add("nextPhotos", tr("Your own photos..."), tr("Choose a folder of images to train on"), [this] {
    Q_EMIT photosRequested();
  });
  frame->hide();
  return frame;
}

// A run that failed has its banner.
void TrainPanel::showNextSteps() {
  const bool isOver =
      !run_.isLive() && !run_.folder().empty() && (run_.isFinished() || run_.hasStopped());
  next_->setVisible(isOver);
  makeRoom();
  if (!isOver) {
    return;
  }
  nextLonger_->setVisible(run_.canTrainLonger());
  nextText_->setText(
      run_.isFinished()
          ? tr("The run has finished; its weights are in its folder. What next?")
          : tr("The run has stopped and is kept; Resume goes on after step %1. What next?")
                .arg(QLocale().toString(static_cast<qlonglong>(run_.lastStep()))));
}

// What looks like a fault of the pictures is a choice.
void TrainPanel::showViewNote() {
  const AugmentParams& augment =
      (run_.folder().empty() ? experiment_.config() : run_.runConfig()).augment;
  const bool isAGray = augment.a.grayProbability >= 1;
  const bool isBGray = augment.b.grayProbability >= 1;
  viewNote_->setVisible(isAGray || isBGray);
  viewNote_->setText(isAGray && isBGray
                         ? tr("Both views are always gray: the network learns without colour.")
                         : tr("View %1 is always gray on purpose: as the two views of an image "
                              "shall give the same "
                              "output, the network learns that colour does not matter.")
                               .arg(isAGray ? tr("A") : tr("B")));
}

QWidget* TrainPanel::makeBottom() {
  auto* tabs = new QTabWidget(this);
  tabs->setObjectName(QStringLiteral("trainTabs"));
  tabs->setDocumentMode(true);
  pairs_->setObjectName(QStringLiteral("viewPairs"));
  pairs_->setAccessibleName(tr("Newest view pairs"));
  pairs_->setEmptyText(tr("The pairs of views that the network sees appear here."));
  auto* views = new QWidget(tabs);
  auto* column = new QVBoxLayout(views);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  viewNote_ = makeLabel({}, TextRole::Quiet, views);
  viewNote_->setObjectName(QStringLiteral("viewNote"));
  column->addWidget(pairs_, 1);
  column->addWidget(viewNote_);
  tabs->addTab(views, tr("View pairs"));
  tabs->addTab(log_, tr("Log"));
  tabs->setMinimumHeight(150);
  return tabs;
}

void TrainPanel::connectRun() {
  connect(&run_, &RunController::cleared, this, &TrainPanel::clear);
  connect(&run_, &RunController::logged, log_, &LogPanel::append);
  connect(&run_, &RunController::failed, this, &TrainPanel::showBanner);
  connect(&run_, &RunController::stateChanged, this, [this] {
    followPlan();
    if (run_.isHeld()) {
      showBanner(run_.heldReason());
    } else if (run_.isLive()) {
      banner_->hide();
    }
    settings_->setRunning(run_.isLive());
    showNextSteps();
    showViewNote();
  });
  connect(
      &run_, &RunController::metricsArrived, this, [this](const std::vector<MetricPoint>& points) {
        followPlan();
        charts_->append(points);
        cards_->showMetrics(newestOf(points, shown_.schema));
        if (const auto plan = run_.plan(); plan && settings_->isVisible()) {
          settings_->setMeasured(
              run_.runConfig(),
              run_.pace().secondsPerStep() * static_cast<double>(plan->stepsPerEpoch));
        }
      });
  connect(settings_, &SettingsPanel::estimated, bar_, &RunBar::setExpectedSeconds);
  connect(&experiment_, &Experiment::changed, this, &TrainPanel::showViewNote);
  connect(&experiment_, &Experiment::changed, this, &TrainPanel::followExperiment);
  connect(&run_, &RunController::wentOnFrom, charts_, [this](qint64 step) {
    charts_->cutAfter(static_cast<double>(step));
  });
  connect(&run_, &RunController::edited, this, [this](qint64 step, const QString& text) {
    const QString change = inWords(text);
    charts_->mark(static_cast<double>(step), change);
    log_->append(LogLevel::Info,
                 tr("Changed after step %1: %2").arg(QLocale().toString(step), change));
  });
  connect(&run_,
          &RunController::snapshotArrived,
          this,
          [this](const std::shared_ptr<const LiveSnapshot>& snapshot) {
            pairs_->setSamples(snapshot->views);
          });
  connect(&feed_,
          &MatrixFeed::arrived,
          matrix_,
          qOverload<const std::shared_ptr<const Inspection>&>(&MatrixPanel::show));
  connect(&feed_, &MatrixFeed::lacked, this, [this] { matrix_->showLacking(feed_.lacking()); });
  connect(&feed_, &MatrixFeed::kindChanged, this, &TrainPanel::offerKinds);
  connect(matrix_->kindChoice(), &MatrixKindChoice::kindChosen, &feed_, &MatrixFeed::setKind);
  connect(&run_, &RunController::evaluationArrived, this, [this](const EvaluationResult& result) {
    followPlan();
    charts_->append(result);
    cards_->showEvaluation(result);
  });
  connect(
      &run_, &RunController::opened, this, [this](const std::shared_ptr<const StoredRun>& stored) {
        showStored(*stored);
      });
}

void TrainPanel::offerKinds() {
  const bool isPrepared = !run_.isLive() && run_.folder().empty();
  const RunConfig& config = isPrepared ? experiment_.config() : run_.runConfig();
  matrix_->kindChoice()->setOffer(feed_.kinds(), config.objective.info());
  matrix_->kindChoice()->setKind(feed_.kind());
}

// Of the run that trains or has just done so; an opened one comes with its own.
void TrainPanel::followPlan() {
  isStored_ = isStored_ && !run_.isLive();
  if (const auto plan = isStored_ ? std::nullopt : run_.plan()) {
    cards_->setSchema(plan->metrics);
    cards_->setShape(plan->dimensions, plan->batchSize);
    cards_->setEnd(run_.isLive() ? plan->lastStep : 0);
    charts_->setSchema(plan->metrics);
    shown_ = {.schema = plan->metrics, .objective = run_.runConfig().objective.name};
  }
}

// Before there is a run: of the one that is prepared.
void TrainPanel::followExperiment() {
  if (run_.isLive() || !run_.folder().empty()) {
    return;
  }
  const RunConfig& config = experiment_.config();
  const MetricSchema schema = expectedMetrics(config);
  cards_->setSchema(schema);
  charts_->setSchema(schema);
  shown_ = {.schema = schema, .objective = config.objective.name};
  offerKinds();
}

void TrainPanel::openGuide(const QString& section) { showGuide(window(), section, shown_); }

void TrainPanel::clear() {
  isStored_ = false;
  banner_->hide();
  cards_->clear();
  matrix_->clear();
  charts_->clear();
  pairs_->setSamples({});
  followExperiment();
}

void TrainPanel::showStored(const StoredRun& run) {
  cards_->setSchema(run.schema);
  charts_->setSchema(run.schema);
  isStored_ = true;
  shown_ = {.schema = run.schema, .objective = run.config.objective.name};
  charts_->append(run.metrics);
  const auto batchSize = static_cast<std::int64_t>(run.config.run.batchSize);
  cards_->setShape(run.config.model.projector.empty() ? 0 : run.config.model.projector.back(),
                   batchSize);
  if (!run.metrics.empty()) {
    cards_->showMetrics(newestOf(run.metrics, run.schema));
  }
  for (const EvaluationResult& result : run.evaluations) {
    charts_->append(result);
    cards_->showEvaluation(result);
  }
  for (const SessionEvent& edit : run.edits) {
    charts_->mark(static_cast<double>(edit.step), inWords(QString::fromStdString(edit.text)));
  }
  pairs_->setSamples(run.views);
  settingsAction_->setChecked(false);  // room for what there is to see
  if (!run.headline.record.error.empty()) {
    showBanner({run.headline.record.error, {}});
  } else if (run.headline.endedUnexpectedly) {
    showBanner(
        {tr("This run ended unexpectedly. Resume goes on from its last checkpoint.").toStdString(),
         {}});
  }
}

void TrainPanel::showBanner(const ErrorInfo& error) {
  bannerText_->setText(QString::fromStdString(error.message));
  halfRate_->setVisible(run_.hasDiverged());
  saveElsewhere_->setVisible(run_.isHeld());
  banner_->show();
}

// A hidden workspace costs training nothing.
void TrainPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  feed_.setWant(this, MatrixFeed::Want::Picture);
  if (feed_.newest()) {
    matrix_->show(feed_.newest());
  } else if (!feed_.lacking().isEmpty()) {
    matrix_->showLacking(feed_.lacking());
  }
}

// In a narrow window the settings stand in the charts' place: three columns would all be cut.
void TrainPanel::makeRoom() {
  const int needed = matrix_->minimumSizeHint().width() + charts_->minimumSizeHint().width() +
                     settings_->minimumWidth() + 2 * kWideGap + 2 * kMargin;
  charts_->setVisible(width() >= needed || !settingsAction_->isChecked());
  // A low one is for the numbers, the matrix and the curves.
  constexpr int kLeastWithSentences = 520;
  constexpr int kLeastWithViews = 560;
  int room = height();
  for (const QWidget* message : {banner_, next_}) {
    room -= message->isVisibleTo(this) ? message->sizeHint().height() + kGap : 0;
  }
  cards_->setCompact(room < kLeastWithSentences);
  bottom_->setVisible(room >= kLeastWithViews);
}

void TrainPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  makeRoom();
}

void TrainPanel::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  feed_.setWant(this, MatrixFeed::Want::Nothing);
}

}  // namespace barlow::ui
