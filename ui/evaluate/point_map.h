#pragma once

#include <QImage>
#include <QPointF>
#include <QPolygonF>
#include <QRgb>
#include <QWidget>

#include <vector>

namespace barlow::ui {

/// Tens of thousands of points in a plane, drawn into one image of the viewport. Mouse: the wheel
/// zooms, a drag moves, a drag with Shift (or with lasso on) draws a line around points. Keys:
/// arrows move, + and - zoom, Home shows all, Return chooses every point in sight.
class PointMap final : public QWidget {
  Q_OBJECT

 public:
  explicit PointMap(QWidget* parent = nullptr);

  /// x and y of each point. The view stays where the number of points is as before.
  void setPlaces(std::vector<float> places);
  /// One per point.
  void setColors(std::vector<QRgb> colors);
  void setChosen(std::vector<int> points);
  void setLasso(bool isOn) { isLasso_ = isOn; }
  int count() const { return static_cast<int>(places_.size() / 2); }
  QPointF onScreen(int point) const;
  /// The nearest within reach of a position, or -1.
  int pointAt(const QPointF& position) const;
  void showAll();
  void moveBy(const QPointF& pixels);
  void zoom(double factor, const QPointF& around);

  QSize sizeHint() const override { return {420, 320}; }
  QSize minimumSizeHint() const override { return {180, 90}; }

 Q_SIGNALS:
  void hovered(int point);  // -1: none
  void lassoed(const std::vector<int>& points);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void draw();
  void finishLasso();
  void change();

  std::vector<float> places_;
  std::vector<QRgb> colors_;
  std::vector<char> isChosen_;
  bool hasChosen_ = false;
  QPointF middle_;    // in the plane, of the widget's
  double scale_ = 1;  // pixels per unit of the plane
  bool isAll_ = true;
  QImage image_;  // null: to be drawn
  bool isLasso_ = false;
  bool isDragging_ = false;
  QPointF dragged_;
  QPolygonF line_;
  int hovered_ = -1;
};

}  // namespace barlow::ui
