#pragma once

#include "core/matrix/color_scale.h"
#include "core/matrix/histogram.h"
#include "core/matrix/statistics.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace barlow::ui {

/// The colour bar of a matrix, upright, beside histograms (log count) of its diagonal and
/// off-diagonal cells over the same axis, with two handles for the colour limits. The axis is even
/// in colour, so that a logarithmic scale spreads the small values; it reaches beyond the limits
/// and beyond the data. Mouse: drag a handle, the wheel stretches the axis, a double click shows
/// all of it again. Keys: Tab goes from handle to handle, up and down move it (Shift: finely, PgUp
/// and PgDn: far), Esc gives up a drag.
class ColorLimitsBar final : public QWidget {
  Q_OBJECT

 public:
  enum class Handle { High, Low };

  explicit ColorLimitsBar(QWidget* parent = nullptr);

  /// Tells nobody. Throws Exception for settings that ColorScale refuses.
  void setColor(const ColorSettings& settings);
  const ColorSettings& color() const { return scale_.settings(); }
  ColorLimits limits() const { return {color().low, color().high}; }
  /// Histograms without bins are not drawn.
  void setHistograms(const Histogram& diagonal, const Histogram& offDiagonal);
  /// Moving one limit moves the other one to the same distance from zero. Does not move any.
  void setSymmetric(bool isSymmetric);
  bool isSymmetric() const { return isSymmetric_; }
  Handle selectedHandle() const { return selected_; }

  /// The values at the lower and the upper end of the axis.
  ColorLimits axis() const { return axis_; }
  /// Where a value stands, in this widget's coordinates, and back.
  double yOf(float value) const;
  float valueAt(double y) const;
  QRect barArea() const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void limitsChanged(float low, float high);    // while a handle moves
  void limitsCommitted(float low, float high);  // when it is let go, or its key

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool focusNextPrevChild(bool next) override;

 private:
  static constexpr int kGrip = 9;  // of a handle, in pixels
  struct Drag {
    double offset = 0;  // from the cursor to the handle
    ColorLimits before;
  };
  static QString text(float value);
  void fitAxis();
  std::optional<Handle> handleAt(double y) const;
  float valueOf(Handle handle) const;
  void moveHandle(Handle handle, float value);
  void commit();
  void describe();
  QString countsAt(double y) const;
  void paintHistograms(QPainter& painter) const;
  void paintHistogram(QPainter& painter, const Histogram& histogram, const QColor& color) const;
  void paintBar(QPainter& painter) const;
  void paintTicks(QPainter& painter) const;
  void paintHandle(QPainter& painter, Handle handle) const;
  QRect labelArea(Handle handle) const;
  std::vector<float> tickValues() const;
  int marginY() const;

  ColorScale scale_;
  Histogram diagonal_;
  Histogram offDiagonal_;
  bool isSymmetric_ = true;
  ColorLimits axis_;
  bool isStretched_ = false;  // by the wheel: the axis stays as it is
  Handle selected_ = Handle::High;
  std::optional<Drag> drag_;
  bool isMovedByKey_ = false;
};

}  // namespace barlow::ui
