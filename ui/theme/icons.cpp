#include "ui/theme/icons.h"

#include <QApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>

namespace barlow::ui {
namespace {

// All drawings live in a square of 24 x 24.
void drawStart(QPainter& p) {
  p.drawPolyline(QPolygonF({{3, 12}, {12, 4}, {21, 12}}));
  p.drawPolyline(QPolygonF({{6, 10.5}, {6, 20}, {18, 20}, {18, 10.5}}));
}

void drawData(QPainter& p) {
  for (const double x : {4.0, 13.0}) {
    for (const double y : {4.0, 13.0}) {
      p.drawRoundedRect(QRectF(x, y, 7, 7), 1, 1);
    }
  }
}

void drawAugment(QPainter& p) {
  p.drawRoundedRect(QRectF(3, 3, 12, 12), 1.5, 1.5);
  p.drawRoundedRect(QRectF(9, 9, 12, 12), 1.5, 1.5);
}

void drawTrain(QPainter& p) {
  p.drawPolyline(QPolygonF({{4, 3}, {4, 20}, {21, 20}}));
  QPainterPath curve(QPointF(6.5, 5));
  curve.cubicTo(8, 15, 12, 16.5, 20, 17);
  p.drawPath(curve);
}

void drawMatrix(QPainter& p) {
  p.drawRect(QRectF(4, 4, 16, 16));
  p.drawLine(QPointF(4, 4), QPointF(20, 20));
}

void drawEvaluate(QPainter& p) {
  p.drawEllipse(QRectF(3, 3, 13, 13));
  p.drawLine(QPointF(14.2, 14.2), QPointF(21, 21));
  p.drawPolyline(QPolygonF({{6.2, 9.8}, {8.8, 12.2}, {12.8, 7.2}}));
}

void drawFolder(QPainter& p) {
  p.drawPolygon(QPolygonF({{3, 6}, {9, 6}, {11, 8.5}, {21, 8.5}, {21, 19}, {3, 19}}));
}

void drawRun(QPainter& p) {
  p.drawEllipse(QRectF(3.5, 3.5, 17, 17));
  p.drawPolygon(QPolygonF({{10, 8}, {16, 12}, {10, 16}}));
}

class LineIconEngine final : public QIconEngine {
 public:
  explicit LineIconEngine(Icon icon) : icon_(icon) {}
  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const auto group = mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
    const QColor color = QApplication::palette().color(group, QPalette::WindowText);
    painter->translate(rect.topLeft());
    painter->scale(rect.width() / 24.0, rect.height() / 24.0);
    painter->setPen(QPen(color, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    draw(*painter);
    painter->restore();
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(0, 0), size), mode, state);
    return pixmap;
  }
  QIconEngine* clone() const override { return new LineIconEngine(icon_); }

 private:
  void draw(QPainter& painter) const {
    switch (icon_) {
      case Icon::Start:
        return drawStart(painter);
      case Icon::Data:
        return drawData(painter);
      case Icon::Augment:
        return drawAugment(painter);
      case Icon::Train:
        return drawTrain(painter);
      case Icon::Matrix:
        return drawMatrix(painter);
      case Icon::Evaluate:
        return drawEvaluate(painter);
      case Icon::Folder:
        return drawFolder(painter);
      case Icon::Run:
        return drawRun(painter);
    }
  }
  Icon icon_;
};

}  // namespace

QIcon makeIcon(Icon icon) { return QIcon(new LineIconEngine(icon)); }

QIcon programIcon() {
  QIcon icon;
  for (const int side : {16, 32, 48, 64, 128, 256}) {
    QPixmap pixmap(side, side);
    pixmap.fill(Qt::transparent);
    QPainter p(&pixmap);
    p.setRenderHint(QPainter::Antialiasing);
    p.scale(side / 24.0, side / 24.0);
    p.setPen(Qt::NoPen);
    p.setBrush(QColor("#1f4e79"));
    p.drawRoundedRect(QRectF(1, 1, 22, 22), 4, 4);
    p.setBrush(QColor("#f6f3ee"));
    p.drawRect(QRectF(5, 5, 14, 14));
    p.setBrush(QColor("#b0461e"));
    for (int i = 0; i < 7; ++i) {
      p.drawRect(QRectF(5 + 2 * i, 5 + 2 * i, 2, 2));
    }
    icon.addPixmap(pixmap);
  }
  return icon;
}

}  // namespace barlow::ui
