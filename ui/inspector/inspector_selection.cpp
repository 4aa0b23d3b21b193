// Dimensions chosen by hand in the Inspect workspace: found, brought to the top, cropped.
#include "core/matrix/index_ranges.h"
#include "ui/dialogs/ask.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/order_panel.h"
#include "ui/inspector/top_samples_panel.h"
#include "ui/plots/matrix_canvas.h"

#include <QMenu>
#include <QTabWidget>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace barlow::ui {
namespace {

// The dimensions that stand in a part of the matrix, each once, in the order in which they are
// shown: rows first, then columns that are no rows of it.
std::vector<std::int32_t> dimensionsIn(const QRect& places, const MatrixLabels& labels) {
  std::vector<std::int32_t> dimensions;
  const auto add = [&](std::int64_t dimension) {
    const auto index = static_cast<std::int32_t>(dimension);
    if (std::find(dimensions.begin(), dimensions.end(), index) == dimensions.end()) {
      dimensions.push_back(index);
    }
  };
  for (int row = places.top(); row <= places.bottom(); ++row) {
    add(labels.row(row));
  }
  for (int column = places.left(); column <= places.right(); ++column) {
    add(labels.column(column));
  }
  return dimensions;
}

}  // namespace

void InspectorPanel::onSelection(const QRect& places) {
  chosen_ = dimensionsIn(places, canvas_->labels());
  canvas_->setRowMarks(shownPlaces(chosen_));
  const QRectF first = canvas_->cellRect({places.bottom(), places.right()});
  showMenu(canvas_, first.bottomRight().toPoint());
}

void InspectorPanel::askDimensions() {
  const auto& inspection = timeline_->inspection();
  if (!inspection) {
    return;
  }
  const auto text =
      askText(this, tr("Find dimensions"), tr("Dimensions to mark, such as 0-255, 812:"));
  if (!text) {
    return;
  }
  const auto found = parseIndexRanges(text->toStdString(), inspection->matrix().rows());
  if (!found) {
    showMessage(QString::fromStdString(found.error().message));
    return;
  }
  showMessage({});
  chosen_ = *found;
  std::vector<std::int64_t> rows = shownPlaces(chosen_);
  if (!rows.empty()) {
    canvas_->goTo({rows.front(), rows.front()});
  }
  canvas_->setRowMarks(std::move(rows));
}

void InspectorPanel::showMenu(MatrixCanvas* canvas, const QPoint& position) {
  const auto& shown = arranger_->shown();
  if (!shown) {
    return;
  }
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("matrixMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const bool isSquare = shown->pyramid->matrix().isSquare();
  const auto add = [&](const QString& text, const QString& name, bool isEnabled, auto act) {
    QAction* action = menu->addAction(text);
    action->setObjectName(name);
    action->setEnabled(isEnabled);
    connect(action, &QAction::triggered, this, act);
  };
  if (const auto reading = canvas->readingAt(position)) {
    const CellIndex cell = reading->cell;
    add(tr("Order by row %1").arg(cell.row), QStringLiteral("orderByRow"), isSquare, [this, cell] {
      orders_->setBusy(true);
      arranger_->computeOrder({.kind = OrderKind::OneRow, .row = cell.row});
    });
    const MatrixKind kind = shown->first->origin().kind;
    if (!isOfDimensions(kind)) {
      add(kind == MatrixKind::Assignments ? tr("Images of prototype %1").arg(cell.column)
                                          : tr("The two images"),
          QStringLiteral("cellImages"),
          true,
          [this, cell] { selectPair(cell); });
    }
    add(tr("Images of dimension %1").arg(cell.row),
        QStringLiteral("dimensionImages"),
        isOfDimensions(kind),
        [this, cell] {
          topSamples_->showDimension(EmbeddingView::A, cell.row);
          tabs_->setCurrentWidget(topSamples_);
        });
    menu->addSeparator();
  }
  const bool hasChosen = !chosen_.empty() && isSquare;
  add(tr("Bring the %1 chosen dimensions to the top").arg(chosen_.size()),
      QStringLiteral("bringToTop"),
      hasChosen,
      [this] { bringToTop(chosen_); });
  add(tr("Show only the chosen dimensions"), QStringLiteral("showOnly"), hasChosen, [this] {
    showOnly(chosen_);
  });
  add(tr("Show all dimensions as they are"),
      QStringLiteral("showAll"),
      arranger_->order().order != nullptr,
      [this] { pushOrder({}); });
  menu->addSeparator();
  add(tr("Find dimensions..."), QStringLiteral("findDimensions"), true, [this] {
    askDimensions();
  });
  add(tr("Go to a cell..."), QStringLiteral("goToCell"), true, [this] { askCell(); });
  add(tr("Export..."), QStringLiteral("exportFromMenu"), true, [this] { openExport(); });
  menu->popup(canvas->mapToGlobal(position));
}

void InspectorPanel::bringToTop(const std::vector<std::int32_t>& dimensions) {
  const auto& inspection = timeline_->inspection();
  if (!inspection) {
    return;
  }
  const ArrangedOrder& now = arranger_->order();
  Order rest(static_cast<std::size_t>(inspection->matrix().rows()));
  std::iota(rest.begin(), rest.end(), 0);
  if (now.order && !now.isCropped) {
    rest = *now.order;
  }
  Order order = dimensions;
  std::vector<bool> isTaken(rest.size(), false);
  for (const std::int32_t dimension : dimensions) {
    isTaken[static_cast<std::size_t>(dimension)] = true;
  }
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(order), [&](std::int32_t dimension) {
    return !isTaken[static_cast<std::size_t>(dimension)];
  });
  ArrangedOrder next;
  next.request.kind = OrderKind::Saved;
  next.name = tr("%1 at the top").arg(dimensions.size());
  next.order = std::make_shared<const Order>(std::move(order));
  pushOrder(next);
}

void InspectorPanel::showOnly(const std::vector<std::int32_t>& dimensions) {
  ArrangedOrder next;
  next.isCropped = true;
  next.request.kind = OrderKind::Saved;
  next.name = tr("%1 dimensions only").arg(dimensions.size());
  next.order = std::make_shared<const Order>(dimensions);
  pushOrder(next);
}

}  // namespace barlow::ui
