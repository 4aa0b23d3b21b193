#include "ui/evaluate/evaluate_panel.h"

#include "ui/bridge/run_controller.h"
#include "ui/evaluate/accuracy_chart.h"
#include "ui/evaluate/accuracy_curves.h"
#include "ui/evaluate/class_accuracy.h"
#include "ui/evaluate/confusion_view.h"
#include "ui/evaluate/evaluation_queue.h"
#include "ui/evaluate/evaluation_text.h"
#include "ui/evaluate/image_collection.h"
#include "ui/evaluate/map_view.h"
#include "ui/evaluate/neighbours_view.h"
#include "ui/evaluate/probe_form.h"
#include "ui/evaluate/queue_view.h"
#include "ui/evaluate/results_view.h"
#include "ui/evaluate/space_source.h"
#include "ui/panels/thumbnail_grid.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QFileInfo>
#include <QFrame>
#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kColumnWidth = 296;
constexpr int kLiveMs = 3'000;  // between looks at the checkpoints of a run that trains

struct Listed {
  std::vector<StoredCheckpoint> checkpoints;
  StoredEvaluations evaluations;
  std::vector<EvaluationResult> trained;
};

// As a request calls what a report names; empty: what is held out of the training images.
std::string askedSplit(const std::string& split) {
  if (split == "val") {
    return "validation";
  }
  return split == "test" || split == "validation" ? split : "";
}

}  // namespace

EvaluatePanel::EvaluatePanel(RunController& run, EvaluateDoors doors, QWidget* parent)
    : QWidget(parent),
      run_(run),
      doors_(std::move(doors)),
      queue_(new EvaluationQueue(doors_, this)),
      source_(new SpaceSource(doors_, this)),
      form_(new ProbeForm(this)),
      results_(new ResultsView(this)),
      chart_(new AccuracyChart(this)),
      export_(new QPushButton(tr("Export weights..."), this)),
      tabs_(new QTabWidget(this)),
      confusion_(new ConfusionView(this)),
      mistakes_(new ImageCollection(this)),
      classes_(new ClassAccuracy(this)),
      neighbours_(new NeighboursView(*source_, doors_, this)),
      map_(new MapView(*source_, doors_, this)) {
  setObjectName(QStringLiteral("evaluatePanel"));
  setAccessibleName(tr("Evaluate"));
  makeTabs();
  arrange();
  connect(form_, &ProbeForm::runChosen, this, &EvaluatePanel::refresh);
  connect(form_, &ProbeForm::evaluateRequested, this, &EvaluatePanel::add);
  export_->setObjectName(QStringLiteral("evaluateExport"));
  export_->setToolTip(tr("Take the chosen checkpoint away, for PyTorch, timm or ONNX"));
  connect(export_, &QPushButton::clicked, this, [this] {
    Q_EMIT exportRequested(form_->run(), form_->runName(), form_->checkpoint());
  });
  auto* evaluateNow = new QAction(tr("Evaluate"), this);
  evaluateNow->setObjectName(QStringLiteral("evaluateNow"));
  evaluateNow->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_E));
  evaluateNow->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  addAction(evaluateNow);
  connect(evaluateNow, &QAction::triggered, this, &EvaluatePanel::add);
  connect(queue_,
          &EvaluationQueue::finished,
          this,
          [this](const EvaluationRequest&, const EvaluationReport&) {
            choosesNewest_ = true;
            refresh();
          });
  connect(results_, &ResultsView::choiceChanged, this, &EvaluatePanel::showChosen);
  connect(results_, &ResultsView::publishedToggled, this, &EvaluatePanel::showChart);
  connect(confusion_, &ConfusionView::cellChosen, this, &EvaluatePanel::showMistakes);
  connect(classes_, &ClassAccuracy::classChosen, this, [this](int index) {
    tabs_->setCurrentIndex(0);
    showMistakes(index, -1);
  });
  const auto showNeighbours = [this](qint64 image) {
    tabs_->setCurrentWidget(neighbours_);
    neighbours_->showImage(image);
  };
  connect(mistakes_, &ImageCollection::chosen, this, showNeighbours);
  connect(map_, &MapView::imageChosen, this, showNeighbours);
  connect(source_, &SpaceSource::changed, this, &EvaluatePanel::listMistakes);
  connect(&run_, &RunController::cleared, this, [this] {
    form_->setRun(run_.folder());
    offerRuns();
    isStale_ = true;
    follow();
  });
  connect(&run_, &RunController::stateChanged, this, [this] {
    queue_->setTraining(run_.isTraining());
    source_->setTraining(run_.isTraining());
    offerRuns();
    isStale_ = true;
    follow();
  });
  ticking_.setInterval(kLiveMs);
  connect(&ticking_, &QTimer::timeout, this, [this] {
    if (isVisible() && run_.isLive() && form_->run() == run_.folder()) {
      refresh();
    }
  });
  ticking_.start();
  offerRuns();
  showChosen();
  tellEmpty();
}

