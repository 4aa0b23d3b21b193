// The parts at the side of the Inspect workspace, and what they do to the matrix.
#include "core/matrix/dendrogram.h"
#include "ui/bridge/run_controller.h"
#include "ui/inspector/display_controls.h"
#include "ui/inspector/distribution_panel.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/moment_grid.h"
#include "ui/inspector/numbers_panel.h"
#include "ui/inspector/order_panel.h"
#include "ui/inspector/pairs_panel.h"
#include "ui/inspector/top_samples_panel.h"
#include "ui/inspector/undo_steps.h"
#include "ui/plots/color_limits_bar.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/theme/elided_label.h"

#include <QLabel>
#include <QLocale>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace barlow::ui {
namespace {

// Dimension to place, for many of them; -1 where it is out of sight.
std::function<std::int64_t(std::int64_t)> placesOfAll(const ArrangedOrder& order) {
  if (!order.order) {
    return [](std::int64_t dimension) { return dimension; };
  }
  const std::int32_t last = *std::max_element(order.order->begin(), order.order->end());
  std::vector<std::int32_t> places(static_cast<std::size_t>(last) + 1, -1);
  for (std::size_t place = 0; place < order.order->size(); ++place) {
    places[static_cast<std::size_t>((*order.order)[place])] = static_cast<std::int32_t>(place);
  }
  return [places = std::move(places)](std::int64_t dimension) -> std::int64_t {
    return dimension >= 0 && dimension < static_cast<std::int64_t>(places.size())
               ? places[static_cast<std::size_t>(dimension)]
               : -1;
  };
}

}  // namespace

void InspectorPanel::connectSide() {
  connect(controls_, &DisplayControls::settingsChanged, this, &InspectorPanel::applySettings);
  connect(controls_,
          &DisplayControls::changed,
          this,
          [this](const RenderSettings& before, const RenderSettings& after, const QString& what) {
            undo_.push(new UndoStep<RenderSettings>(
                what, before, after, [this](const RenderSettings& settings) {
                  applySettings(settings);
                  keepViewSoon();
                }));
          });
  connect(numbers_, &NumbersPanel::cellActivated, this, &InspectorPanel::goToCell);
  connect(pairs_, &PairsPanel::pairActivated, this, &InspectorPanel::goToCell);
  connect(pairs_, &PairsPanel::pairSelected, topSamples_, &TopSamplesPanel::showPair);
  connect(pairs_, &PairsPanel::csvRequested, this, &InspectorPanel::savePairs);
  connect(distributions_, &DistributionPanel::prototypeActivated, this, [this](qint64 prototype) {
    topSamples_->showPrototype(prototype);
    tabs_->setCurrentWidget(topSamples_);
  });
  connect(distributions_, &DistributionPanel::binClicked, this, &InspectorPanel::markBins);
  connect(distributions_,
          &DistributionPanel::rangeBrushed,
          this,
          [this](qint64, qint64, const std::vector<std::int32_t>& dimensions) {
            canvas_->setRowMarks(shownPlaces(dimensions));
          });
  connect(distributions_, &DistributionPanel::brushCleared, this, [this] {
    canvas_->setRowMarks({});
    canvas_->setMarks({});
  });
  connect(orders_, &OrderPanel::orderRequested, this, [this](const OrderRequest& request) {
    orders_->setBusy(true);
    arranger_->computeOrder(request);
  });
  connect(orders_, &OrderPanel::cancelRequested, this, [this] {
    arranger_->cancelOrder();
    orders_->setBusy(false);
    orders_->setOrder(arranger_->order().request, arranger_->order().name);
  });
  connect(orders_, &OrderPanel::cutChanged, this, &InspectorPanel::cutClusters);
  connect(
      orders_, &OrderPanel::outlinesToggled, this, [this] { cutClusters(orders_->clusters()); });
  connect(orders_, &OrderPanel::clusterActivated, this, [this](const ClusterRow& cluster) {
    const std::int64_t middle = cluster.block.first + cluster.block.count / 2;
    canvas_->goTo({middle, middle});
    if (cluster.strongestPair.row >= 0) {
      topSamples_->showPair(cluster.strongestPair);
    }
  });
  connect(orders_, &OrderPanel::saveOrderRequested, this, &InspectorPanel::openExport);
  connect(orders_, &OrderPanel::loadOrderRequested, this, &InspectorPanel::loadOrder);
  connect(arranger_, &MatrixArranger::orderProgressed, orders_, &OrderPanel::setProgress);
  connect(arranger_, &MatrixArranger::orderReady, this, &InspectorPanel::pushOrder);
  connect(arranger_, &MatrixArranger::orderDropped, this, [this] {
    undo_.clear();
    chosen_.clear();
    orders_->setOrder({});
    orders_->setDendrogram(nullptr);
  });
  connect(arranger_, &MatrixArranger::failed, orders_, [this] {
    orders_->setBusy(false);
    restoring_.reset();
  });
}

