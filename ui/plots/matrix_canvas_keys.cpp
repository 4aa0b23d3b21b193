#include "ui/plots/matrix_canvas.h"

#include <QKeyEvent>

#include <algorithm>
#include <cmath>

/// What the keyboard does on a MatrixCanvas.
namespace barlow::ui {
namespace {

constexpr double kZoomStep = 1.25;
constexpr double kPanShare = 0.1;   // of what is in sight
constexpr double kPageShare = 0.9;  // of the rows in sight
constexpr double kSplitStep = 0.05;
constexpr std::int64_t kLongStep = 10;  // cells

// -1, 0 or 1 by arrow key.
struct Direction {
  int row = 0;
  int column = 0;
  bool isNone() const { return row == 0 && column == 0; }
};

Direction directionOf(int key) {
  switch (key) {
    case Qt::Key_Left:
      return {0, -1};
    case Qt::Key_Right:
      return {0, 1};
    case Qt::Key_Up:
      return {-1, 0};
    case Qt::Key_Down:
      return {1, 0};
    default:
      return {};
  }
}

bool hasControl(const QKeyEvent& event) { return event.modifiers().testFlag(Qt::ControlModifier); }

}  // namespace

// Keys without a modifier may also be shortcuts of the window: while the canvas has the focus they
// are its own.
bool MatrixCanvas::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && scene_.first) {
    const auto& key = *static_cast<QKeyEvent*>(event);
    const bool isControl = hasControl(key);
    const bool isPlain = !isControl && !key.modifiers().testFlag(Qt::AltModifier);
    switch (key.key()) {
      case Qt::Key_F:
      case Qt::Key_P:
      case Qt::Key_1:
      case Qt::Key_Return:
      case Qt::Key_Enter:
        event->setAccepted(isPlain);
        return isPlain;
      case Qt::Key_Space: {
        const bool flickers = isPlain && scene_.effectiveCompare() == MatrixCompare::Flicker;
        event->setAccepted(flickers);
        return flickers;
      }
      case Qt::Key_9:
        event->setAccepted(isControl);
        return isControl;
      case Qt::Key_Escape: {
        const bool hasEffect = isPlain && (drag_ != Drag::None || pinned_ || cursor_);
        event->setAccepted(hasEffect);
        return hasEffect;
      }
      case Qt::Key_Plus:
      case Qt::Key_Equal:
      case Qt::Key_Minus:
      case Qt::Key_0:
      case Qt::Key_Left:
      case Qt::Key_Right:
      case Qt::Key_Up:
      case Qt::Key_Down:
      case Qt::Key_PageUp:
      case Qt::Key_PageDown:
      case Qt::Key_Home:
      case Qt::Key_End:
        event->setAccepted(isPlain || isControl);
        return isPlain || isControl;
      default:
        break;
    }
  }
  return QWidget::event(event);
}

void MatrixCanvas::keyPressEvent(QKeyEvent* event) {
  const bool isDone = scene_.first && (splitKey(*event) || zoomKey(*event) || panKey(*event) ||
                                       cursorKey(*event) || actionKey(*event));
  if (!isDone) {
    return QWidget::keyPressEvent(event);
  }
  Q_EMIT interacted();
}

void MatrixCanvas::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space && isSpaceHeld_) {
    if (!event->isAutoRepeat()) {
      isSpaceHeld_ = false;
      setShowsSecond(false);
    }
    return;
  }
  QWidget::keyReleaseEvent(event);
}

// The release of a held key goes to whoever has the focus then.
void MatrixCanvas::focusOutEvent(QFocusEvent* event) {
  if (isSpaceHeld_) {
    isSpaceHeld_ = false;
    setShowsSecond(false);
  }
  QWidget::focusOutEvent(event);
}

bool MatrixCanvas::splitKey(const QKeyEvent& event) {
  const MatrixCompare compare = scene_.effectiveCompare();
  const Direction to = directionOf(event.key());
  const int step = compare == MatrixCompare::SplitVertical     ? to.column
                   : compare == MatrixCompare::SplitHorizontal ? to.row
                                                               : 0;
  if (!event.modifiers().testFlag(Qt::AltModifier) || step == 0) {
    return false;
  }
  setSplit(scene_.split + step * kSplitStep);
  return true;
}