EvaluatePanel::~EvaluatePanel() {
  listing_.cancel();
  predicting_.cancel();
}

void EvaluatePanel::makeTabs() {
  tabs_->setObjectName(QStringLiteral("evaluateTabs"));
  tabs_->setDocumentMode(true);
  mistakes_->grid()->setObjectName(QStringLiteral("confusedImages"));
  mistakes_->grid()->setAccessibleName(tr("Images of the chosen cell"));
  auto* confused = new QSplitter;
  confused->addWidget(confusion_);
  confused->addWidget(mistakes_);
  confused->setStretchFactor(0, 3);
  confused->setStretchFactor(1, 2);
  confused->setSizes({500, 360});
  confused->setChildrenCollapsible(false);
  confused->setContentsMargins(kGap, kGap, kGap, kGap);
  const auto addTab = [&](QWidget* page, const QString& name, const QString& tip) {
    tabs_->setTabToolTip(tabs_->addTab(page, name), tip);
  };
  addTab(
      confused, tr("Confusion"), tr("Which classes are taken for which; a cell shows the images"));
  addTab(classes_, tr("Per class"), tr("How many images of each class were recognised"));
  addTab(neighbours_, tr("Neighbours"), tr("Which training images the network holds for alike"));
  addTab(map_, tr("Map"), tr("All images as points in a plane"));
}

void EvaluatePanel::arrange() {
  auto* scroll = new QScrollArea(this);
  scroll->setObjectName(QStringLiteral("probeScroll"));
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  auto* inside = new QWidget;
  auto* room = new QVBoxLayout(inside);
  room->setContentsMargins(0, 0, 0, 0);
  room->addWidget(form_);
  scroll->setWidget(inside);
  scroll->viewport()->setAutoFillBackground(false);
  inside->setAutoFillBackground(false);
  auto* queue = new QueueView(*queue_, this);
  auto* left = new QWidget(this);
  left->setFixedWidth(kColumnWidth);
  auto* column = new QVBoxLayout(left);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(scroll, 1);
  auto* buttons = new QHBoxLayout;  // in sight in the lowest window
  buttons->setSpacing(kGap);
  buttons->addWidget(form_->button(), 1);
  buttons->addWidget(export_);
  column->addLayout(buttons);
  column->addWidget(queue);

  auto* above = new QSplitter;
  above->addWidget(results_);
  above->addWidget(chart_);
  above->setStretchFactor(0, 3);
  above->setStretchFactor(1, 2);
  above->setSizes({540, 320});
  above->setChildrenCollapsible(false);
  auto* right = new QSplitter(Qt::Vertical, this);
  right->addWidget(above);
  right->addWidget(tabs_);
  right->setStretchFactor(0, 2);
  right->setStretchFactor(1, 3);
  right->setSizes({260, 420});
  right->setChildrenCollapsible(false);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(kMargin, kWideGap, kMargin, kWideGap);
  row->setSpacing(kWideGap);
  row->addWidget(left);
  row->addWidget(right, 1);
}

void EvaluatePanel::setRuns(std::vector<RunHeadline> runs) {
  runs_ = std::move(runs);
  offerRuns();
  follow();
}

