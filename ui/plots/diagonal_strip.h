#pragma once

#include "core/matrix/order.h"

#include <QWidget>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace barlow::ui {

/// C_ii by place: in the order of the matrix, or sorted from the largest down, with a threshold
/// line. Dragging brushes a range of places; a double click or Esc takes the brush away. Keys: left
/// and right move it, with Shift they make it longer, Home and End go to the ends.
class DiagonalStrip final : public QWidget {
  Q_OBJECT

 public:
  explicit DiagonalStrip(QWidget* parent = nullptr);
  ~DiagonalStrip() override;
  /// What is said instead of data, from the next data on.
  void setEmptyText(const QString& sentence);

  /// What it is of, on the title.
  void setHelp(const QString& sentence);
  /// C_ii by dimension; `order`: dimension at each place, empty for the original one. The brush
  /// stays where the size stays. Empty values: there is no diagonal.
  void setDiagonal(std::vector<float> values, const Order& order = {});
  void setSorted(bool isSorted);
  void setThreshold(std::optional<double> threshold);
  /// Dimensions whose C_ii is below the threshold, ascending; NaN counts.
  std::vector<std::int32_t> belowThreshold() const;

  struct Brush {
    std::int64_t first = 0;  // places, both included
    std::int64_t last = 0;
    bool operator==(const Brush&) const = default;
  };
  const std::optional<Brush>& brush() const;
  std::int32_t dimensionAt(std::int64_t place) const;
  /// Where a place stands in the plot, for tests.
  QPoint positionOf(std::int64_t place) const;

 Q_SIGNALS:
  /// Places, and the dimensions that stand there.
  void rangeBrushed(qint64 first, qint64 last, const std::vector<std::int32_t>& dimensions);
  void brushCleared();

 protected:
  void changeEvent(QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow::ui
