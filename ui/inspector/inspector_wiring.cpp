// What happens in the Inspect workspace; its widgets are put together in inspector_panel.cpp.
#include "ui/bridge/run_controller.h"
#include "ui/inspector/compared_numbers.h"
#include "ui/inspector/display_controls.h"
#include "ui/inspector/distribution_panel.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/moment_grid.h"
#include "ui/inspector/numbers_panel.h"
#include "ui/inspector/order_panel.h"
#include "ui/inspector/pairs_panel.h"
#include "ui/inspector/top_samples_panel.h"
#include "ui/plots/color_limits_bar.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/tool_tip.h"

#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QTabWidget>

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

// Matrices of one run, or one file that was read again.
bool isSameSeries(const Inspection& a, const Inspection& b) {
  return a.origin().name == b.origin().name && a.origin().kind == b.origin().kind &&
         a.matrix().rows() == b.matrix().rows() && a.matrix().columns() == b.matrix().columns();
}

}  // namespace

void InspectorPanel::connectTime() {
  connect(timeline_, &MatrixTimeline::inspectionChanged, this, &InspectorPanel::onInspection);
  connect(timeline_, &MatrixTimeline::failed, this, &InspectorPanel::showMessage);
  connect(timeline_, &MatrixTimeline::timeChanged, this, [this] {
    compare_->setHasMoments(timeline_->moments().size() > 1);
  });
  connect(timeline_, &MatrixTimeline::progressed, this, [this](double done) {
    progress_->setValue(static_cast<int>(1000 * done));
    progress_->setVisible(done < 1);
  });
  connect(&run_, &RunController::stateChanged, this, [this] {
    arranger_->setYields(run_.isTraining());
    grid_->setYields(run_.isTraining());
  });
  connect(arranger_, &MatrixArranger::shownChanged, this, &InspectorPanel::onShown);
  connect(arranger_, &MatrixArranger::failed, this, &InspectorPanel::showMessage);
  connect(images_, &SampleImages::changed, this, [this] {
    topSamples_->setThumbnails(images_->thumbnail(), images_->namer());
  });
  connect(&run_, &RunController::cleared, this, [this] {
    if (!timeline_->showsFiles()) {
      keepTimer_.stop();
      unkept_.reset();
      setSecond(nullptr);
      grid_->clear();
      undo_.clear();
      viewOf_.clear();
      forgetColours();
      restoring_.reset();
    }
  });
  // Also while nobody looks: Train shows the same kind of matrix.
  connect(&run_, &RunController::opened, this, [this] {
    if (!timeline_->showsFiles()) {
      readView();
    }
  });
}

void InspectorPanel::onInspection() {
  const auto& inspection = timeline_->inspection();
  // Where pictures come one after another, numbers stay until the next ones are there, in gray. For
  // a single picture they would be those of another one.
  const bool isMoving =
      timeline_->playback() == MatrixTimeline::Playback::Playing ||
      (timeline_->playback() == MatrixTimeline::Playback::Following && run_.isTraining());
  const bool isAwaited = isMoving && inspection && !inspection->statistics && numbersOf_ &&
                         numbersOf_->statistics && isSameSeries(*numbersOf_, *inspection);
  if (isAwaited) {
    numbers_->setStale();
  } else {
    numbersOf_ = inspection;
    showNumbers();
    pageTimer_.start();
  }
  if (isHint_) {
    showHint();
  }
  canvas_->setEmptyText(
      weightFacts_ ? tr("There is no matrix of this network.")
      : timeline_->lacking().isEmpty()
          ? tr("Start or open a run to see its matrices, or drop two embeddings here "
               "(A.npy and B.npy, one row per image).")
          : timeline_->lacking());
  offerKinds();
  arranger_->setMatrices(inspection, second_);
  follow();
  const auto picture = inspection ? inspection->pyramid : nullptr;
  if (picture == topSamplesOf_) {
    return;
  }
  topSamplesOf_ = picture;
  if (!inspection) {
    topSamples_->clear();
  }
  topSamples_->setInspection(inspection);
}

void InspectorPanel::showNumbers() {
  numbers_->setInspection(numbersOf_);
  if (second_) {
    compared_->setInspections(
        numbersOf_,
        second_,
        numbersOf_ ? titlesOf(numbersOf_->origin(), second_->origin(), run_.name()) : PairTitles{});
  }
  numbers_->setVisible(!second_);
  compared_->setVisible(second_ != nullptr);
}

