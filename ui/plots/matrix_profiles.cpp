#include "ui/plots/matrix_profiles.h"

#include "ui/plots/matrix_axes.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("barlow::ui::MatrixCanvas", text);
}

// `at(cell)` for the cells of one line; `diagonal`: the one to leave out, or -1.
template <typename At>
std::vector<float> profile(double from,
                           double cellsPerPixel,
                           int pixels,
                           std::int64_t cells,
                           std::int64_t diagonal,
                           At at) {
  std::vector<float> values(static_cast<std::size_t>(std::max(pixels, 0)), kNoValue);
  for (int x = 0; x < pixels; ++x) {
    const double start = from + x * cellsPerPixel;
    auto first = static_cast<std::int64_t>(std::floor(start));
    auto end = static_cast<std::int64_t>(std::floor(start + cellsPerPixel));
    if (cellsPerPixel < 1) {
      first = static_cast<std::int64_t>(std::floor(start + cellsPerPixel / 2));
      end = first + 1;
    }
    float strongest = kNoValue;
    for (std::int64_t cell = std::max<std::int64_t>(first, 0); cell < std::min(end, cells);
         ++cell) {
      const float value = cell == diagonal ? kNoValue : at(cell);
      if (std::isnan(strongest) || std::abs(value) > std::abs(strongest)) {
        strongest = value;
      }
    }
    values[static_cast<std::size_t>(x)] = strongest;
  }
  return values;
}

}  // namespace

std::vector<float> rowProfile(const Matrix& matrix,
                              const MatrixFrame& frame,
                              std::int64_t row,
                              bool hidesDiagonal) {
  const float* values = matrix.row(row);
  return profile(frame.viewport().column,
                 frame.place().cellsPerPixel,
                 static_cast<int>(std::ceil(frame.area().width())),
                 matrix.columns(),
                 hidesDiagonal && matrix.isSquare() ? row : -1,
                 [values](std::int64_t j) { return values[j]; });
}

std::vector<float> columnProfile(const Matrix& matrix,
                                 const MatrixFrame& frame,
                                 std::int64_t column,
                                 bool hidesDiagonal) {
  const float* values = matrix.values() + column;
  const std::int64_t stride = matrix.columns();
  return profile(frame.viewport().row,
                 frame.place().cellsPerPixel,
                 static_cast<int>(std::ceil(frame.area().height())),
                 matrix.rows(),
                 hidesDiagonal && matrix.isSquare() ? column : -1,
                 [values, stride](std::int64_t i) { return values[i * stride]; });
}

QRectF MatrixProfiles::rowStrip() const {
  const QRectF area = frame.area();
  return {area.left(), area.bottom() + kGap, area.width(), kThickness};
}

QRectF MatrixProfiles::columnStrip() const {
  const QRectF area = frame.area();
  return {area.right() + kGap, area.top(), kThickness, area.height()};
}

QRectF MatrixProfiles::corner() const {
  const QRectF area = frame.area();
  return {area.right() + kGap, area.bottom() + kGap, kThickness, kThickness};
}

// Share of a strip's thickness, from the side of the low limit.
double MatrixProfiles::heightOf(float value) const {
  const double low = limits.low;
  const double high = limits.high;
  return std::clamp((static_cast<double>(value) - low) / (high - low), 0.0, 1.0);
}

void MatrixProfiles::paintStrip(QPainter& painter, const QRectF& strip) const {
  painter.fillRect(strip, colors(palette).surface);
  painter.setPen(QPen(colors(palette).line, 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(strip.adjusted(-0.5, -0.5, 0.5, 0.5));
}

void MatrixProfiles::paint(QPainter& painter,
                           const Matrix& matrix,
                           std::optional<CellIndex> cell) const {
  painter.save();
  const QRectF below = rowStrip();
  const QRectF beside = columnStrip();
  paintStrip(painter, below);
  paintStrip(painter, beside);
  const double zero = heightOf(0);
  const auto levelOf = [&](double share) { return below.bottom() - share * below.height(); };
  const auto acrossOf = [&](double share) { return beside.left() + share * beside.width(); };
  if (cell) {
    const QColor bar = colors(palette).accent;
    const auto drawn = [&](const std::vector<float>& values, auto draw) {
      for (std::size_t k = 0; k < values.size(); ++k) {
        if (!std::isnan(values[k])) {
          draw(static_cast<double>(k), heightOf(values[k]));
        }
      }
    };
    drawn(rowProfile(matrix, frame, cell->row, hidesDiagonal), [&](double k, double share) {
      const double width = std::min(1.0, below.width() - k);
      painter.fillRect(
          QRectF(below.left() + k, levelOf(share), width, levelOf(zero) - levelOf(share))
              .normalized(),
          bar);
    });
    drawn(columnProfile(matrix, frame, cell->column, hidesDiagonal), [&](double k, double share) {
      const double height = std::min(1.0, beside.height() - k);
      painter.fillRect(
          QRectF(acrossOf(zero), beside.top() + k, acrossOf(share) - acrossOf(zero), height)
              .normalized(),
          bar);
    });
  }
  painter.setPen(QPen(colors(palette).quiet, 1));
  painter.drawLine(QPointF(below.left(), levelOf(zero)), QPointF(below.right(), levelOf(zero)));
  painter.drawLine(QPointF(acrossOf(zero), beside.top()), QPointF(acrossOf(zero), beside.bottom()));
  if (cell) {
    painter.setFont(axisFont(painter.font()));
    painter.drawText(
        corner().adjusted(-kGap / 2.0, 0, kGap / 2.0, 0),
        Qt::AlignCenter,
        tr("row %1\ncol. %2").arg(labels.row(cell->row)).arg(labels.column(cell->column)));
  }
  painter.restore();
}

}  // namespace barlow::ui
