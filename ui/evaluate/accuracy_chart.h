#pragma once

#include <QPointF>
#include <QRectF>
#include <QString>
#include <QWidget>

#include <optional>
#include <vector>

namespace barlow::ui {

/// Shares (0 to 1) against the epoch: one line with a mark of its own shape for each way of
/// measuring, published ones dashed. Few points, which the pointer or the arrow keys read out.
class AccuracyChart final : public QWidget {
  Q_OBJECT

 public:
  struct Series {
    QString name;
    bool isPublished = false;
    std::vector<QPointF> points;  // epoch and share, by epoch
  };
  explicit AccuracyChart(QWidget* parent = nullptr);
  void setSeries(std::vector<Series> series);
  const std::vector<Series>& series() const { return series_; }
  /// Of the point that is read out, or empty.
  QString readOut() const;

  QSize sizeHint() const override { return {300, 200}; }
  QSize minimumSizeHint() const override { return {160, 80}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

 private:
  struct Place {
    std::size_t series = 0;
    std::size_t point = 0;
  };
  QRectF plot() const;
  QPointF onScreen(const QPointF& point) const;
  QColor colorOf(std::size_t series) const;
  void drawAxes(QPainter& painter) const;
  void drawSeries(QPainter& painter, std::size_t index) const;
  void drawMark(QPainter& painter, std::size_t series, const QPointF& at, double radius) const;
  void drawLegend(QPainter& painter) const;
  void setRead(std::optional<Place> place);

  std::vector<Series> series_;
  double lastEpoch_ = 1;
  double low_ = 0;
  double high_ = 1;
  std::optional<Place> read_;
};

}  // namespace barlow::ui
