#include "ui/evaluate/point_map.h"

#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace barlow::ui {
namespace {

constexpr double kReach = 10;  // of the pointer, in pixels

}  // namespace

PointMap::PointMap(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("pointMap"));
  setAccessibleName(tr("Map of images"));
  setAccessibleDescription(
      tr("Arrows move, + and - zoom, Home shows everything, Return sends the images in sight to "
         "the list"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
}

void PointMap::setPlaces(std::vector<float> places) {
  const bool isOther = places.size() != places_.size();
  places_ = std::move(places);
  if (isOther) {
    colors_.clear();
    isChosen_.assign(static_cast<std::size_t>(count()), 0);
    hasChosen_ = false;
    isAll_ = true;
    hovered_ = -1;
  }
  if (isAll_) {
    showAll();
  }
  change();
}

void PointMap::setColors(std::vector<QRgb> colors) {
  colors_ = std::move(colors);
  change();
}

void PointMap::setChosen(std::vector<int> points) {
  isChosen_.assign(static_cast<std::size_t>(count()), 0);
  for (const int point : points) {
    isChosen_[static_cast<std::size_t>(point)] = 1;
  }
  hasChosen_ = !points.empty();
  change();
}

void PointMap::change() {
  image_ = {};
  update();
}

void PointMap::showAll() {
  isAll_ = true;
  float low[2] = {std::numeric_limits<float>::max(), std::numeric_limits<float>::max()};
  float high[2] = {std::numeric_limits<float>::lowest(), std::numeric_limits<float>::lowest()};
  for (std::size_t i = 0; i < places_.size(); ++i) {
    low[i % 2] = std::min(low[i % 2], places_[i]);
    high[i % 2] = std::max(high[i % 2], places_[i]);
  }
  if (places_.empty()) {
    return;
  }
  middle_ = {(static_cast<double>(low[0]) + static_cast<double>(high[0])) / 2,
             (static_cast<double>(low[1]) + static_cast<double>(high[1])) / 2};
  const double wide = std::max(1e-12, static_cast<double>(high[0]) - static_cast<double>(low[0]));
  const double tall = std::max(1e-12, static_cast<double>(high[1]) - static_cast<double>(low[1]));
  scale_ = std::min(std::max(10.0, width() - 2.0 * kWideGap) / wide,
                    std::max(10.0, height() - 2.0 * kWideGap) / tall);
  change();
}

QPointF PointMap::onScreen(int point) const {
  const auto at = 2 * static_cast<std::size_t>(point);
  return {width() / 2.0 + (static_cast<double>(places_[at]) - middle_.x()) * scale_,
          height() / 2.0 - (static_cast<double>(places_[at + 1]) - middle_.y()) * scale_};
}

int PointMap::pointAt(const QPointF& position) const {
  int nearest = -1;
  double best = kReach * kReach;
  for (int i = 0; i < count(); ++i) {
    const QPointF apart = onScreen(i) - position;
    const double distance = apart.x() * apart.x() + apart.y() * apart.y();
    if (distance <= best) {
      best = distance;
      nearest = i;
    }
  }
  return nearest;
}

void PointMap::moveBy(const QPointF& pixels) {
  isAll_ = false;
  middle_ -= QPointF(pixels.x() / scale_, -pixels.y() / scale_);
  change();
}

void PointMap::zoom(double factor, const QPointF& around) {
  isAll_ = false;
  const QPointF apart(around.x() - width() / 2.0, height() / 2.0 - around.y());
  const double before = scale_;
  scale_ = std::clamp(scale_ * factor, 1e-9, 1e12);
  middle_ += apart / before - apart / scale_;
  change();
}

// Straight into the picture's memory: a painter takes a hundred times as long for so many.
void PointMap::draw() {
  const qreal ratio = devicePixelRatioF();
  image_ = QImage((QSizeF(size()) * ratio).toSize(), QImage::Format_RGB32);
  image_.setDevicePixelRatio(ratio);
  const Colors& tone = colors(palette());
  image_.fill(tone.surface.rgb());
  const int side = std::max(2, qRound((count() > 20'000 ? 2 : count() > 3'000 ? 3 : 5) * ratio));
  const QRgb plain = tone.accent.rgb();
  const QRgb faint = tone.line.rgb();
  auto* pixels = reinterpret_cast<QRgb*>(image_.bits());
  const auto stride = image_.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb));
  const double wide = image_.width();
  const double tall = image_.height();
  const bool hasColors = colors_.size() == static_cast<std::size_t>(count());
  // What was chosen comes last, and so on top.
  for (const bool isChosenTurn : {false, true}) {
    if (isChosenTurn && !hasChosen_) {
      break;
    }
    for (int i = 0; i < count(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (hasChosen_ && (isChosen_[at] != 0) != isChosenTurn) {
        continue;
      }
      const QPointF place = onScreen(i) * ratio;
      if (!(place.x() > -side && place.y() > -side && place.x() < wide + side &&
            place.y() < tall + side)) {
        continue;
      }
      const QRgb color = hasChosen_ && !isChosenTurn ? faint : hasColors ? colors_[at] : plain;
      const int left = static_cast<int>(place.x()) - side / 2;
      const int top = static_cast<int>(place.y()) - side / 2;
      const int right = std::min(image_.width(), left + side);
      const int bottom = std::min(image_.height(), top + side);
      for (int y = std::max(0, top); y < bottom; ++y) {
        for (int x = std::max(0, left); x < right; ++x) {
          pixels[y * stride + x] = color;
        }
      }
    }
  }
}

