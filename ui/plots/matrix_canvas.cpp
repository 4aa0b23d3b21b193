#include "ui/plots/matrix_canvas.h"

#include "ui/plots/matrix_accessible.h"
#include "ui/plots/matrix_axes.h"
#include "ui/plots/matrix_profiles.h"
#include "ui/plots/matrix_words.h"
#include "ui/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr int kLeastWithProfiles = 360;  // px of the widget's shorter side
constexpr double kGoToCell = 12;         // px that a cell has at least after goTo()

}  // namespace

MatrixCanvas::MatrixCanvas(QWidget* parent) : QWidget(parent) {
  installMatrixAccessibility();
  setObjectName(QStringLiteral("matrixCanvas"));
  setAccessibleName(tr("Correlation matrix"));
  setAccessibleDescription(
      tr("Arrow keys move from cell to cell, plus and minus zoom, F shows all of it."));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void MatrixCanvas::setMatrix(std::shared_ptr<const MatrixPyramid> matrix) {
  // Of another kind there are other things at the same places.
  const bool keepsShape = matrix && scene_.first && isShapeOf(*matrix) &&
                          isOfSameThings(matrix->matrix().origin().kind, kind());
  scene_.first = std::move(matrix);
  if (!keepsShape) {
    if (scene_.second && (!scene_.first || !isShapeOf(*scene_.second))) {
      scene_.second.reset();
    }
    isFitted_ = true;
    drag_ = Drag::None;
    hovered_.reset();
    marks_.clear();
    rowMarks_.clear();
    blocks_.clear();
    setCursorCell(std::nullopt);
    setPinned(std::nullopt);
    resetMatrixAccessibility(this);
  }
  invalidatePicture();
  refreshReading();
  if (!keepsShape) {
    Q_EMIT viewChanged();
  }
}

void MatrixCanvas::setEmptyText(const QString& text) {
  emptyText_ = text;
  update();
}

MatrixKind MatrixCanvas::kind() const {
  return scene_.first ? scene_.first->matrix().origin().kind : MatrixKind::CrossCorrelation;
}

QString MatrixCanvas::valueName() const { return textOf(wordsOf(kind()).value); }

void MatrixCanvas::setStatistics(std::shared_ptr<const MatrixStatistics> statistics) {
  statistics_ = std::move(statistics);
  refreshReading();
}

void MatrixCanvas::setOrders(std::shared_ptr<const Order> rows,
                             std::shared_ptr<const Order> columns) {
  labels_ = {.rows = std::move(rows), .columns = std::move(columns)};
  update();
  refreshReading();
}

void MatrixCanvas::setSettings(const RenderSettings& settings) {
  ColorScale{settings.color};  // refuses here, not in paintEvent
  if (settings != scene_.settings) {
    scene_.settings = settings;
    invalidatePicture();
    refreshReading();
  }
}

void MatrixCanvas::setSecond(std::shared_ptr<const MatrixPyramid> matrix,
                             const QString& nameFirst,
                             const QString& nameSecond) {
  const bool fits = matrix && scene_.first && isShapeOf(*matrix);
  scene_.second = fits ? std::move(matrix) : nullptr;
  names_ = {.first = nameFirst, .second = nameSecond};
  invalidatePicture();
  refreshReading();
}

void MatrixCanvas::setCompare(Compare compare) {
  scene_.compare = compare;
  scene_.showsSecond = false;
  isSpaceHeld_ = false;
  invalidatePicture();
  refreshReading();
}

void MatrixCanvas::setShowsSecond(bool showsSecond) {
  if (showsSecond != scene_.showsSecond) {
    scene_.showsSecond = showsSecond;
    invalidatePicture();
    refreshReading();
  }
}

void MatrixCanvas::setSplit(double share) {
  scene_.split = std::clamp(share, 0.0, 1.0);
  invalidatePicture();
}

void MatrixCanvas::setPlace(const MatrixPlace& place) { movePlace(place); }

void MatrixCanvas::fit() {
  if (scene_.first) {
    moveByUser(room(devicePixelRatioF()).fitted());
  }
}

void MatrixCanvas::oneToOne() {
  MatrixPlace next = place();
  next.cellsPerPixel = devicePixelRatioF();
  next.isAll = false;
  moveByUser(next);
}

void MatrixCanvas::goTo(CellIndex place) {
  if (inside(place)) {
    moveByUser({.row = static_cast<double>(place.row) + 0.5,
                .column = static_cast<double>(place.column) + 0.5,
                .cellsPerPixel = std::min(this->place().cellsPerPixel, 1 / kGoToCell)});
  }
}

void MatrixCanvas::zoom(double factor, const QPointF& at) {
  if (!scene_.first || !(factor > 0)) {
    return;
  }
  const MatrixFrame now = frame();
  const MatrixPlace all = now.room().fitted();
  MatrixPlace next = now.place();
  next.isAll = false;
  // Zooming out ends at all of the matrix; only oneToOne() makes a small one smaller than that.
  next.cellsPerPixel =
      std::min(next.cellsPerPixel / factor, std::max(all.cellsPerPixel, next.cellsPerPixel));
  next.cellsPerPixel = now.room().clamped(next).cellsPerPixel;
  const QPointF source = now.sourceAt(at);
  const QPointF middle = now.inWidget(now.room().devicePixels()).center();
  next.row = source.y() - (at.y() - middle.y()) * next.cellsPerPixel;
  next.column = source.x() - (at.x() - middle.x()) * next.cellsPerPixel;
  moveByUser(next);
}

int MatrixCanvas::level() const {
  return scene_.first
             ? shownLevel(
                   *scene_.first, frame().viewport().cellsPerPixel, scene_.settings.coarsestLevel)
             : 0;
}

void MatrixCanvas::setCursorCell(std::optional<CellIndex> place) {
  place = inside(place);
  if (place != cursor_) {
    cursor_ = place;
    update();
    announceCell(this);
  }
}

void MatrixCanvas::setPinned(std::optional<CellIndex> place) {
  place = inside(place);
  if (place != pinned_) {
    pinned_ = place;
    update();
  }
}

void MatrixCanvas::setMarks(std::vector<CellIndex> places) {
  marks_ = std::move(places);
  isStale_ = true;
  update();
}

void MatrixCanvas::setRowMarks(std::vector<std::int64_t> places) {
  rowMarks_ = std::move(places);
  update();
}

void MatrixCanvas::setBlocks(std::vector<ClusterBlock> blocks) {
  blocks_ = std::move(blocks);
  update();
}

void MatrixCanvas::setShowsProfiles(bool shows) {
  showsProfiles_ = shows;
  update();
  Q_EMIT viewChanged();
}

void MatrixCanvas::setShowsMiniMap(bool shows) {
  showsMiniMap_ = shows;
  update();
}

void MatrixCanvas::setShowsValues(bool shows) {
  showsValues_ = shows;
  update();
}

void MatrixCanvas::setRubberBandSelects(bool selects) { rubberBandSelects_ = selects; }

QImage MatrixCanvas::renderMatrix(const QSize& devicePixels) const {
  if (!scene_.first || devicePixels.isEmpty()) {
    return {};
  }
  Viewport viewport = frame().viewport();
  viewport.cellsPerPixel *= static_cast<double>(viewport.width) / devicePixels.width();
  viewport.width = devicePixels.width();
  viewport.height = devicePixels.height();
  MatrixRaster raster;
  raster.draw(scene_, viewport);
  return raster.image();
}

std::optional<MatrixReading> MatrixCanvas::readingAt(const QPointF& position) const {
  return ui::readingAt(scene_, frame(), labels_, statistics_.get(), position);
}

MatrixReading MatrixCanvas::readingOf(CellIndex place) const {
  return ui::readingOf(scene_, labels_, statistics_.get(), place);
}

QString MatrixCanvas::readOut(const MatrixReading& reading) const {
  return readingText(reading,
                     {.value = valueName(),
                      .first = names_.first,
                      .second = names_.second,
                      .kind = kind(),
                      .reduction = scene_.settings.reduction,
                      .isReordered = !labels_.isIdentity()});
}

QString MatrixCanvas::readOut(const QPointF& position) const {
  const std::optional<MatrixReading> reading = readingAt(position);
  return reading ? readOut(*reading) : QString();
}

MatrixRoom MatrixCanvas::room(double ratio) const {
  if (!scene_.first) {
    return {};
  }
  const Matrix& matrix = scene_.first->matrix();
  const QMarginsF axes = axisMargins(font(), matrix.rows(), matrix.columns());
  QRectF available = QRectF(rect()).marginsRemoved(axes);
  if (hasProfiles()) {
    const double strip = MatrixProfiles::kThickness + kGap;
    available.adjust(0, 0, -strip, -strip);
  }
  available.setWidth(std::max(available.width(), 1.0));
  available.setHeight(std::max(available.height(), 1.0));
  return {
      .rows = matrix.rows(), .columns = matrix.columns(), .available = available, .ratio = ratio};
}

MatrixFrame MatrixCanvas::frameFor(double ratio) const {
  if (!scene_.first) {
    return {};
  }
  const MatrixRoom space = room(ratio);
  return {space, isFitted_ ? space.fitted() : place_};
}

bool MatrixCanvas::hasProfiles() const {
  return showsProfiles_ && std::min(width(), height()) >= kLeastWithProfiles;
}

QRectF MatrixCanvas::miniMapBox(const MatrixFrame& frame) const {
  return showsMiniMap_ ? MatrixMiniMap::boxIn(frame, cursor_) : QRectF();
}

bool MatrixCanvas::isShapeOf(const MatrixPyramid& matrix) const {
  return matrix.matrix().rows() == scene_.first->matrix().rows() &&
         matrix.matrix().columns() == scene_.first->matrix().columns();
}

std::optional<CellIndex> MatrixCanvas::inside(std::optional<CellIndex> place) const {
  return place && scene_.first && frame().contains(*place) ? place : std::nullopt;
}

void MatrixCanvas::invalidatePicture() {
  isStale_ = true;
  miniMap_.invalidate();
  update();
}

void MatrixCanvas::movePlace(const MatrixPlace& place) {
  if (!scene_.first) {
    return;
  }
  const MatrixRoom space = room(devicePixelRatioF());
  const MatrixPlace before = this->place();
  place_ = space.clamped(place);
  isFitted_ = place_.isAll;
  if (place_ != before) {
    update();
    if (mouse_) {  // the cell of the keyboard is the same wherever it is seen
      refreshReading();
    }
    Q_EMIT viewChanged();
  }
}

void MatrixCanvas::moveByUser(const MatrixPlace& place) {
  const MatrixPlace before = this->place();
  movePlace(place);
  if (scene_.first && this->place() != before) {
    Q_EMIT placeChanged(this->place());
  }
}

// After anything that changes what is under the cursor.
void MatrixCanvas::refreshReading() {
  if (mouse_) {
    const std::optional<MatrixReading> reading = readingAt(*mouse_);
    setHovered(reading ? std::optional(reading->place) : std::nullopt);
    Q_EMIT hovered(reading ? readOut(*reading) : QString());
  } else if (cursor_) {
    Q_EMIT hovered(readOut(readingOf(*cursor_)));
  }
}

}  // namespace barlow::ui
