#include "ui/plots/matrix_view.h"

#include "core/matrix/color_map.h"
#include "ui/plots/matrix_pixels.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr double kBarWidth = 14;
constexpr double kTickLength = 4;
constexpr double kTextCell = 40;  // px from which a cell shows its value
constexpr double kLeastEntries = 2;

MatrixReduction reductionOf(MatrixView::Reduction reduction) {
  return reduction == MatrixView::Reduction::Peak   ? MatrixReduction::Peak
         : reduction == MatrixView::Reduction::Mean ? MatrixReduction::Mean
                                                    : MatrixReduction::Rms;
}

// Steps of 1, 2 or 5 times a power of ten; about six ticks.
double tickStep(double span) {
  const double rough = span / 6;
  const double power = std::pow(10.0, std::floor(std::log10(std::max(rough, 1.0))));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power) {
      return factor * power;
    }
  }
  return 10 * power;
}

QString valueText(double value, int decimals) {
  return std::isnan(value) ? QStringLiteral("NaN") : QLocale().toString(value, 'f', decimals);
}

}  // namespace

MatrixView::MatrixView(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void MatrixView::setPicture(std::shared_ptr<const MatrixPicture> picture) {
  const std::int64_t before = picture_ ? picture_->dimensions : 0;
  const bool isEmpty = !picture || picture->dimensions < 1 || picture->side < 1;
  picture_ = isEmpty ? nullptr : std::move(picture);
  if (picture_ && picture_->dimensions != before) {
    fit();
  }
  update();
}

void MatrixView::setEmptyText(const QString& text) {
  emptyText_ = text;
  update();
}

void MatrixView::setReduction(Reduction reduction) {
  reduction_ = reduction;
  update();
}

void MatrixView::setVisibleEntries(const QRectF& entries) {
  if (!picture_) {
    return;
  }
  const auto size = static_cast<double>(picture_->dimensions);
  const double side = std::clamp(entries.width(), std::min(kLeastEntries, size), size);
  visible_ = QRectF(std::clamp(entries.x(), 0.0, size - side),
                    std::clamp(entries.y(), 0.0, size - side),
                    side,
                    side);
  update();
  Q_EMIT viewChanged();
}

void MatrixView::fit() {
  if (picture_) {
    const auto size = static_cast<double>(picture_->dimensions);
    setVisibleEntries({0, 0, size, size});
  }
}

void MatrixView::zoom(double factor, const QPointF& position) {
  const QRectF area = matrixArea();
  const double x = std::clamp((position.x() - area.x()) / area.width(), 0.0, 1.0);
  const double y = std::clamp((position.y() - area.y()) / area.height(), 0.0, 1.0);
  const auto size = picture_ ? static_cast<double>(picture_->dimensions) : 1.0;
  const double side = std::clamp(visible_.width() / factor, std::min(kLeastEntries, size), size);
  setVisibleEntries({visible_.x() + x * (visible_.width() - side),
                     visible_.y() + y * (visible_.height() - side),
                     side,
                     side});
}

QImage MatrixView::renderMatrix(const QSize& pixels) const {
  return picture_ ? matrixPixels(*picture_, reductionOf(reduction_), visible_, pixels) : QImage();
}

QRectF MatrixView::matrixArea() const {
  const QFontMetricsF metrics(font());
  const double left = metrics.horizontalAdvance(QStringLiteral("0000")) + metrics.height() + 12;
  const double top = 2 * metrics.height() + 8;
  const double right = kBarWidth + metrics.horizontalAdvance(QStringLiteral("-0.5")) + 24;
  const double bottom = 4;
  const double side =
      std::floor(std::max(16.0, std::min(width() - left - right, height() - top - bottom)));
  const double free = std::max(0.0, width() - left - right - side);
  return {std::floor(left + free / 2), top, side, side};
}

QString MatrixView::readOut(const QPointF& position) const {
  const QRectF area = matrixArea();
  if (!picture_ || !area.contains(position)) {
    return {};
  }
  const auto last = picture_->dimensions - 1;
  const auto entry = [&](double start, double along, double length) {
    return std::clamp<std::int64_t>(
        static_cast<std::int64_t>(std::floor(start + along / length * visible_.width())), 0, last);
  };
  const auto column =
      blockOf(*picture_, entry(visible_.x(), position.x() - area.x(), area.width()));
  const auto row = blockOf(*picture_, entry(visible_.y(), position.y() - area.y(), area.height()));
  const double value = blockValue(*picture_, reductionOf(reduction_), row, column);
  const auto begins = [&](std::int64_t block) { return picture_->blockStart(block); };
  if (picture_->side == picture_->dimensions) {
    return tr("row %1, column %2  ·  C = %3").arg(row).arg(column).arg(valueText(value, 3));
  }
  const QString what = reduction_ == Reduction::Peak   ? tr("strongest C")
                       : reduction_ == Reduction::Mean ? tr("mean C")
                                                       : tr("RMS of C");
  return tr("rows %1 to %2, columns %3 to %4  ·  %5 = %6")
      .arg(begins(row))
      .arg(begins(row + 1) - 1)
      .arg(begins(column))
      .arg(begins(column + 1) - 1)
      .arg(what, valueText(value, 3));
}

QSize MatrixView::sizeHint() const { return {520, 500}; }
QSize MatrixView::minimumSizeHint() const { return {260, 220}; }

void MatrixView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QRectF area = matrixArea();
  if (!picture_) {
    painter.setPen(QPen(colors(palette()).line, 1, Qt::DashLine));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setPen(colors(palette()).quiet);
    painter.drawText(QRectF(rect()).adjusted(kMargin, kMargin, -kMargin, -kMargin),
                     static_cast<int>(Qt::AlignCenter) | static_cast<int>(Qt::TextWordWrap),
                     emptyText_);
    return;
  }
  const qreal ratio = devicePixelRatioF();
  QImage image = renderMatrix((area.size() * ratio).toSize());
  painter.drawImage(area, image);
  paintValues(painter, area);
  painter.setPen(palette().color(QPalette::WindowText));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5));
  if (hasFocus()) {
    painter.setPen(QPen(colors(palette()).accent, 2));
    painter.drawRect(area.adjusted(-2, -2, 2, 2));
  }
  paintAxes(painter, area);
  paintColorBar(painter, area);
}