void EvaluatePanel::setFile(const std::filesystem::path& file, const std::string& source) {
  form_->setFile(file, source);
  isStale_ = true;
  follow();
}

void EvaluatePanel::offerRuns() {
  const std::filesystem::path before = form_->run();
  form_->setRuns(run_.folder(), run_.name(), runs_);
  isStale_ = isStale_ || form_->run() != before;
}

void EvaluatePanel::follow() {
  if (isVisible() && isStale_) {
    refresh();
  }
}

void EvaluatePanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  isStale_ = true;
  follow();
}

bool EvaluatePanel::isBusy() const {
  return isVisible() && (listing_.isBusy() || predicting_.isBusy() || queue_->isBusy() ||
                         neighbours_->isBusy() || map_->isBusy() || mistakes_->isBusy());
}

// What lies on disk: checkpoints, and what was evaluated of them.
void EvaluatePanel::refresh() {
  isStale_ = false;
  const std::filesystem::path run = form_->run();
  if (run.empty()) {
    hasCheckpoints_ = false;
    trained_.clear();
    form_->setCheckpoints({});
    results_->setEvaluations({});
    tellEmpty();
    return;
  }
  listing_.run(
      [run, checkpoints = doors_.checkpoints, list = doors_.list, trained = doors_.trained](
          const std::stop_token&) {
        return Listed{checkpoints(run), list(run), trained(run)};
      },
      [this](JobResult<Listed> result) {
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          problem_ = error->message;
          results_->setEvaluations({});
          tellEmpty();
          return;
        }
        auto& listed = std::get<Listed>(result);
        const auto& problems = listed.evaluations.problems;
        problem_ = problems.empty() ? "" : problems.front().message;
        hasCheckpoints_ = !listed.checkpoints.empty();
        trained_ = std::move(listed.trained);
        form_->setCheckpoints(listed.checkpoints);
        auto& all = listed.evaluations.evaluations;
        const std::filesystem::path newest = std::exchange(choosesNewest_, false) && !all.empty()
                                                 ? all.back().file
                                                 : std::filesystem::path();
        results_->setEvaluations(std::move(all), newest);
        tellEmpty();
      });
}

void EvaluatePanel::tellEmpty() {
  export_->setEnabled(hasCheckpoints_);
  QString text;
  if (!problem_.empty()) {
    text = QString::fromStdString(problem_);
  } else if (form_->run().empty()) {
    text =
        tr("There is no run yet. Train one (Ctrl+N starts the quick start), then come back: "
           "Evaluate says what it has learnt.");
  } else if (!hasCheckpoints_) {
    text =
        tr("This run has no checkpoint yet. It writes one at its end, when it is stopped, and on "
           "the way.");
  } else {
    text =
        tr("Nothing was evaluated yet. Press Evaluate: the nearest neighbours need seconds and "
           "show which classes are told apart.");
  }
  results_->setEmptyText(text);
}

void EvaluatePanel::add() {
  for (auto& [request, title] : form_->wanted()) {
    queue_->add(std::move(request), title);
  }
}

void EvaluatePanel::showChart() {
  chart_->setSeries(accuracyCurves(results_->evaluations(), trained_, results_->showsPublished()));
}