// What can be done here, and what a click shows.
void InspectorPanel::showHint() {
  isHint_ = true;
  const auto& inspection = timeline_->inspection();
  if (!inspection) {
    readOut_->clear();
  } else if (inspection->origin().kind == MatrixKind::Assignments) {
    readOut_->setText(
        tr("Point at a cell to read it. Click it to see the images of its prototype; Shift+drag "
           "zooms in."));
  } else if (inspection->origin().kind == MatrixKind::SampleSimilarity) {
    readOut_->setText(
        tr("Point at a cell to read it. Click it to see its two images; Shift+drag zooms in."));
  } else if (!inspection->embeddings) {
    readOut_->setText(tr("Point at a cell to read it; Shift+drag zooms in."));
  } else if (inspection->embeddings->samples.empty()) {
    readOut_->setText(
        tr("Point at a cell to read it. Click it to see which rows of the embeddings drive it; "
           "Shift+drag zooms in."));
  } else {
    readOut_->setText(
        tr("Point at a cell to read it. Click it to see which images drive it; Shift+drag zooms "
           "in."));
  }
}

// Pages out of sight are brought up to date when they come into it.
void InspectorPanel::showOnPage() {
  pageTimer_.stop();
  if (pairs_->isVisibleTo(tabs_) || !numbersOf_) {
    pairs_->setInspection(numbersOf_);
  }
  if (distributions_->isVisibleTo(tabs_) || !numbersOf_) {
    distributions_->setInspection(numbersOf_);
  }
}

// The images and the kept view of the run that is shown.
void InspectorPanel::follow() {
  if (weightFacts_ && timeline_->inspection()) {
    images_->setRun(weightFacts_->config);
    return;
  }
  if (timeline_->showsFiles() || !timeline_->inspection()) {
    images_->clear();
    return;
  }
  images_->setRun(run_.runConfig());
  readView();
}

// Once for every run.
void InspectorPanel::readView() {
  if (viewOf_ == run_.folder()) {
    return;
  }
  viewOf_ = run_.folder();
  readingView_.run([folder = viewOf_](std::stop_token) { return readViewState(folder); },
                   [this](JobResult<std::optional<DisplayState>> result) {
                     const auto* state = std::get_if<std::optional<DisplayState>>(&result);
                     if (state != nullptr && *state) {
                       restore(**state);
                     }
                   });
}

void InspectorPanel::onShown() {
  const auto& shown = arranger_->shown();
  caption_->clear();
  if (!shown) {
    canvas_->setMatrix(nullptr);
    secondCanvas_->setMatrix(nullptr);
    showSide();
    return;
  }
  takeColours();
  const PairTitles names =
      shown->second ? titlesOf(shown->first->origin(), shown->second->origin(), run_.name())
                    : PairTitles{titleOf(shown->first->origin()), {}};
  canvas_->setMatrix(shown->pyramid);
  canvas_->setOrder(shown->order.order);
  canvas_->setStatistics(shown->statistics);
  canvas_->setSecond(shown->secondPyramid, names.first, names.second);
  secondCanvas_->setMatrix(shown->secondPyramid);
  secondCanvas_->setOrder(shown->order.order);
  secondCanvas_->setStatistics(shown->second ? shown->second->statistics : nullptr);
  // In an event of its own: together they would hold the window up for longer than a frame.
  sideTimer_.start();
  if (restoring_ && restoring_->kind == shownKind_ && restoring_->order == shown->order.request) {
    if (restoring_->place) {
      canvas_->setPlace(*restoring_->place);
    }
    restoring_.reset();
  }
  showDerivedTitles();
}

void InspectorPanel::showSide() {
  sideTimer_.stop();
  const auto& shown = arranger_->shown();
  tabs_->setVisible(shown != nullptr);
  bar_->setVisible(shown != nullptr);
  if (!shown) {
    controls_->setStatistics(nullptr);
    orders_->setDendrogram(nullptr);
    return;
  }
  if (shown->statistics || shown->first == numbersOf_) {
    controls_->setStatistics(shown->statistics);  // else soon, with the numbers
  }
  controls_->setLevels(shown->pyramid->levels());
  distributions_->setOrder(shown->order.order ? *shown->order.order : Order());
  orders_->setChoices({.dimensions = shown->first->matrix().rows(),
                       .isSquare = shown->first->matrix().isSquare(),
                       .hasVariances = shown->first->embeddings != nullptr &&
                                       isOfDimensions(shown->first->origin().kind)});
}