bool MatrixCanvas::zoomKey(const QKeyEvent& event) {
  const bool seesCursor = cursor_ && matrixArea().contains(frame().centerOf(*cursor_));
  const QPointF at = seesCursor ? frame().centerOf(*cursor_) : matrixArea().center();
  switch (event.key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      zoom(kZoomStep, at);
      return true;
    case Qt::Key_Minus:
      zoom(1 / kZoomStep, at);
      return true;
    case Qt::Key_0:
      hasControl(event) ? oneToOne() : fit();
      return true;
    case Qt::Key_1:
      if (hasControl(event)) {
        return false;
      }
      oneToOne();
      return true;
    case Qt::Key_9:
    case Qt::Key_F:
      if (hasControl(event) != (event.key() == Qt::Key_9)) {
        return false;
      }
      fit();
      return true;
    default:
      return false;
  }
}

bool MatrixCanvas::panKey(const QKeyEvent& event) {
  const Direction to = directionOf(event.key());
  if (!hasControl(event) || to.isNone()) {
    return false;
  }
  MatrixPlace next = place();
  const QRectF cells = visibleCells();
  next.row += to.row * kPanShare * cells.height();
  next.column += to.column * kPanShare * cells.width();
  moveByUser(next);
  return true;
}

bool MatrixCanvas::cursorKey(const QKeyEvent& event) {
  if (event.modifiers().testFlag(Qt::AltModifier)) {
    return false;
  }
  const Matrix& matrix = scene_.first->matrix();
  const CellIndex now = cursor_.value_or(startOfCursor());
  const auto page = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::floor(kPageShare * visibleCells().height())));
  CellIndex next = now;
  switch (event.key()) {
    case Qt::Key_PageUp:
      next.row -= page;
      break;
    case Qt::Key_PageDown:
      next.row += page;
      break;
    case Qt::Key_Home:
      next = {hasControl(event) ? 0 : now.row, 0};
      break;
    case Qt::Key_End:
      next = {hasControl(event) ? matrix.rows() - 1 : now.row, matrix.columns() - 1};
      break;
    default: {
      const Direction to = directionOf(event.key());
      if (to.isNone()) {
        return false;
      }
      const std::int64_t step = event.modifiers().testFlag(Qt::ShiftModifier) ? kLongStep : 1;
      // The first arrow shows where the cursor is.
      if (cursor_) {
        next.row += to.row * step;
        next.column += to.column * step;
      }
    }
  }
  moveCursorTo(next);
  return true;
}

bool MatrixCanvas::actionKey(const QKeyEvent& event) {
  switch (event.key()) {
    case Qt::Key_P: {
      const std::optional<CellIndex> cell = hovered_ ? hovered_ : cursor_;
      setPinned(pinned_ && (!cell || pinned_ == cell) ? std::nullopt : cell);
      return true;
    }
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (cursor_) {
        Q_EMIT cellActivated(*cursor_);
      }
      return cursor_.has_value();
    case Qt::Key_Escape:
      return takeBack();
    case Qt::Key_Space:
      if (scene_.effectiveCompare() != MatrixCompare::Flicker) {
        return false;
      }
      isSpaceHeld_ = true;
      setShowsSecond(true);
      return true;
    default:
      return false;
  }
}

// One thing at a time, the newest first.
bool MatrixCanvas::takeBack() {
  if (drag_ != Drag::None) {
    drag_ = Drag::None;
    unsetCursor();
    update();
    return true;
  }
  if (pinned_) {
    setPinned(std::nullopt);
    return true;
  }
  if (cursor_) {
    setCursorCell(std::nullopt);
    return true;
  }
  return false;
}

CellIndex MatrixCanvas::startOfCursor() const {
  if (hovered_) {
    return *hovered_;
  }
  const QPointF middle = visibleCells().center();
  return {static_cast<std::int64_t>(middle.y()), static_cast<std::int64_t>(middle.x())};
}

void MatrixCanvas::moveCursorTo(CellIndex place) {
  const Matrix& matrix = scene_.first->matrix();
  const CellIndex cell{std::clamp<std::int64_t>(place.row, 0, matrix.rows() - 1),
                       std::clamp<std::int64_t>(place.column, 0, matrix.columns() - 1)};
  mouse_.reset();  // until it moves, what the keyboard does counts
  setHovered(std::nullopt);
  setCursorCell(cell);
  reveal(cell);
  Q_EMIT hovered(readOut(readingOf(cell)));
}

// Moves the view as little as shows all of the cell.
void MatrixCanvas::reveal(CellIndex cell) {
  const QRectF cells = visibleCells();
  MatrixPlace next = place();
  const auto shift = [](double cellAt, double from, double to) {
    return cellAt < from ? cellAt - from : cellAt + 1 > to ? cellAt + 1 - to : 0.0;
  };
  next.row += shift(static_cast<double>(cell.row), cells.top(), cells.bottom());
  next.column += shift(static_cast<double>(cell.column), cells.left(), cells.right());
  if (next != place()) {
    moveByUser(next);
  }
}

}  // namespace barlow::ui