void InspectorPanel::applySettings(const RenderSettings& settings) {
  const bool isSideBySide = compare_->layout() == Layout::SideBySide;
  if (!isSideBySide || compare_->locksColors()) {
    canvas_->setSettings(settings);
    secondCanvas_->setSettings(settings);
  } else {
    active_->setSettings(settings);
  }
  grid_->setSettings(settings);
  if (controls_->settings() != settings) {
    controls_->setSettings(settings);
  }
  bar_->setColor(settings.color);
  showDerivedTitles();
}

void InspectorPanel::pushOrder(const ArrangedOrder& order) {
  orders_->setBusy(false);
  const auto apply = [this](const ArrangedOrder& wanted) {
    // Another matrix may have come since: one of another size has no such order.
    const bool isTaken = arranger_->setOrder(wanted);
    const ArrangedOrder now = isTaken ? wanted : ArrangedOrder{};
    orders_->setOrder(now.request, now.name);
    orders_->setDendrogram(now.dendrogram);
    cutClusters(orders_->clusters());
    canvas_->setMarks({});
    canvas_->setRowMarks({});
    if (!restoring_) {
      keepViewSoon();  // also of what is taken back
    }
  };
  if (restoring_ && !(order.request == restoring_->order)) {
    restoring_.reset();  // a person was quicker
  }
  if (restoring_) {
    apply(order);
    return;
  }
  undo_.push(new UndoStep<ArrangedOrder>(tr("Order"), arranger_->order(), order, apply));
}

void InspectorPanel::cutClusters(std::int64_t clusters) {
  const ArrangedOrder& order = arranger_->order();
  const auto& inspection = timeline_->inspection();
  std::vector<ClusterBlock> blocks;
  if (order.dendrogram && inspection) {
    blocks = cutIntoClusters(*order.dendrogram,
                             std::clamp<std::int64_t>(clusters, 1, order.dendrogram->leaves));
    tabling_.run(
        [inspection, dimensions = order.order, blocks, yields = run_.isTraining()](
            std::stop_token stop) {
          return clusterTable(inspection->matrix(),
                              *dimensions,
                              blocks,
                              {.stop = std::move(stop), .progress = {}, .yields = yields});
        },
        [this](JobResult<std::optional<std::vector<ClusterRow>>> result) {
          auto* rows = std::get_if<std::optional<std::vector<ClusterRow>>>(&result);
          if (rows != nullptr && *rows) {
            orders_->setClusterRows(std::move(**rows));
          }
        });
  } else {
    tabling_.cancel();
  }
  const auto outlines = orders_->showsOutlines() ? blocks : std::vector<ClusterBlock>();
  canvas_->setBlocks(outlines);
  secondCanvas_->setBlocks(outlines);
}

