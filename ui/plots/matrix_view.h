#pragma once

#include "core/report/snapshot.h"

#include <QImage>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <QWidget>

#include <memory>
#include <optional>

namespace barlow::ui {

/// The cross-correlation matrix as a picture: rows are the dimensions of view A, columns those of
/// view B, colours fixed from -1 to 1 (divergingMap), a labelled colour bar beside it, index ticks
/// on both sides, cells magnified sharply, always square. Paints one image of the size of the
/// viewport in device pixels; no OpenGL. A cell that covers several matrix entries shows their
/// Peak, Mean or RMS, and says so when hovered. Mouse: wheel zooms at the cursor, drag pans, double
/// click fits. Keys: + - 0 (fit) 1 (one cell per pixel) arrows.
class MatrixView final : public QWidget {
  Q_OBJECT

 public:
  enum class Reduction { Peak, Mean, Rms };
  Q_ENUM(Reduction)

  explicit MatrixView(QWidget* parent = nullptr);

  /// Null shows `emptyText` instead. Zoom and place stay as long as the matrix keeps its size.
  void setPicture(std::shared_ptr<const MatrixPicture> picture);
  const std::shared_ptr<const MatrixPicture>& picture() const { return picture_; }
  void setEmptyText(const QString& text);
  void setReduction(Reduction reduction);
  Reduction reduction() const { return reduction_; }

  /// The part of the matrix that is shown, in entries: x by column j, y by row i.
  QRectF visibleEntries() const { return visible_; }
  void setVisibleEntries(const QRectF& entries);
  void fit();
  void zoom(double factor, const QPointF& atWidgetPosition);

  /// The matrix alone in device pixels, without axes: what the tests compare with golden images.
  QImage renderMatrix(const QSize& pixels) const;
  /// What stands at a position of this widget, in words: "row 12, column 12 · C = 0.83", "rows 12
  /// to 15, columns 0 to 3 · strongest C = -0.21"; empty outside the matrix.
  QString readOut(const QPointF& widgetPosition) const;
  /// Where the matrix is drawn, in this widget's coordinates.
  QRectF matrixArea() const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  /// readOut() of the cell under the cursor; empty when it leaves.
  void hovered(const QString& text);
  void viewChanged();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void paintValues(QPainter& painter, const QRectF& area) const;
  void paintAxes(QPainter& painter, const QRectF& area) const;
  void paintColorBar(QPainter& painter, const QRectF& area) const;

  std::shared_ptr<const MatrixPicture> picture_;
  Reduction reduction_ = Reduction::Peak;
  QRectF visible_;
  QString emptyText_;
  std::optional<QPointF> dragFrom_;
};

}  // namespace barlow::ui
