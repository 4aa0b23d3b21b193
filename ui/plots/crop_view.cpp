#include "ui/plots/crop_view.h"

#include "ui/theme/theme.h"

#include <QPainter>

#include <algorithm>
#include <utility>

namespace barlow::ui {

CropView::CropView(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void CropView::setImage(const QImage& image) {
  image_ = image;
  update();
}

void CropView::setCrops(std::optional<ViewPlan::Crop> a,
                        std::optional<ViewPlan::Crop> b,
                        std::vector<ViewPlan::Crop> small) {
  a_ = a;
  b_ = b;
  small_ = std::move(small);
  update();
}

void CropView::setEmptyText(const QString& text) {
  emptyText_ = text;
  update();
}

QRectF CropView::imageArea() const {
  if (image_.isNull()) {
    return {};
  }
  const QSizeF fitted = QSizeF(image_.size()).scaled(QSizeF(size()), Qt::KeepAspectRatio);
  return {(width() - fitted.width()) / 2,
          (height() - fitted.height()) / 2,
          fitted.width(),
          fitted.height()};
}

QSize CropView::sizeHint() const { return {320, 320}; }
QSize CropView::minimumSizeHint() const { return {120, 120}; }

void CropView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (image_.isNull()) {
    painter.setPen(QPen(colors(palette()).line, 1, Qt::DashLine));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setPen(colors(palette()).quiet);
    painter.drawText(QRectF(rect()).adjusted(kGap, kGap, -kGap, -kGap),
                     static_cast<int>(Qt::AlignCenter) | static_cast<int>(Qt::TextWordWrap),
                     emptyText_);
    return;
  }
  const QRectF area = imageArea();
  // Smooth only when shrinking: magnified pixels stay what they are.
  painter.setRenderHint(QPainter::SmoothPixmapTransform, area.width() < image_.width());
  painter.drawImage(area, image_);
  painter.setRenderHint(QPainter::Antialiasing);
  const double scale = area.width() / image_.width();
  const auto areaOf = [&](const ViewPlan::Crop& crop) {
    return QRectF(area.x() + crop.x * scale,
                  area.y() + crop.y * scale,
                  crop.width * scale,
                  crop.height * scale);
  };
  for (const ViewPlan::Crop& crop : small_) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(QColor(0, 0, 0, 160), 3));
    painter.drawRect(areaOf(crop));
    painter.setPen(QPen(colors(palette()).series3, 1));
    painter.drawRect(areaOf(crop));
  }
  const auto box = [&](const ViewPlan::Crop& crop,
                       const QColor& color,
                       Qt::PenStyle style,
                       const QString& name,
                       bool isLeft) {
    const QRectF shown = areaOf(crop);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(QColor(0, 0, 0, 160), 4));
    painter.drawRect(shown);
    painter.setPen(QPen(color, 2, style));
    painter.drawRect(shown);
    const QFontMetricsF metrics(font());
    const double width = metrics.horizontalAdvance(name) + 10;
    const QRectF tag(
        isLeft ? shown.left() : shown.right() - width, shown.top(), width, metrics.height() + 2);
    painter.fillRect(tag, color);
    painter.setPen(color.lightness() > 140 ? Qt::black : Qt::white);
    painter.drawText(tag, Qt::AlignCenter, name);
  };
  if (a_) {
    box(*a_, colors(palette()).accent, Qt::SolidLine, tr("A"), true);
  }
  if (b_) {
    box(*b_, colors(palette()).series2, Qt::DashLine, tr("B"), false);
  }
}

}  // namespace barlow::ui