void MatrixView::paintValues(QPainter& painter, const QRectF& area) const {
  const double blockPixels = area.width() / visible_.width() *
                             static_cast<double>(picture_->dimensions) /
                             static_cast<double>(picture_->side);
  if (blockPixels < kTextCell) {
    return;
  }
  painter.save();
  painter.setClipRect(area);
  const double scale = area.width() / visible_.width();
  const auto firstRow = blockOf(*picture_, static_cast<std::int64_t>(visible_.top()));
  const auto firstColumn = blockOf(*picture_, static_cast<std::int64_t>(visible_.left()));
  for (auto row = firstRow; row < picture_->side; ++row) {
    const double top =
        area.y() + (static_cast<double>(picture_->blockStart(row)) - visible_.y()) * scale;
    if (top > area.bottom()) {
      break;
    }
    for (auto column = firstColumn; column < picture_->side; ++column) {
      const double left =
          area.x() + (static_cast<double>(picture_->blockStart(column)) - visible_.x()) * scale;
      if (left > area.right()) {
        break;
      }
      const float value = blockValue(*picture_, reductionOf(reduction_), row, column);
      painter.setPen(std::abs(value) > 0.55F ? Qt::white : Qt::black);
      painter.drawText(
          QRectF(left, top, blockPixels, blockPixels), Qt::AlignCenter, valueText(value, 2));
    }
  }
  painter.restore();
}