void EvaluatePanel::showChosen() {
  showChart();
  const StoredEvaluation* chosen = results_->chosen();
  const std::filesystem::path file = chosen != nullptr ? chosen->file : std::filesystem::path();
  if (file == shown_ && !file.empty()) {
    return;
  }
  shown_ = file;
  predicting_.cancel();
  predictions_.reset();
  wanted_.reset();
  mistakes_->setText(tr("Choose a cell of the matrix to see its images."));
  if (chosen == nullptr) {
    source_->setRequest({});
    confusion_->setCounts({}, {}, tr("Evaluate with labels to see which classes are confused."));
    classes_->setRows({});
    return;
  }
  const EvaluationReport& report = chosen->report;
  EvaluationRequest request;
  const std::filesystem::path run = chosen->file.parent_path().parent_path();
  const bool isFile = !std::filesystem::is_directory(form_->run()) && report.model.step == 0;
  request.model = isFile                            ? form_->run()
                  : report.model.checkpoint.empty() ? std::filesystem::path(report.model.path)
                                                    : run / "checkpoints" / report.model.checkpoint;
  request.data = report.data.isTransfer ? report.data.source : "";
  request.part = report.model.part == "projector" ? ModelPart::Projector : ModelPart::Backbone;
  request.split = askedSplit(report.data.split);
  source_->setRequest(request);
  std::vector<QString> names;
  for (const std::string& name : report.classes) {
    names.push_back(QString::fromStdString(name));
  }
  confusion_->setCounts(report.confusion,
                        names,
                        report.top1 ? tr("There are too many classes for a matrix; Per class lists "
                                         "them.")
                                    : tr("This probe uses no labels, so that no classes are "
                                         "confused. Neighbours and Map show what is alike."));
  classes_->setRows(ClassAccuracy::rowsOf(report));
  // Of the same classes the chosen cell stays.
  if (const auto cell = confusion_->current()) {
    showMistakes(cell->actual, cell->predicted);
  }
}

void EvaluatePanel::showMistakes(int actual, int predicted) {
  wanted_ = Mistakes{actual, predicted};
  listMistakes();
}

// Which images they are is found out by the same classifier, once its features are here.
void EvaluatePanel::listMistakes() {
  const StoredEvaluation* chosen = results_->chosen();
  if (!wanted_ || chosen == nullptr) {
    return;
  }
  const auto& space = source_->space();
  if (!space) {
    mistakes_->setText(source_->text());
    if (!source_->isBusy() && source_->text().isEmpty()) {
      source_->want();
    }
    return;
  }
  if (!predictions_) {
    if (predicting_.isBusy()) {
      return;
    }
    mistakes_->setText(tr("Looking for the images..."));
    predicting_.run(
        [space, evaluation = *chosen, predict = doors_.predictions, yields = run_.isTraining()](
            const std::stop_token& stop) {
          return predict(*space, evaluation, {.stop = stop, .progress = {}, .yields = yields});
        },
        [this](JobResult<std::optional<std::vector<int>>> result) {
          if (const auto* error = std::get_if<ErrorInfo>(&result)) {
            mistakes_->setText(QString::fromStdString(error->message));
            return;
          }
          predictions_ = std::get<std::optional<std::vector<int>>>(result);
          if (!predictions_) {
            mistakes_->setText(
                tr("Which images these are was not kept: the whole network was "
                   "tuned, or the images have changed since."));
            return;
          }
          listMistakes();
        });
    return;
  }
  std::vector<qint64> samples;
  for (std::size_t i = 0; i < predictions_->size(); ++i) {
    const auto row = static_cast<std::size_t>(space->bank) + i;
    const int guess = (*predictions_)[i];
    if (space->labels[row] == wanted_->actual &&
        (wanted_->predicted >= 0 ? guess == wanted_->predicted : guess != wanted_->actual)) {
      samples.push_back(space->samples[row]);
    }
  }
  const auto labelName = [&](int label) {
    return className(chosen->report.classes, static_cast<std::size_t>(label));
  };
  const auto count = static_cast<int>(samples.size());
  const QString own = labelName(wanted_->actual);
  QString heading =
      wanted_->predicted < 0 ? tr("%1, not recognised: %2").arg(own).arg(count)
      : wanted_->predicted == wanted_->actual
          ? tr("%1, recognised: %2").arg(own).arg(count)
          : tr("%1, taken for %2: %3").arg(own, labelName(wanted_->predicted)).arg(count);
  const auto& counts = chosen->report.confusion;
  const auto actual = static_cast<std::size_t>(wanted_->actual);
  if (wanted_->predicted >= 0 && actual < counts.size()) {
    // Another processor or version rounds differently.
    const std::int64_t then = counts[actual][static_cast<std::size_t>(wanted_->predicted)];
    if (then != count) {
      heading = tr("%1 (%2 when it was judged)").arg(heading).arg(then);
    }
  }
  mistakes_->setImages(space->images, std::move(samples), heading);
}

}  // namespace barlow::ui
