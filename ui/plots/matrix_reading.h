#pragma once

#include "core/matrix/order.h"
#include "core/matrix/statistics.h"
#include "ui/plots/matrix_frame.h"
#include "ui/plots/matrix_scene.h"

#include <QString>

#include <memory>
#include <optional>

namespace barlow::ui {

/// Which dimensions stand at the places of a matrix that is shown in another order.
struct MatrixLabels {
  std::shared_ptr<const Order> rows;  // null: the dimensions as they are
  std::shared_ptr<const Order> columns;

  std::int64_t row(std::int64_t place) const;
  std::int64_t column(std::int64_t place) const;
  CellIndex cell(CellIndex place) const { return {row(place.row), column(place.column)}; }
  bool isIdentity() const { return !rows && !columns; }
};

/// What stands at a position of a canvas.
struct MatrixReading {
  CellIndex place;                   // as shown; of several cells the strongest
  CellIndex cell;                    // its dimensions: i of view A, j of view B
  PixelReading pixel;                // all cells of the pixel, by place
  float value = 0;                   // C_ij of `cell`
  std::optional<float> mirrored;     // C_ji, off the diagonal of square matrices
  std::optional<float> other;        // the same cell of the matrix that is compared with
  bool isOfSecond = false;           // `value` is of the second matrix, `other` of the first
  std::optional<double> percentile;  // share of the off-diagonal cells with a smaller |C|, 0 to 1
};

/// Nothing outside the matrix and where a hidden diagonal leaves no cell. `statistics` (may be
/// null) are those of scene.first. Microseconds.
std::optional<MatrixReading> readingAt(const MatrixScene& scene,
                                       const MatrixFrame& frame,
                                       const MatrixLabels& labels,
                                       const MatrixStatistics* statistics,
                                       const QPointF& position);
/// One cell, whatever the zoom. Needs a cell inside the matrix.
MatrixReading readingOf(const MatrixScene& scene,
                        const MatrixLabels& labels,
                        const MatrixStatistics* statistics,
                        CellIndex place);

struct ReadingWords {
  QString value;  // what the values are called: "C"
  QString first;  // names of two matrices that are compared
  QString second;
  MatrixKind kind = MatrixKind::CrossCorrelation;
  Reduction reduction = Reduction::Peak;
  bool isReordered = false;
};
/// "row 12, column 40 · C = 0.831 · C_ji = 0.79 · above 99.3 % of |C|"
/// "rows 8-11, columns 40-43 · strongest C[9, 41] = -0.21 · ..."
/// "row 12, column 40 · first run: 0.831 · second run: 0.79 · ..."
QString readingText(const MatrixReading& reading, const ReadingWords& words);
/// Three decimals where they say something, else three digits; "NaN", "∞".
QString valueText(float value);

}  // namespace barlow::ui
