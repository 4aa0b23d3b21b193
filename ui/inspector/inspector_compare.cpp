// Two matrices, files and exports of the Inspect workspace.
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/matrix/order_file.h"
#include "ui/bridge/run_controller.h"
#include "ui/dialogs/ask.h"
#include "ui/inspector/compared_numbers.h"
#include "ui/inspector/display_controls.h"
#include "ui/inspector/export_dialog.h"
#include "ui/inspector/export_form.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/moment_grid.h"
#include "ui/inspector/order_panel.h"
#include "ui/inspector/pairs_panel.h"
#include "ui/inspector/undo_steps.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/plots/matrix_words.h"
#include "ui/theme/elided_label.h"

#include <QRegularExpression>
#include <QSplitter>
#include <QStackedWidget>

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

QString nameOf(const ArrangedOrder& order) {
  switch (order.request.kind) {
    case OrderKind::Original:
      return QStringLiteral("original");
    case OrderKind::Diagonal:
      return QStringLiteral("diagonal");
    case OrderKind::RowRms:
      return QStringLiteral("row RMS");
    case OrderKind::Variance:
      return QStringLiteral("variance");
    case OrderKind::Clusters:
      return QStringLiteral("clusters (average linkage)");
    case OrderKind::Spectral:
      return QStringLiteral("spectral");
    case OrderKind::OneRow:
      return QStringLiteral("row %1").arg(order.request.row);
    case OrderKind::Saved:
      return order.name;
  }
  return {};
}

}  // namespace

void InspectorPanel::connectCompare() {
  connect(compare_, &CompareBar::layoutChanged, this, &InspectorPanel::onLayout);
  connect(compare_, &CompareBar::layoutChosen, this, [this](Layout before, Layout after) {
    undo_.push(new UndoStep<Layout>(
        tr("View"), before, after, [this](const Layout& layout) { compare_->setLayout(layout); }));
  });
  connect(compare_, &CompareBar::locksChanged, this, [this] {
    if (compare_->locksColors()) {
      active_ = canvas_;
      applySettings(canvas_->settings());
    }
    linkPlaces(canvas_, secondCanvas_);
  });
  connect(compare_, &CompareBar::holdShownRequested, this, [this] {
    setSecond(timeline_->inspection());
  });
  connect(compare_, &CompareBar::firstMomentRequested, this, [this] {
    if (timeline_->moments().empty()) {
      return;
    }
    readSecond([folder = run_.folder(),
                moment = timeline_->moments().front(),
                kind = kindOfSecond()](const JobControl& control) {
      return pictureOf(readSnapshot(folder, moment), kind, control);
    });
  });
  connect(compare_, &CompareBar::runRequested, this, &InspectorPanel::chooseRun);
  connect(compare_, &CompareBar::filesRequested, this, [this] { chooseFiles(true); });
  connect(compare_, &CompareBar::nothingRequested, this, [this] { setSecond(nullptr); });
  connect(grid_, &MomentGrid::failed, this, &InspectorPanel::showMessage);
  connect(grid_, &MomentGrid::momentActivated, this, [this](std::int64_t step) {
    const auto& moments = timeline_->moments();
    for (std::size_t i = 0; i < moments.size(); ++i) {
      if (moments[i].step == step) {
        compare_->setLayout(Layout::Single);
        timeline_->setPosition(static_cast<int>(i));
      }
    }
  });
}

void InspectorPanel::onLayout() {
  const Layout layout = compare_->layout();
  const bool isGrid = layout == Layout::Grid2 || layout == Layout::Grid3;
  const bool isSideBySide = layout == Layout::SideBySide;
  stage_->setCurrentIndex(isGrid ? 1 : 0);
  giveRoom(isSideBySide);
  secondHalf_->setVisible(isSideBySide);
  firstName_->setVisible(isSideBySide);
  canvas_->setShowsProfiles(!isSideBySide);
  secondCanvas_->setShowsProfiles(false);
  canvas_->setCompare(layout == Layout::SplitVertical     ? MatrixCompare::SplitVertical
                      : layout == Layout::SplitHorizontal ? MatrixCompare::SplitHorizontal
                      : layout == Layout::Flicker         ? MatrixCompare::Flicker
                      : layout == Layout::RedBlue         ? MatrixCompare::RedBlue
                                                          : MatrixCompare::None);
  arranger_->setDerivation(derivationOf(layout));
  if (isSideBySide) {
    secondCanvas_->setPlace(canvas_->place());
  } else {
    active_ = canvas_;
  }
  if (isGrid) {
    grid_->setSettings(canvas_->settings());
    grid_->setKind(timeline_->wantedKind());
    grid_->showMoments(run_.folder(),
                       timeline_->moments(),
                       layout == Layout::Grid2 ? 2 : 3,
                       arranger_->order().order);
  } else {
    grid_->clear();
  }
}