// Bins of the shown matrix, which may be derived: its statistics and its cells.
void InspectorPanel::markBins(CellPart part, std::int64_t first, std::int64_t last) {
  const auto& inspection = timeline_->inspection();
  if (!inspection || !inspection->statistics) {
    return;
  }
  marking_.run(
      [inspection, part, first, last, yields = run_.isTraining()](std::stop_token stop) {
        constexpr std::size_t kMost = 100'000;
        const MatrixStatistics& statistics = *inspection->statistics;
        const Histogram& histogram = part == CellPart::Diagonal ? statistics.diagonalHistogram
                                                                : statistics.offDiagonalHistogram;
        std::optional<CellSelection> all = CellSelection{};
        for (std::int64_t bin = first; bin <= last && all; ++bin) {
          auto cells = cellsOfBin(inspection->matrix(),
                                  histogram,
                                  bin,
                                  part,
                                  kMost,
                                  {.stop = stop, .progress = {}, .yields = yields});
          if (!cells) {
            return std::optional<CellSelection>();
          }
          all->total += cells->total;
          const std::size_t room = kMost - std::min(kMost, all->cells.size());
          const std::size_t taken = std::min(room, cells->cells.size());
          all->cells.insert(all->cells.end(),
                            cells->cells.begin(),
                            cells->cells.begin() + static_cast<std::ptrdiff_t>(taken));
        }
        return all;
      },
      [this](JobResult<std::optional<CellSelection>> result) {
        const auto* selection = std::get_if<std::optional<CellSelection>>(&result);
        if (selection == nullptr || !*selection) {
          return;
        }
        const auto places = placesOfAll(arranger_->order());
        std::vector<CellIndex> marks;
        marks.reserve((*selection)->cells.size());
        for (const CellIndex& cell : (*selection)->cells) {
          const CellIndex place{places(cell.row), places(cell.column)};
          if (place.row >= 0 && place.column >= 0) {
            marks.push_back(place);
          }
        }
        canvas_->setMarks(std::move(marks));
        const QLocale locale;
        readOut_->setText(tr("%1 cells in this bar are marked.")
                              .arg(locale.toString(static_cast<qulonglong>((*selection)->total))));
        isHint_ = false;
      });
}

CellIndex InspectorPanel::placeOf(const CellIndex& cell) const {
  const auto& order = arranger_->order().order;
  const auto at = [&](std::int64_t dimension) -> std::int64_t {
    if (!order) {
      return dimension;
    }
    const auto found = std::find(order->begin(), order->end(), dimension);
    return found == order->end() ? -1 : found - order->begin();
  };
  return {at(cell.row), at(cell.column)};
}

std::vector<std::int64_t> InspectorPanel::shownPlaces(
    const std::vector<std::int32_t>& dimensions) const {
  const auto placeOfDimension = placesOfAll(arranger_->order());
  std::vector<std::int64_t> places;
  for (const std::int32_t dimension : dimensions) {
    if (const std::int64_t place = placeOfDimension(dimension); place >= 0) {
      places.push_back(place);
    }
  }
  return places;
}

CellIndex InspectorPanel::cellAt(const CellIndex& place) const {
  const auto& order = arranger_->order().order;
  const auto at = [&](std::int64_t index) -> std::int64_t {
    return order && index >= 0 && index < static_cast<std::int64_t>(order->size())
               ? (*order)[static_cast<std::size_t>(index)]
               : index;
  };
  return {at(place.row), at(place.column)};
}

void InspectorPanel::goToCell(const CellIndex& cell) {
  const CellIndex place = placeOf(cell);
  topSamples_->showPair(cell);
  if (place.row < 0 || place.column < 0) {
    showMessage(tr("Cell %1, %2 is not among the dimensions that are shown; choose the original "
                   "order to see all.")
                    .arg(cell.row)
                    .arg(cell.column));
    return;
  }
  canvas_->goTo(place);
  canvas_->setCursorCell(place);
  canvas_->setPinned(place);
  if (timeline_->playback() == MatrixTimeline::Playback::Following && run_.isLive()) {
    timeline_->hold();
  }
}

void InspectorPanel::selectPair(const CellIndex& cell) {
  topSamples_->showPair(cell);
  const auto& inspection = timeline_->inspection();
  if (inspection && inspection->embeddings) {
    tabs_->setCurrentWidget(topSamples_);
  }
}

}  // namespace barlow::ui
