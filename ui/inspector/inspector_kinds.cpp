// Which matrix the Inspect workspace shows, and what is kept for each of them.
#include "core/matrix/matrix_kinds.h"
#include "core/studio/matrix_files.h"
#include "ui/bridge/matrix_feed.h"
#include "ui/bridge/run_controller.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/order_panel.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/plots/matrix_kind_choice.h"
#include "ui/plots/matrix_words.h"

#include <vector>

namespace barlow::ui {

void InspectorPanel::connectKinds() {
  connect(kind_, &MatrixKindChoice::kindChosen, this, [this](MatrixKind kind) {
    showMessage({});
    feed_.setKind(kind);
    keepViewSoon();
  });
  connect(&feed_, &MatrixFeed::kindChanged, this, &InspectorPanel::onKind);
  offerKinds();
}

// A matrix alone is what it is.
void InspectorPanel::offerKinds() {
  const auto& inspection = timeline_->inspection();
  const bool isAlone = inspection && !inspection->embeddings;
  std::vector<MatrixKind> kinds = feed_.kinds();
  if (timeline_->showsFiles()) {  // which have no prototypes
    std::erase(kinds, MatrixKind::Assignments);
  }
  const ObjectiveInfo& objective = run_.runConfig().objective.info();
  kind_->setOffer(kinds, timeline_->showsFiles() ? ObjectiveInfo{} : objective);
  kind_->setKind(isAlone ? inspection->origin().kind : timeline_->wantedKind());
  kind_->setEnabled(!isAlone);
}

// The matrix comes later; what is compared with it becomes the same.
void InspectorPanel::onKind() {
  offerKinds();
  const auto second = second_;
  const auto& inspection = timeline_->inspection();
  const bool isAlone = inspection && !inspection->embeddings;
  const MatrixKind kind = timeline_->wantedKind();
  if (second && second->origin().kind != kind && !isAlone) {
    setSecond(nullptr);
    if (second->embeddings) {
      readSecond([embeddings = second->embeddings, kind](const JobControl& control) {
        return pictureOf(embeddings, kind, control);
      });
    }
  }
  if (compare_->layout() == Layout::Grid2 || compare_->layout() == Layout::Grid3) {
    onLayout();  // the moments as the other matrix
  }
}

void InspectorPanel::restoreOrder() {
  if (isOrderAsked_) {
    return;
  }
  isOrderAsked_ = true;
  if (restoring_->order.kind != OrderKind::Original) {
    arranger_->computeOrder(restoring_->order);
  } else if (arranger_->order().order) {  // of another run
    pushOrder({});
  }
}

// Of the kind that comes: as they were left, else what its values need.
void InspectorPanel::takeColours() {
  const MatrixPyramid& pyramid = *arranger_->shown()->first->pyramid;
  const MatrixKind kind = pyramid.matrix().origin().kind;
  if (kind != shownKind_ || (!settingsOf_.contains(kind) && kind != MatrixKind::CrossCorrelation)) {
    if (kind != shownKind_) {
      settingsOf_[shownKind_] = canvas_->settings();
      undo_.clear();  // its steps are about another matrix
    }
    shownKind_ = kind;
    if (!settingsOf_.contains(kind)) {
      RenderSettings fresh;
      fresh.reduction = canvas_->settings().reduction;
      fresh.color = firstColors(pyramid);
      settingsOf_[kind] = fresh;
    }
    applySettings(settingsOf_[kind]);
    canvas_->setAccessibleName(textOf(labelOf(kind)));
  }
  if (restoring_ && restoring_->kind == kind && !isOrderAsked_) {
    applySettings(restoring_->settings);
    restoreOrder();
  }
}

// Limits that follow from the values are of no use to other embeddings.
void InspectorPanel::forgetColours() {
  if (shownKind_ != MatrixKind::CrossCorrelation) {
    shownKind_ = MatrixKind::CrossCorrelation;
    applySettings(settingsOf_.contains(shownKind_) ? settingsOf_[shownKind_] : RenderSettings());
    undo_.clear();
  }
  std::erase_if(settingsOf_, [this](const auto& each) { return each.first != shownKind_; });
}

void InspectorPanel::restore(const DisplayState& state) {
  settingsOf_[state.kind] = state.settings;
  feed_.suggestKind(state.kind);
  if (feed_.kind() != state.kind) {
    return;  // a person has chosen another one by now
  }
  restoring_ = state;
  isOrderAsked_ = false;
  const auto& shown = arranger_->shown();
  if (shown && shown->first->origin().kind == state.kind) {
    onShown();
  }
}

}  // namespace barlow::ui