void InspectorPanel::showDerivedTitles() {
  const auto& shown = arranger_->shown();
  if (!shown) {
    return;
  }
  const QLocale locale;
  const auto count = [&](std::int64_t value) {
    return locale.toString(static_cast<qlonglong>(value));
  };
  const Matrix& matrix = shown->pyramid->matrix();
  QString text = tr("%1 x %2").arg(count(matrix.rows()), count(matrix.columns()));
  if (matrix.origin().n > 0) {
    text += tr(", %1 images").arg(count(matrix.origin().n));
  }
  QString tip;
  if (const int level = canvas_->level(); level > 0) {
    const Reduction reduction = canvas_->settings().reduction;
    const QString rule = reduction == Reduction::Peak   ? tr("strongest")
                         : reduction == Reduction::Mean ? tr("mean")
                                                        : tr("RMS");
    text += tr(", %1 of blocks of %2 x %2").arg(rule).arg(1 << level);
    tip = tr("There are more cells than pixels: each pooled cell of the picture stands for %1 x %1 "
             "of them and shows their %2 value. Zoom in to see single cells; Reduce by, under "
             "Colours, chooses another rule.")
              .arg(1 << level)
              .arg(rule);
  }
  caption_->setText(text);
  caption_->setToolTip(plainTip(text) + (tip.isEmpty() ? QString() : wrappedTip(tip)));
  const PairTitles names =
      shown->second ? titlesOf(shown->first->origin(), shown->second->origin(), run_.name())
                    : PairTitles{titleOf(shown->first->origin()), {}};
  firstName_->setText(names.first);
  secondName_->setText(names.second);
}

void InspectorPanel::connectCanvas(MatrixCanvas* canvas) {
  connect(canvas, &MatrixCanvas::hovered, readOut_, [this](const QString& text) {
    if (text.isEmpty()) {
      showHint();
    } else {
      isHint_ = false;
      readOut_->setText(text);
    }
  });
  connect(canvas, &MatrixCanvas::interacted, this, [this, canvas] {
    if (active_ != canvas && !compare_->locksColors()) {
      active_ = canvas;
      controls_->setSettings(canvas->settings());
      bar_->setColor(canvas->settings().color);
    }
    if (timeline_->playback() == MatrixTimeline::Playback::Following && run_.isLive()) {
      timeline_->hold();
    }
    keepViewSoon();
  });
  connect(canvas, &MatrixCanvas::viewChanged, this, &InspectorPanel::showDerivedTitles);
  connect(canvas, &MatrixCanvas::cellActivated, this, [this](const CellIndex& place) {
    selectPair(cellAt(place));
  });
  connect(canvas, &MatrixCanvas::selectionRequested, this, &InspectorPanel::onSelection);
  canvas->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(canvas, &QWidget::customContextMenuRequested, this, [this, canvas](const QPoint& at) {
    showMenu(canvas, at);
  });
  MatrixCanvas* other = canvas == canvas_ ? secondCanvas_ : canvas_;
  connect(canvas, &MatrixCanvas::placeChanged, other, [this, canvas, other] {
    linkPlaces(canvas, other);
  });
  Q_EMIT canvas->hovered({});
}

void InspectorPanel::linkPlaces(MatrixCanvas* from, MatrixCanvas* to) {
  const MatrixPlace source = from->place();
  MatrixPlace target = to->place();
  if (compare_->locksPlace()) {
    target.row = source.row;
    target.column = source.column;
  }
  if (compare_->locksZoom()) {
    target.cellsPerPixel = source.cellsPerPixel;
    target.isAll = source.isAll;
  }
  to->setPlace(target);
}

void InspectorPanel::keepViewSoon() {
  if (!timeline_->showsFiles() && !viewOf_.empty()) {
    keepTimer_.start();
  }
}

void InspectorPanel::keepView() {
  keepTimer_.stop();
  if (viewOf_.empty() || timeline_->showsFiles() || readingView_.isBusy()) {
    return;
  }
  const ArrangedOrder& order = arranger_->order();
  DisplayState state{
      .kind = shownKind_, .settings = canvas_->settings(), .order = order.request, .place = {}};
  if (order.request.kind == OrderKind::Saved) {
    state.order = {};
  }
  if (canvas_->matrix() && !canvas_->place().isAll) {
    state.place = canvas_->place();
  }
  unkept_ = state;
  keeping_.run(
      [folder = viewOf_, state](std::stop_token) {
        writeViewState(folder, state);
        return true;
      },
      [this](JobResult<bool>) { unkept_.reset(); });
}

}  // namespace barlow::ui
