#pragma once

#include "core/matrix/viewport.h"
#include "ui/plots/matrix_frame.h"
#include "ui/plots/matrix_reading.h"

#include <QFont>
#include <QPainter>
#include <QPalette>

#include <limits>
#include <vector>

namespace barlow::ui {

inline constexpr float kNoValue = std::numeric_limits<float>::quiet_NaN();

/// The values of one row over the width of the frame's area, and those of one column over its
/// height: one per device-independent pixel, of several cells the one of largest magnitude. NaN
/// cells, and a hidden diagonal, are kNoValue.
std::vector<float> rowProfile(const Matrix& matrix,
                              const MatrixFrame& frame,
                              std::int64_t row,
                              bool hidesDiagonal);
std::vector<float> columnProfile(const Matrix& matrix,
                                 const MatrixFrame& frame,
                                 std::int64_t column,
                                 bool hidesDiagonal);

/// Strips right of and below the matrix that show the column and the row of a cell, between the
/// limits of the colours.
struct MatrixProfiles {
  static constexpr double kThickness = 56;  // px, without the gap before it

  const MatrixFrame& frame;
  const MatrixLabels& labels;
  ColorLimits limits;
  bool hidesDiagonal = false;
  QPalette palette;

  QRectF rowStrip() const;
  QRectF columnStrip() const;
  QRectF corner() const;
  /// Without a cell only the empty strips.
  void paint(QPainter& painter, const Matrix& matrix, std::optional<CellIndex> cell) const;

 private:
  double heightOf(float value) const;
  void paintStrip(QPainter& painter, const QRectF& strip) const;
};

}  // namespace barlow::ui
