#pragma once

#include "core/matrix/dendrogram.h"
#include "core/matrix/order.h"
#include "core/matrix/statistics.h"
#include "core/matrix/viewport.h"
#include "ui/plots/matrix_frame.h"
#include "ui/plots/matrix_mini_map.h"
#include "ui/plots/matrix_overlay.h"
#include "ui/plots/matrix_reading.h"
#include "ui/plots/matrix_scene.h"

#include <QImage>
#include <QPointF>
#include <QRect>
#include <QRectF>
#include <QString>
#include <QWidget>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace barlow::ui {

/// A correlation matrix to look around in: one image of the viewport in device pixels, made by
/// renderViewport, and what is drawn over it. Rows are the dimensions of view A, columns those of
/// view B. Rows, columns and cells are meant by place, as shown; setOrder() only names them.
///
/// Mouse: the wheel zooms at the cursor, a left or middle drag pans, Shift+drag zooms to a rubber
/// band, Ctrl+drag selects with one, a click activates a cell, Shift+click pins it, double click
/// fits. The mini-map's window and the line of a split can be dragged.
/// Keys: + - zoom, 0 F Ctrl+9 fit, 1 Ctrl+0 one cell per device pixel; arrows move the cell cursor
/// (with Shift by ten), PgUp PgDn by a page, Home End to the ends of the row, with Ctrl to those of
/// the matrix; Ctrl+arrows pan; Enter activates, P pins, Esc takes back; Space held shows the
/// second matrix (Flicker), Alt+arrows move the line of a split.
class MatrixCanvas final : public QWidget {
  Q_OBJECT

 public:
  using Compare = MatrixCompare;

  explicit MatrixCanvas(QWidget* parent = nullptr);

  /// Null shows the empty text. Place, cursor, marks and pin stay as long as the shape does; a
  /// second matrix of another shape is dropped. The statistics are those of the matrix before until
  /// setStatistics().
  void setMatrix(std::shared_ptr<const MatrixPyramid> matrix);
  const std::shared_ptr<const MatrixPyramid>& matrix() const { return scene_.first; }
  void setEmptyText(const QString& text);
  /// What it is of, which says what rows, columns and values are called.
  MatrixKind kind() const;
  /// What its values are called in words: "C".
  QString valueName() const;
  /// For the percentile in readings.
  void setStatistics(std::shared_ptr<const MatrixStatistics> statistics);
  /// Which dimensions stand at the places, for labels and words; null: as they are.
  void setOrder(const std::shared_ptr<const Order>& order) { setOrders(order, order); }
  void setOrders(std::shared_ptr<const Order> rows, std::shared_ptr<const Order> columns);
  /// Throws Exception for colours that ColorScale refuses; then nothing changes.
  void setSettings(const RenderSettings& settings);
  const RenderSettings& settings() const { return scene_.settings; }

  /// A matrix to compare with; null: none. One of another shape counts as none.
  void setSecond(std::shared_ptr<const MatrixPyramid> matrix,
                 const QString& nameFirst,
                 const QString& nameSecond);
  void setCompare(Compare compare);
  Compare compare() const { return scene_.compare; }
  void setShowsSecond(bool showsSecond);
  bool showsSecond() const { return scene_.showsSecond; }
  /// Where the line of a split stands, as a share of the area.
  void setSplit(double share);
  double split() const { return scene_.split; }

  MatrixPlace place() const { return frame().place(); }
  /// Clamped to what this canvas can show; emits no placeChanged.
  void setPlace(const MatrixPlace& place);
  void fit();
  void oneToOne();
  /// Centres a cell; zooms in until it can be seen.
  void goTo(CellIndex place);
  /// What is at a widget position stays there.
  void zoom(double factor, const QPointF& at);
  /// The source cells in sight, x by column, y by row.
  QRectF visibleCells() const { return frame().visibleCells(); }
  /// Level of the pyramid in the picture: pooled cells are 2^level source cells wide.
  int level() const;

  std::optional<CellIndex> cursorCell() const { return cursor_; }
  /// Outside the matrix: none. Does not move the view.
  void setCursorCell(std::optional<CellIndex> place);
  std::optional<CellIndex> pinned() const { return pinned_; }
  void setPinned(std::optional<CellIndex> place);
  /// Cells that are brushed elsewhere: visible at every zoom.
  void setMarks(std::vector<CellIndex> places);
  /// Rows (and so columns) that are brushed elsewhere: ticks on both axes.
  void setRowMarks(std::vector<std::int64_t> places);
  /// Outlines on the diagonal.
  void setBlocks(std::vector<ClusterBlock> blocks);
  void setShowsProfiles(bool shows);
  void setShowsMiniMap(bool shows);
  void setShowsValues(bool shows);
  /// A plain left drag selects instead of panning.
  void setRubberBandSelects(bool selects);

