#include "ui/plots/matrix_pixels.h"

#include "core/matrix/color_map.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace barlow::ui {
namespace {

// The blocks [first, last] that pixel `index` of `count` shows; first > last: outside the matrix.
struct Span {
  std::int64_t first = 0;
  std::int64_t last = -1;
};

std::vector<Span> spansOf(const MatrixPicture& picture, double start, double length, int count) {
  std::vector<Span> spans(static_cast<std::size_t>(count));
  const double perPixel = length / count;
  const auto size = static_cast<double>(picture.dimensions);
  const double perBlock = size / static_cast<double>(picture.side);
  for (int i = 0; i < count; ++i) {
    double from = start + i * perPixel;
    double to = from + perPixel;
    if (perPixel <= perBlock) {  // magnified: the block in the middle of the pixel
      from = to = (from + to) / 2;
    }
    if (to < 0 || from >= size || (to <= 0 && from < 0)) {
      continue;
    }
    const auto first = static_cast<std::int64_t>(std::max(0.0, std::floor(from)));
    const auto last = static_cast<std::int64_t>(
        std::min(size - 1, std::max(std::floor(from), std::ceil(to) - 1)));
    spans[static_cast<std::size_t>(i)] = {blockOf(picture, first),
                                          blockOf(picture, std::max(first, last))};
  }
  return spans;
}

const std::vector<float>& layerOf(const MatrixPicture& picture, MatrixReduction reduction) {
  return reduction == MatrixReduction::Peak   ? picture.peak
         : reduction == MatrixReduction::Mean ? picture.mean
                                              : picture.rms;
}

float reduced(const MatrixPicture& picture,
              MatrixReduction reduction,
              const Span& rows,
              const Span& columns) {
  const std::vector<float>& layer = layerOf(picture, reduction);
  const auto side = static_cast<std::size_t>(picture.side);
  float peak = 0;
  double sum = 0;
  for (std::int64_t row = rows.first; row <= rows.last; ++row) {
    const float* values = layer.data() + static_cast<std::size_t>(row) * side;
    for (std::int64_t column = columns.first; column <= columns.last; ++column) {
      const float value = values[column];
      if (std::isnan(value)) {
        return value;  // never hidden by its neighbours
      }
      switch (reduction) {
        case MatrixReduction::Peak:
          peak = std::abs(value) > std::abs(peak) ? value : peak;
          break;
        case MatrixReduction::Mean:
          sum += value;
          break;
        case MatrixReduction::Rms:
          sum += static_cast<double>(value) * value;
          break;
      }
    }
  }
  const auto count =
      static_cast<double>((rows.last - rows.first + 1) * (columns.last - columns.first + 1));
  return reduction == MatrixReduction::Peak   ? peak
         : reduction == MatrixReduction::Mean ? static_cast<float>(sum / count)
                                              : static_cast<float>(std::sqrt(sum / count));
}

}  // namespace

std::int64_t blockOf(const MatrixPicture& picture, std::int64_t entry) {
  std::int64_t block = entry * picture.side / picture.dimensions;
  while (block + 1 < picture.side && picture.blockStart(block + 1) <= entry) {
    ++block;
  }
  return block;
}

float blockValue(const MatrixPicture& picture,
                 MatrixReduction reduction,
                 std::int64_t row,
                 std::int64_t column) {
  return layerOf(picture, reduction).at(static_cast<std::size_t>(row * picture.side + column));
}

QImage matrixPixels(const MatrixPicture& picture,
                    MatrixReduction reduction,
                    const QRectF& entries,
                    const QSize& pixels) {
  QImage image(pixels, QImage::Format_RGB32);
  image.fill(Qt::transparent);
  const auto columns = spansOf(picture, entries.x(), entries.width(), pixels.width());
  const auto rows = spansOf(picture, entries.y(), entries.height(), pixels.height());
  for (int y = 0; y < pixels.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    const Span& row = rows[static_cast<std::size_t>(y)];
    // Magnified blocks repeat whole lines.
    if (y > 0 && row.first == row.last &&
        rows[static_cast<std::size_t>(y - 1)].first == row.first &&
        rows[static_cast<std::size_t>(y - 1)].last == row.last) {
      std::copy_n(reinterpret_cast<const QRgb*>(image.constScanLine(y - 1)), pixels.width(), line);
      continue;
    }
    for (int x = 0; x < pixels.width(); ++x) {
      const Span& column = columns[static_cast<std::size_t>(x)];
      if (row.first > row.last || column.first > column.last) {
        continue;
      }
      const Rgb color = divergingColor(reduced(picture, reduction, row, column));
      line[x] = qRgb(color[0], color[1], color[2]);
    }
  }
  return image;
}

}  // namespace barlow::ui
