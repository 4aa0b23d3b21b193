#pragma once

#include <QRectF>
#include <QString>
#include <QWidget>

#include <cstdint>
#include <optional>
#include <vector>

namespace barlow::ui {

/// How often images of a class (rows) were taken for each class (columns). A cell's colour is its
/// share of the row. Mouse: a click chooses a cell. Keys: arrows go from cell to cell, Return
/// chooses.
class ConfusionView final : public QWidget {
  Q_OBJECT

 public:
  struct Cell {
    int actual = 0;
    int predicted = 0;
    bool operator==(const Cell&) const = default;
  };

  explicit ConfusionView(QWidget* parent = nullptr);
  /// [class][predicted] counts; empty: there is none, and `text` says why.
  void setCounts(std::vector<std::vector<std::int64_t>> counts,
                 std::vector<QString> classes,
                 const QString& text = {});
  int classCount() const { return static_cast<int>(counts_.size()); }
  std::optional<Cell> current() const { return current_; }
  /// "cat taken for dog: 12 of 100 (12.0 %)".
  QString cellText(const Cell& cell) const;
  QRectF cellRect(const Cell& cell) const;

  QSize sizeHint() const override { return {340, 300}; }
  QSize minimumSizeHint() const override { return {160, 100}; }

 Q_SIGNALS:
  void cellChosen(int actual, int predicted);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  QRectF area() const;
  double cellSize() const;
  double nameWidth() const;
  bool hasNames() const;
  std::optional<Cell> cellAt(const QPointF& position) const;
  double shareOf(const Cell& cell) const;
  void goTo(const Cell& cell);
  void drawNames(QPainter& painter) const;

  std::vector<std::vector<std::int64_t>> counts_;
  std::vector<std::int64_t> totals_;  // of the rows
  std::vector<QString> classes_;
  QString text_;
  std::optional<Cell> current_;
};

}  // namespace barlow::ui