// Two matrices side by side take what the side can spare.
void InspectorPanel::giveRoom(bool toPair) {
  const QList<int> sizes = splitter_->sizes();
  if (toPair && spared_ == 0) {
    spared_ = std::max(0, sizes.value(1) - splitter_->widget(1)->minimumWidth());
    splitter_->setSizes({sizes.value(0) + spared_, sizes.value(1) - spared_});
  } else if (!toPair && spared_ > 0) {
    splitter_->setSizes({sizes.value(0) - spared_, sizes.value(1) + spared_});
    spared_ = 0;
  }
}

void InspectorPanel::setSecond(std::shared_ptr<const Inspection> second) {
  readingSecond_.cancel();
  completingSecond_.cancel();
  const auto& first = timeline_->inspection();
  const MatrixKind kind = timeline_->wantedKind();
  const bool isFirstAwaited = second && first && second->origin().kind == kind &&
                              first->origin().kind != kind && first->embeddings;
  if (isFirstAwaited) {
    second_ = std::move(second);  // they meet when the first is made anew
    return;
  }
  if (second && first && second->origin().kind != first->origin().kind) {
    showMessage(tr("The other matrix is another one than this (%1); only matrices of one kind can "
                   "be compared.")
                    .arg(textOf(labelOf(first->origin().kind))));
    return;
  }
  if (second && first &&
      (second->matrix().rows() != first->matrix().rows() ||
       second->matrix().columns() != first->matrix().columns())) {
    showMessage(tr("The other matrix is %1 x %2 and this one %3 x %4; only matrices of one size "
                   "can be compared.")
                    .arg(second->matrix().rows())
                    .arg(second->matrix().columns())
                    .arg(first->matrix().rows())
                    .arg(first->matrix().columns()));
    return;
  }
  second_ = std::move(second);
  arranger_->setMatrices(first, second_);
  const bool has = second_ != nullptr;
  QString name;
  if (has) {
    name = first ? titlesOf(first->origin(), second_->origin(), run_.name()).second
                 : titleOf(second_->origin());
    if (name.isEmpty()) {
      name = tr("a matrix");
    }
  }
  compare_->setSecondName(name);
  showNumbers();
  completeSecond();
}

// A matrix alone can only be compared with such.
MatrixKind InspectorPanel::kindOfSecond() const {
  const auto& first = timeline_->inspection();
  return first && !first->embeddings ? first->origin().kind : timeline_->wantedKind();
}

// Its picture is there; its numbers follow, those that take long last.
void InspectorPanel::completeSecond() {
  if (!second_ || second_->isComplete()) {
    return;
  }
  const bool isLong = !second_->statistics && completesLate(*second_);
  completingSecond_.run(
      [second = second_, isLong, yields = run_.isTraining()](std::stop_token stop) {
        const JobControl control{.stop = std::move(stop), .progress = {}, .yields = yields};
        return isLong ? withStatistics(second, control) : completed(second, control);
      },
      [this](JobResult<std::shared_ptr<const Inspection>> result) {
        auto* inspection = std::get_if<std::shared_ptr<const Inspection>>(&result);
        if (inspection != nullptr && *inspection) {
          second_ = std::move(*inspection);
          arranger_->setMatrices(timeline_->inspection(), second_);
          showNumbers();
          completeSecond();
        } else if (inspection == nullptr) {
          showMessage(QString::fromStdString(std::get<ErrorInfo>(result).message));
        }
      });
}

void InspectorPanel::readSecond(
    std::function<std::shared_ptr<const Inspection>(const JobControl&)> make) {
  readingSecond_.run(
      [make = std::move(make), yields = run_.isTraining()](std::stop_token stop) {
        return make({.stop = std::move(stop), .progress = {}, .yields = yields});
      },
      [this](JobResult<std::shared_ptr<const Inspection>> result) {
        if (auto* inspection = std::get_if<std::shared_ptr<const Inspection>>(&result)) {
          if (*inspection) {
            setSecond(std::move(*inspection));
          }
        } else {
          showMessage(QString::fromStdString(std::get<ErrorInfo>(result).message));
        }
      });
}

void InspectorPanel::chooseRun() {
  // Where the other runs are.
  const auto folder = askFolder(this,
                                tr("Compare with the last matrix of a run"),
                                QString::fromStdString(run_.folder().parent_path().string()));
  if (!folder) {
    return;
  }
  readSecond([path = std::filesystem::path(folder->toStdString()),
              kind = kindOfSecond()](const JobControl& control) {
    const auto moments = listSnapshots(path);
    if (moments.empty()) {
      throw Exception(path.string() +
                      " keeps no moments to compare with; choose the folder of a run.");
    }
    return pictureOf(readSnapshot(path, moments.back()), kind, control);
  });
}

