#include "ui/plots/matrix_canvas.h"

#include <QApplication>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

/// What the mouse does on a MatrixCanvas.
namespace barlow::ui {
namespace {

constexpr double kSplitReach = 6;      // px on both sides of the line
constexpr double kWheelBase = 1.0015;  // zoom per eighth of a degree: one notch is 1.2

bool isSplit(MatrixCompare compare) {
  return compare == MatrixCompare::SplitVertical || compare == MatrixCompare::SplitHorizontal;
}

}  // namespace

MatrixCanvas::Drag MatrixCanvas::dragAt(const QPointF& position,
                                        Qt::MouseButton button,
                                        Qt::KeyboardModifiers keys) const {
  const MatrixFrame now = frame();
  if (!scene_.first || (button != Qt::LeftButton && button != Qt::MiddleButton)) {
    return Drag::None;
  }
  if (miniMapBox(now).contains(position)) {
    return Drag::MiniMap;
  }
  if (!now.area().contains(position)) {
    return Drag::None;
  }
  if (button == Qt::MiddleButton) {
    return Drag::Pan;
  }
  if (keys.testFlag(Qt::ShiftModifier)) {
    return Drag::ZoomBand;
  }
  if (keys.testFlag(Qt::ControlModifier)) {
    return Drag::SelectBand;
  }
  if (isSplit(scene_.effectiveCompare())) {
    const double along =
        scene_.compare == MatrixCompare::SplitHorizontal ? position.y() : position.x();
    if (std::abs(along - splitPosition(now, scene_)) <= kSplitReach) {
      return Drag::Split;
    }
  }
  return rubberBandSelects_ ? Drag::SelectBand : Drag::Pan;
}

void MatrixCanvas::mousePressEvent(QMouseEvent* event) {
  if (drag_ != Drag::None) {
    return;  // a second button
  }
  drag_ = dragAt(event->position(), event->button(), event->modifiers());
  if (drag_ == Drag::None) {
    return QWidget::mousePressEvent(event);
  }
  dragStart_ = dragLast_ = event->position();
  hasDragged_ = false;
  if (drag_ == Drag::MiniMap) {
    hasDragged_ = true;
    continueDrag(event->position());
  }
  Q_EMIT interacted();
}

void MatrixCanvas::mouseMoveEvent(QMouseEvent* event) {
  const QPointF position = event->position();
  const bool isOverMap = miniMapBox(frame()).contains(position);
  mouse_ = isOverMap ? std::nullopt : std::optional(position);
  if (drag_ != Drag::None) {
    const double moved = (position - dragStart_).manhattanLength();
    hasDragged_ = hasDragged_ || moved >= QApplication::startDragDistance();
    if (hasDragged_) {
      continueDrag(position);
    }
  } else {
    updateCursorShape(position);
  }
  if (isOverMap) {
    forgetHover();
  } else {
    refreshReading();
  }
}

void MatrixCanvas::continueDrag(const QPointF& position) {
  const MatrixFrame now = frame();
  const QPointF moved = position - dragLast_;
  dragLast_ = position;
  MatrixPlace next = now.place();
  switch (drag_) {
    case Drag::Pan:
      setCursor(Qt::ClosedHandCursor);
      next.row -= moved.y() * next.cellsPerPixel;
      next.column -= moved.x() * next.cellsPerPixel;
      return moveByUser(next);
    case Drag::MiniMap: {
      const QPointF source = MatrixMiniMap::sourceAt(now, miniMapBox(now), position);
      next.row = source.y();
      next.column = source.x();
      return moveByUser(next);
    }
    case Drag::Split:
      return dragSplit(position);
    case Drag::ZoomBand:
    case Drag::SelectBand:
      return update();
    case Drag::None:
      return;
  }
}

void MatrixCanvas::dragSplit(const QPointF& position) {
  const QRectF area = matrixArea();
  const bool isVertical = scene_.compare == MatrixCompare::SplitVertical;
  const double share = isVertical ? (position.x() - area.left()) / area.width()
                                  : (position.y() - area.top()) / area.height();
  setSplit(share);
}

void MatrixCanvas::mouseReleaseEvent(QMouseEvent* event) {
  const Drag drag = drag_;
  if (drag == Drag::None || event->buttons().testAnyFlags(Qt::LeftButton | Qt::MiddleButton)) {
    return QWidget::mouseReleaseEvent(event);
  }
  drag_ = Drag::None;
  if (!hasDragged_ && event->button() == Qt::LeftButton) {
    click(event->position(), event->modifiers());
  } else if (drag == Drag::ZoomBand || drag == Drag::SelectBand) {
    finishBand(drag == Drag::ZoomBand);
  }
  updateCursorShape(event->position());
  update();
}

void MatrixCanvas::finishBand(bool zooms) {
  const MatrixFrame now = frame();
  const QRectF band = QRectF(dragStart_, dragLast_).normalized().intersected(now.area());
  const QPointF from = now.sourceAt(band.topLeft());
  const QPointF to = now.sourceAt(band.bottomRight());
  if (band.isEmpty()) {
    return;
  }
  if (zooms) {
    const QRectF all = now.inWidget(now.room().devicePixels());
    return moveByUser({.row = (from.y() + to.y()) / 2,
                       .column = (from.x() + to.x()) / 2,
                       .cellsPerPixel = std::max((to.x() - from.x()) / all.width(),
                                                 (to.y() - from.y()) / all.height())});
  }
  const auto cell = [](double at, std::int64_t cells) {
    return static_cast<int>(
        std::clamp(std::floor(at), 0.0, static_cast<double>(std::max<std::int64_t>(cells, 1) - 1)));
  };
  const MatrixRoom& room = now.room();
  Q_EMIT selectionRequested(QRect(QPoint(cell(from.x(), room.columns), cell(from.y(), room.rows)),
                                  QPoint(cell(to.x(), room.columns), cell(to.y(), room.rows))));
}

void MatrixCanvas::click(const QPointF& position, Qt::KeyboardModifiers keys) {
  const std::optional<MatrixReading> reading = readingAt(position);
  if (!reading) {
    return;
  }
  const CellIndex place = reading->place;
  if (keys.testFlag(Qt::ShiftModifier)) {
    return setPinned(pinned_ == std::optional(place) ? std::nullopt : std::optional(place));
  }
  if (keys.testFlag(Qt::ControlModifier)) {
    Q_EMIT selectionRequested(
        QRect(static_cast<int>(place.column), static_cast<int>(place.row), 1, 1));
    return;
  }
  setCursorCell(place);
  Q_EMIT cellActivated(place);
}

void MatrixCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !matrixArea().contains(event->position())) {
    return;
  }
  if (dragAt(event->position(), event->button(), event->modifiers()) == Drag::MiniMap) {
    return mousePressEvent(event);
  }
  Q_EMIT interacted();
  fit();
}

void MatrixCanvas::wheelEvent(QWheelEvent* event) {
  if (scene_.first && event->angleDelta().y() != 0) {
    zoom(std::pow(kWheelBase, event->angleDelta().y()), event->position());
    Q_EMIT interacted();
  }
  event->accept();
}

void MatrixCanvas::leaveEvent(QEvent*) {
  mouse_.reset();
  forgetHover();
}

void MatrixCanvas::forgetHover() {
  setHovered(std::nullopt);
  Q_EMIT hovered({});
}

void MatrixCanvas::updateCursorShape(const QPointF& position) {
  switch (dragAt(position, Qt::LeftButton, {})) {
    case Drag::Split:
      return setCursor(scene_.compare == MatrixCompare::SplitVertical ? Qt::SplitHCursor
                                                                      : Qt::SplitVCursor);
    case Drag::MiniMap:
      return setCursor(Qt::PointingHandCursor);
    case Drag::SelectBand:
      return setCursor(Qt::CrossCursor);
    default:
      return unsetCursor();
  }
}

}  // namespace barlow::ui
