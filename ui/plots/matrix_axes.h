#pragma once

#include "ui/plots/matrix_frame.h"
#include "ui/plots/matrix_reading.h"

#include <QFont>
#include <QMarginsF>
#include <QPainter>
#include <QPalette>

#include <cstdint>
#include <vector>

namespace barlow::ui {

/// The ticks of one axis: places at a step of 1, 2 or 5 times a power of ten, so that neighbours
/// are at least `spacing` pixels apart.
std::vector<std::int64_t> tickPlaces(
    double from, double to, std::int64_t cells, double cellSize, double spacing);

/// The font of ticks and titles beside a matrix.
QFont axisFont(const QFont& font);
/// Room for ticks and titles around a matrix of this shape.
QMarginsF axisMargins(const QFont& font, std::int64_t rows, std::int64_t columns);

struct MatrixAxes {
  const MatrixFrame& frame;
  const MatrixLabels& labels;
  MatrixKind kind;
  const std::vector<std::int64_t>& markedRows;  // places; ticks on both axes
  QFont font;
  QPalette palette;

  void paint(QPainter& painter) const;

 private:
  void paintTicks(QPainter& painter) const;
  void paintTitles(QPainter& painter) const;
  void paintMarks(QPainter& painter) const;
};

}  // namespace barlow::ui
