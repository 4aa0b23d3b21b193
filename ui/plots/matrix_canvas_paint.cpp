#include "ui/plots/matrix_axes.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/plots/matrix_profiles.h"
#include "ui/theme/theme.h"

#include <QPaintEngine>
#include <QPaintEvent>
#include <QPainter>

/// What MatrixCanvas draws, and when: the picture is made again only when the view, the colours or
/// the matrix change; moving the cursor repaints two lines and two strips.
namespace barlow::ui {

void MatrixCanvas::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  if (!scene_.first) {
    return paintEmpty(painter);
  }
  // The ratio of what is painted on, which is not the screen's in QWidget::render().
  const MatrixFrame now = frameFor(painter.paintEngine()->paintDevice()->devicePixelRatioF());
  paintPicture(painter, now, event->region());
  paintOverlays(painter, now, event->region());
  painter.setBrush(Qt::NoBrush);
  painter.setPen(palette().color(QPalette::WindowText));
  painter.drawRect(now.area().adjusted(-0.5, -0.5, 0.5, 0.5));
  if (hasFocus()) {
    painter.setPen(QPen(colors(palette()).accent, 2));
    painter.drawRect(now.area().adjusted(-2, -2, 2, 2));
  }
  MatrixAxes{now, labels_, kind(), rowMarks_, font(), palette()}.paint(painter);
  if (hasProfiles()) {
    const bool isSecond = scene_.effectiveCompare() == MatrixCompare::Flicker && scene_.showsSecond;
    const ColorSettings& color = scene_.settings.color;
    const MatrixProfiles profiles{
        .frame = now,
        .labels = labels_,
        .limits = {color.low, color.high},
        .hidesDiagonal = scene_.settings.diagonal == DiagonalStyle::Hidden,
        .palette = palette()};
    const std::optional<CellIndex> cell = pinned_ ? pinned_ : hovered_ ? hovered_ : cursor_;
    profiles.paint(painter, (isSecond ? scene_.second : scene_.first)->matrix(), cell);
  }
}

void MatrixCanvas::paintEmpty(QPainter& painter) const {
  painter.setPen(QPen(colors(palette()).line, 1, Qt::DashLine));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
  painter.setPen(colors(palette()).quiet);
  painter.drawText(QRectF(rect()).adjusted(kMargin, kMargin, -kMargin, -kMargin),
                   static_cast<int>(Qt::AlignCenter) | static_cast<int>(Qt::TextWordWrap),
                   emptyText_);
}

void MatrixCanvas::paintPicture(QPainter& painter, const MatrixFrame& now, const QRegion& dirty) {
  if (isStale_ || pictureOf_ != now.viewport()) {
    raster_.draw(scene_, now.viewport());
    raster_.stampMarks(marks_, now.viewport(), now.ratio());
    pictureOf_ = now.viewport();
    isStale_ = false;
    ++renderedFrames_;
  }
  // Piece by piece: a cursor's cross would otherwise copy all that it crosses. Pieces are whole
  // device pixels, so that nothing is resampled.
  for (const QRect& part : dirty) {
    const QRectF scaled(part.x() * now.ratio(),
                        part.y() * now.ratio(),
                        part.width() * now.ratio(),
                        part.height() * now.ratio());
    const QRect pixels = scaled.toAlignedRect().intersected(now.deviceArea());
    if (!pixels.isEmpty()) {
      painter.drawImage(
          now.inWidget(pixels), raster_.image(), pixels.translated(-now.deviceArea().topLeft()));
    }
  }
}

void MatrixCanvas::paintOverlays(QPainter& painter, const MatrixFrame& now, const QRegion& dirty) {
  if (showsValues_) {
    paintValues(painter, now, scene_, raster_.image(), dirty);
  }
  paintBlocks(painter, now, blocks_);
  paintSplit(painter, now, scene_);
  if (hovered_ && drag_ == Drag::None) {
    paintCrosshair(painter, now, *hovered_, CrosshairStyle::Hovered);
  }
  if (pinned_) {
    paintCrosshair(painter, now, *pinned_, CrosshairStyle::Pinned);
  }
  if (cursor_) {
    paintCursor(painter, now, *cursor_);
  }
  paintBadges(painter, now, scene_, names_, palette());
  miniMap_.paint(painter, now, miniMapBox(now), scene_, palette());
  if ((drag_ == Drag::ZoomBand || drag_ == Drag::SelectBand) && hasDragged_) {
    paintBand(painter, QRectF(dragStart_, dragLast_).normalized().intersected(now.area()));
  }
}

QRegion MatrixCanvas::overlayRegion(const MatrixFrame& now) const {
  QRegion region;
  if (hovered_) {
    region += crosshairRegion(now, *hovered_);
  }
  if (hasProfiles() && !pinned_) {
    const MatrixProfiles profiles{.frame = now, .labels = labels_};
    for (const QRectF& strip : {profiles.rowStrip(), profiles.columnStrip(), profiles.corner()}) {
      region += strip.adjusted(-kGap / 2.0, -1, kGap / 2.0, 1).toAlignedRect();
    }
  }
  return region;
}

void MatrixCanvas::setHovered(std::optional<CellIndex> place) {
  if (place == hovered_ || !scene_.first) {
    hovered_ = place;
    return;
  }
  const MatrixFrame now = frame();
  QRegion region = overlayRegion(now);
  hovered_ = place;
  region += overlayRegion(now);
  update(region);
}

void MatrixCanvas::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  Q_EMIT viewChanged();
}

void MatrixCanvas::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    update();
  }
}

}  // namespace barlow::ui