void PointMap::paintEvent(QPaintEvent*) {
  if (image_.isNull()) {
    draw();
  }
  QPainter painter(this);
  painter.drawImage(0, 0, image_);
  painter.setRenderHint(QPainter::Antialiasing);
  const QColor strong = palette().color(QPalette::WindowText);
  if (!line_.isEmpty()) {
    painter.setPen(QPen(strong, 1.2, Qt::DashLine));
    painter.drawPolygon(line_);
  }
  if (hovered_ >= 0 && hovered_ < count()) {
    painter.setPen(QPen(strong, 1.6));
    painter.drawEllipse(onScreen(hovered_), 6, 6);
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(hasFocus() ? colors(palette()).accent : colors(palette()).line);
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void PointMap::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  if (isAll_) {
    showAll();
  }
  change();
}

void PointMap::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) {
    return;
  }
  if (isLasso_ || event->modifiers().testFlag(Qt::ShiftModifier)) {
    line_ = QPolygonF({event->position()});
  } else {
    isDragging_ = true;
    dragged_ = event->position();
  }
}

void PointMap::mouseMoveEvent(QMouseEvent* event) {
  if (!line_.isEmpty()) {
    line_ << event->position();
    update();
    return;
  }
  if (isDragging_) {
    moveBy(event->position() - std::exchange(dragged_, event->position()));
    return;
  }
  const int point = pointAt(event->position());
  if (std::exchange(hovered_, point) != point) {
    update();
    Q_EMIT hovered(point);
  }
}

void PointMap::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) {
    return;
  }
  isDragging_ = false;
  if (!line_.isEmpty()) {
    line_ << event->position();
    finishLasso();
  }
}

void PointMap::finishLasso() {
  std::vector<int> inside;
  const QRectF box = line_.boundingRect();
  for (int i = 0; i < count(); ++i) {
    const QPointF place = onScreen(i);
    if (box.contains(place) && line_.containsPoint(place, Qt::OddEvenFill)) {
      inside.push_back(i);
    }
  }
  line_.clear();
  setChosen(inside);
  Q_EMIT lassoed(inside);
}

void PointMap::wheelEvent(QWheelEvent* event) {
  zoom(std::pow(1.0015, event->angleDelta().y()), event->position());
  event->accept();
}

void PointMap::keyPressEvent(QKeyEvent* event) {
  constexpr double kStep = 40;
  const QPointF centre(width() / 2.0, height() / 2.0);
  switch (event->key()) {
    case Qt::Key_Left:
      return moveBy({kStep, 0});
    case Qt::Key_Right:
      return moveBy({-kStep, 0});
    case Qt::Key_Up:
      return moveBy({0, kStep});
    case Qt::Key_Down:
      return moveBy({0, -kStep});
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(1.25, centre);
    case Qt::Key_Minus:
      return zoom(0.8, centre);
    case Qt::Key_Home:
      return showAll();
    case Qt::Key_Return:
    case Qt::Key_Enter:
      line_ = QPolygonF(QRectF(rect()));
      return finishLasso();
    case Qt::Key_Escape:
      if (hasChosen_) {
        setChosen({});
        Q_EMIT lassoed({});
        return;
      }
      break;
    default:
      break;
  }
  QWidget::keyPressEvent(event);
}

void PointMap::leaveEvent(QEvent*) {
  if (std::exchange(hovered_, -1) >= 0) {
    update();
    Q_EMIT hovered(-1);
  }
}

void PointMap::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (changesColors(*event)) {
    change();
  }
}

}  // namespace barlow::ui