void InspectorPanel::chooseFiles(bool asSecond) {
  const QStringList chosen =
      askOpenFiles(this,
                   tr("Embeddings of two views, or a matrix"),
                   tr("Embeddings and matrices (*.npy *.npz *.safetensors)"));
  if (chosen.isEmpty()) {
    return;
  }
  std::vector<std::filesystem::path> files;
  for (const QString& path : chosen) {
    files.emplace_back(path.toStdString());
  }
  if (files.size() > 2) {
    showMessage(tr("Choose one file or two, not %1.").arg(files.size()));
  } else if (asSecond) {
    readSecond([files, kind = kindOfSecond()](const JobControl& control) {
      return pictureOf(files, kind, control);
    });
  } else {
    openFiles(files);
  }
}

void InspectorPanel::askCell() {
  const auto text = askText(this, tr("Go to a cell"), tr("Row and column, such as 12, 40:"));
  if (!text) {
    return;
  }
  const QStringList parts =
      text->split(QRegularExpression(QStringLiteral("[,;\\s]+")), Qt::SkipEmptyParts);
  bool isRow = false;
  bool isColumn = false;
  const CellIndex cell{parts.value(0).toLongLong(&isRow), parts.value(1).toLongLong(&isColumn)};
  const auto& inspection = timeline_->inspection();
  const bool isInside = inspection && isRow && isColumn && parts.size() == 2 && cell.row >= 0 &&
                        cell.column >= 0 && cell.row < inspection->matrix().rows() &&
                        cell.column < inspection->matrix().columns();
  if (isInside) {
    showMessage({});
    goToCell(cell);
  } else if (inspection) {
    showMessage(tr("%1 is no cell of this matrix; give a row from 0 to %2 and a column from 0 to "
                   "%3, such as 12, 40.")
                    .arg(*text)
                    .arg(inspection->matrix().rows() - 1)
                    .arg(inspection->matrix().columns() - 1));
  }
}

void InspectorPanel::openExport() {
  const auto& shown = arranger_->shown();
  if (!shown) {
    showMessage(tr("There is no matrix to export yet."));
    return;
  }
  if (export_ == nullptr) {
    export_ = new ExportDialog(this);
  }
  const double ratio = canvas_->devicePixelRatioF();
  const QRectF area = canvas_->matrixArea();
  const QRectF cells = canvas_->visibleCells();
  const QSize size(std::max(1, qRound(area.width() * ratio)),
                   std::max(1, qRound(area.height() * ratio)));
  export_->setSource({.pyramid = shown->pyramid,
                      .statistics = shown->statistics,
                      .order = shown->order.order ? *shown->order.order : Order(),
                      .orderName = nameOf(shown->order),
                      .orderOf = shown->order.isCropped ? shown->first->matrix().rows() : 0,
                      .viewport = {.row = cells.y(),
                                   .column = cells.x(),
                                   .cellsPerPixel = cells.width() / size.width(),
                                   .width = size.width(),
                                   .height = size.height()},
                      .settings = canvas_->settings(),
                      .devicePixelRatio = ratio});
  export_->show();
  export_->raise();
}

void InspectorPanel::savePairs() {
  const auto path = askSaveFile(this, tr("Save pairs"), QStringLiteral("pairs.csv"));
  if (!path) {
    return;
  }
  savingPairs_.run(
      [text = pairs_->toCsv().toStdString(),
       file = std::filesystem::path(path->toStdString())](std::stop_token) {
        writeFileAtomically(file, text);
        return true;
      },
      [this](JobResult<bool> result) {
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          showMessage(QString::fromStdString(error->message));
        }
      });
}

void InspectorPanel::loadOrder() {
  const auto& inspection = timeline_->inspection();
  if (!inspection) {
    return;
  }
  const QStringList chosen = askOpenFiles(this, tr("Open order"), tr("Orders (*.json)"));
  if (chosen.isEmpty()) {
    orders_->setOrder(arranger_->order().request, arranger_->order().name);
    return;
  }
  loadingOrder_.run(
      [file = std::filesystem::path(chosen.front().toStdString()),
       size = inspection->matrix().rows()](std::stop_token) { return readOrderFile(file, size); },
      [this](JobResult<NamedOrder> result) {
        if (auto* read = std::get_if<NamedOrder>(&result)) {
          pushOrder({.isCropped = read->of != 0,
                     .request = {.kind = OrderKind::Saved},
                     .name = QString::fromStdString(read->name),
                     .order = std::make_shared<const Order>(std::move(read->order)),
                     .dendrogram = nullptr});
        } else {
          orders_->setOrder(arranger_->order().request, arranger_->order().name);
          showMessage(QString::fromStdString(std::get<ErrorInfo>(result).message));
        }
      });
}

}  // namespace barlow::ui