void MatrixView::paintAxes(QPainter& painter, const QRectF& area) const {
  const QFontMetricsF metrics(font());
  painter.setPen(palette().color(QPalette::WindowText));
  const double step = tickStep(visible_.width());
  const double scale = area.width() / visible_.width();
  const auto each = [&](double start, auto draw) {
    for (double tick = std::ceil(start / step) * step; tick < start + visible_.width();
         tick += step) {
      draw((tick + 0.5 - start) * scale, QString::number(static_cast<qlonglong>(tick)));
    }
  };
  each(visible_.x(), [&](double along, const QString& text) {
    const double x = area.x() + along;
    if (x > area.right()) {
      return;
    }
    painter.drawLine(QPointF(x, area.y() - kTickLength), QPointF(x, area.y()));
    painter.drawText(
        QRectF(x - 40, area.y() - kTickLength - metrics.height() - 1, 80, metrics.height()),
        Qt::AlignHCenter | Qt::AlignBottom,
        text);
  });
  each(visible_.y(), [&](double along, const QString& text) {
    const double y = area.y() + along;
    if (y > area.bottom()) {
      return;
    }
    painter.drawLine(QPointF(area.x() - kTickLength, y), QPointF(area.x(), y));
    painter.drawText(
        QRectF(area.x() - kTickLength - 62, y - metrics.height() / 2, 60, metrics.height()),
        Qt::AlignRight | Qt::AlignVCenter,
        text);
  });
  painter.setPen(colors(palette()).quiet);
  painter.drawText(QRectF(area.x() - 100, 0, area.width() + 200, metrics.height()),
                   Qt::AlignCenter,
                   tr("dimension j of view B"));
  painter.save();
  painter.translate(area.x() - metrics.horizontalAdvance(QStringLiteral("0000")) - kTickLength - 6 -
                        metrics.height() / 2,
                    area.center().y());
  painter.rotate(-90);
  painter.drawText(
      QRectF(-area.height() / 2 - 60, -metrics.height() / 2, area.height() + 120, metrics.height()),
      Qt::AlignCenter,
      tr("dimension i of view A"));
  painter.restore();
}

void MatrixView::paintColorBar(QPainter& painter, const QRectF& area) const {
  const QRectF bar(area.right() + 14, area.y(), kBarWidth, area.height());
  QLinearGradient gradient(bar.bottomLeft(), bar.topLeft());
  constexpr int kStops = 32;
  for (int i = 0; i <= kStops; ++i) {
    const double share = static_cast<double>(i) / kStops;
    const Rgb color = divergingColor(static_cast<float>(2 * share - 1));
    gradient.setColorAt(share, QColor(color[0], color[1], color[2]));
  }
  painter.fillRect(bar, gradient);
  painter.setPen(palette().color(QPalette::WindowText));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(bar);
  const QFontMetricsF metrics(font());
  for (const double value : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
    const double y = bar.bottom() - (value + 1) / 2 * bar.height();
    painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + kTickLength, y));
    const double top =
        std::clamp(y - metrics.height() / 2, bar.top() - 2, bar.bottom() - metrics.height() + 2);
    painter.drawText(QRectF(bar.right() + kTickLength + 2, top, 60, metrics.height()),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     QLocale().toString(value, 'g', 2));
  }
}

void MatrixView::wheelEvent(QWheelEvent* event) {
  if (picture_ && event->angleDelta().y() != 0) {
    zoom(std::pow(1.0015, event->angleDelta().y()), event->position());
    Q_EMIT hovered(readOut(event->position()));
  }
  event->accept();
}

void MatrixView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && picture_) {
    dragFrom_ = event->position();
    setCursor(Qt::ClosedHandCursor);
  }
}

void MatrixView::mouseMoveEvent(QMouseEvent* event) {
  if (dragFrom_) {
    const double scale = visible_.width() / matrixArea().width();
    const QPointF moved = event->position() - *dragFrom_;
    dragFrom_ = event->position();
    setVisibleEntries(visible_.translated(-moved.x() * scale, -moved.y() * scale));
  }
  Q_EMIT hovered(readOut(event->position()));
}

void MatrixView::mouseReleaseEvent(QMouseEvent*) {
  dragFrom_.reset();
  unsetCursor();
}

void MatrixView::mouseDoubleClickEvent(QMouseEvent*) { fit(); }

void MatrixView::leaveEvent(QEvent*) { Q_EMIT hovered({}); }

void MatrixView::keyPressEvent(QKeyEvent* event) {
  const double step = visible_.width() / 10;
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(1.25, matrixArea().center());
    case Qt::Key_Minus:
      return zoom(0.8, matrixArea().center());
    case Qt::Key_0:
      return fit();
    case Qt::Key_1: {
      const double side = matrixArea().width() * devicePixelRatioF();
      const QPointF center = visible_.center();
      return setVisibleEntries({center.x() - side / 2, center.y() - side / 2, side, side});
    }
    case Qt::Key_Left:
      return setVisibleEntries(visible_.translated(-step, 0));
    case Qt::Key_Right:
      return setVisibleEntries(visible_.translated(step, 0));
    case Qt::Key_Up:
      return setVisibleEntries(visible_.translated(0, -step));
    case Qt::Key_Down:
      return setVisibleEntries(visible_.translated(0, step));
    default:
      QWidget::keyPressEvent(event);
  }
}

}  // namespace barlow::ui