  /// What is in sight, without text and overlays, `devicePixels` wide; from its upper left corner
  /// on. What is drawn over it is not part of it. Null without a matrix.
  QImage renderMatrix(const QSize& devicePixels) const;
  std::optional<MatrixReading> readingAt(const QPointF& widgetPosition) const;
  MatrixReading readingOf(CellIndex place) const;
  QString readOut(const QPointF& widgetPosition) const;
  QString readOut(const MatrixReading& reading) const;
  const MatrixLabels& labels() const { return labels_; }
  /// Where the cells are when painted at a device ratio; empty without a matrix.
  MatrixFrame frameFor(double ratio) const;
  /// What the matrix covers, in widget coordinates.
  QRectF matrixArea() const { return frame().area(); }
  QRectF cellRect(CellIndex place) const { return frame().cellRect(place); }
  /// How many pictures were made: moving the cursor makes none.
  std::int64_t renderedFrames() const { return renderedFrames_; }

  QSize sizeHint() const override { return {560, 560}; }
  QSize minimumSizeHint() const override { return {220, 200}; }

 Q_SIGNALS:
  /// readOut() of what is under the cursor, or of the keyboard's cell; empty: nothing.
  void hovered(const QString& text);
  /// The user, fit(), oneToOne(), goTo() or zoom() moved the view; linked canvases follow by
  /// setPlace().
  void placeChanged(const barlow::ui::MatrixPlace& place);
  /// What is in sight is another part, for any reason, resizing included.
  void viewChanged();
  void cellActivated(barlow::CellIndex place);
  /// x, width: columns; y, height: rows.
  void selectionRequested(const QRect& places);
  /// The user does something here: zooms, pans, clicks, moves the cell cursor.
  void interacted();

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;

 private:
  enum class Drag { None, Pan, ZoomBand, SelectBand, Split, MiniMap };

  // Where everything is.
  MatrixRoom room(double ratio) const;
  MatrixFrame frame() const { return frameFor(devicePixelRatioF()); }
  bool hasProfiles() const;
  /// Empty: there is none.
  QRectF miniMapBox(const MatrixFrame& frame) const;
  bool isShapeOf(const MatrixPyramid& matrix) const;
  std::optional<CellIndex> inside(std::optional<CellIndex> place) const;

  // Changes. The picture is made by the next paint.
  void invalidatePicture();
  void movePlace(const MatrixPlace& place);
  void moveByUser(const MatrixPlace& place);
  void refreshReading();
  void forgetHover();
  void setHovered(std::optional<CellIndex> place);
  QRegion overlayRegion(const MatrixFrame& frame) const;

  // Painting (matrix_canvas_paint.cpp).
  void paintEmpty(QPainter& painter) const;
  void paintPicture(QPainter& painter, const MatrixFrame& frame, const QRegion& dirty);
  void paintOverlays(QPainter& painter, const MatrixFrame& frame, const QRegion& dirty);

  // matrix_canvas_mouse.cpp, matrix_canvas_keys.cpp
  Drag dragAt(const QPointF& position, Qt::MouseButton button, Qt::KeyboardModifiers keys) const;
  void continueDrag(const QPointF& position);
  void finishBand(bool zooms);
  void click(const QPointF& position, Qt::KeyboardModifiers keys);
  void updateCursorShape(const QPointF& position);
  void dragSplit(const QPointF& position);
  bool splitKey(const QKeyEvent& event);
  bool zoomKey(const QKeyEvent& event);
  bool panKey(const QKeyEvent& event);
  bool cursorKey(const QKeyEvent& event);
  bool actionKey(const QKeyEvent& event);
  bool takeBack();
  void moveCursorTo(CellIndex place);
  void reveal(CellIndex place);
  CellIndex startOfCursor() const;

  MatrixScene scene_;
  MatrixLabels labels_;
  MatrixNames names_;
  std::shared_ptr<const MatrixStatistics> statistics_;
  QString emptyText_;

  MatrixPlace place_;
  bool isFitted_ = true;  // follows the size of the widget
  std::optional<CellIndex> cursor_;
  std::optional<CellIndex> pinned_;
  std::vector<CellIndex> marks_;
  std::vector<std::int64_t> rowMarks_;
  std::vector<ClusterBlock> blocks_;
  bool showsProfiles_ = true;
  bool showsMiniMap_ = true;
  bool showsValues_ = true;
  bool rubberBandSelects_ = false;

  MatrixRaster raster_;
  MatrixMiniMap miniMap_;
  Viewport pictureOf_;  // what raster_ shows
  bool isStale_ = true;
  std::int64_t renderedFrames_ = 0;

  std::optional<QPointF> mouse_;  // where the cursor is, while it is over the widget
  std::optional<CellIndex> hovered_;
  Drag drag_ = Drag::None;
  QPointF dragStart_;
  QPointF dragLast_;
  bool hasDragged_ = false;
  bool isSpaceHeld_ = false;
};

}  // namespace barlow::ui
