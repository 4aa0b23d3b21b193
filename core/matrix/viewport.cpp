#include "core/matrix/viewport.h"

#include "core/base/check.h"
#include "core/matrix/pyramid_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace barlow {
namespace {

// The cells of the shown level that a pixel has on one axis, both ends included: one or two, and
// three only where the last one is cut by the matrix' end. first > second: none.
struct Span {
  std::int32_t first = 0;
  std::int32_t second = -1;
  bool isEmpty() const { return first > second; }
  bool isWide() const { return second > first + 1; }
  bool operator==(const Span&) const = default;
};

// One axis of the shown level.
struct Axis {
  std::int64_t source = 0;  // source cells
  std::int64_t cells = 0;   // of the level
  int level = 0;

  std::int64_t extent(std::int64_t cell) const {
    return std::min((cell + 1) << level, source) - (cell << level);
  }
  double center(std::int64_t cell) const {
    return static_cast<double>(cell << level) + 0.5 * static_cast<double>(extent(cell));
  }
  // The first cell whose centre is not before `position`.
  std::int64_t firstFrom(double position) const {
    const double size = std::ldexp(1.0, level);
    const double guess =
        std::clamp(std::ceil(position / size - 0.5), 0.0, static_cast<double>(cells));
    auto cell = static_cast<std::int64_t>(guess);
    while (cell > 0 && center(cell - 1) >= position) {
      --cell;
    }
    while (cell < cells && center(cell) < position) {
      ++cell;
    }
    return cell;
  }
};

Span spanOf(const Axis& axis, double origin, double scale, int pixel) {
  const double middle = origin + (pixel + 0.5) * scale;
  if (scale >= std::ldexp(1.0, axis.level)) {
    const std::int64_t first = axis.firstFrom(origin + pixel * scale);
    const std::int64_t end = axis.firstFrom(origin + (pixel + 1) * scale);
    if (first < end) {
      return {static_cast<std::int32_t>(first), static_cast<std::int32_t>(end - 1)};
    }
  }
  // Magnified; or no centre inside, which happens at the matrix' ends and by rounding.
  if (!(middle >= 0) || middle >= static_cast<double>(axis.source)) {
    return {};
  }
  const auto cell = static_cast<std::int32_t>(static_cast<std::int64_t>(middle) >> axis.level);
  return {cell, cell};
}

std::vector<Span> spansOf(const Axis& axis, double origin, double scale, int pixels) {
  std::vector<Span> spans(static_cast<std::size_t>(pixels));
  for (int i = 0; i < pixels; ++i) {
    spans[static_cast<std::size_t>(i)] = spanOf(axis, origin, scale, i);
  }
  return spans;
}

struct Weights {
  float first = 0.5f;
  float second = 0.5f;
};

Weights weightsOf(const Axis& axis, const Span& span) {
  const auto a = static_cast<float>(axis.extent(span.first));
  const auto b = static_cast<float>(axis.extent(span.second));
  return {a / (a + b), b / (a + b)};
}

enum class Layer { Peak, Mean, MeanSquare };

Layer layerOf(const RenderSettings& settings) {
  if (settings.reduction == Reduction::Peak) {
    return Layer::Peak;
  }
  const bool isSquared = settings.reduction == Reduction::Rms ||
                         settings.transform == ValueTransform::LossContribution;
  return isSquared ? Layer::MeanSquare : Layer::Mean;
}

void transformRow(const RenderSettings& settings, float lambda, std::int64_t count, float* row) {
  const bool isSquared = layerOf(settings) == Layer::MeanSquare;
  switch (settings.transform) {
    case ValueTransform::Value:
    case ValueTransform::Absolute:
      if (isSquared) {
        for (std::int64_t i = 0; i < count; ++i) {
          row[i] = std::sqrt(row[i]);
        }
      } else if (settings.transform == ValueTransform::Absolute) {
        for (std::int64_t i = 0; i < count; ++i) {
          row[i] = std::abs(row[i]);
        }
      }
      return;
    case ValueTransform::Square:
    case ValueTransform::LossContribution: {
      const float factor = settings.transform == ValueTransform::Square ? 1.0f : lambda;
      for (std::int64_t i = 0; i < count; ++i) {
        row[i] = factor * (isSquared ? row[i] : row[i] * row[i]);
      }
      return;
    }
  }
}

// Several cells of the shown level to one value, one by one: for the pixels on the diagonal, and
// for reading a pixel.
class CellReducer {
 public:
  CellReducer(const MatrixPyramid& pyramid, const RenderSettings& settings, int level)
      : pyramid_(pyramid), settings_(settings), level_(level) {}

  // Before the transform; in LossContribution the contribution. Nothing: no cell is left.
  std::optional<float> operator()(const Axis& rows,
                                  const Axis& columns,
                                  const Span& rowSpan,
                                  const Span& columnSpan,
                                  bool ofLoss) const {
    std::optional<float> peak;
    double sum = 0;
    double count = 0;
    for (std::int64_t i = rowSpan.first; i <= rowSpan.second; ++i) {
      for (std::int64_t j = columnSpan.first; j <= columnSpan.second; ++j) {
        const Part part = partOf(i, j, rows.extent(i) * columns.extent(j), ofLoss);
        if (part.count > 0) {
          peak = peak ? strongerOf(*peak, part.peak) : part.peak;
          sum += part.count * part.mean;
          count += part.count;
        }
      }
    }
    if (!peak) {
      return std::nullopt;
    }
    return settings_.reduction == Reduction::Peak ? *peak : static_cast<float>(sum / count);
  }

 private:
  struct Part {
    double count = 0;
    float peak = 0;
    double mean = 0;  // of values, or of squares where the layer is MeanSquare
  };

  double squareOf(std::int64_t i, std::int64_t j) const {
    const double value = pyramid_.matrix().at(i, j);
    return value * value;
  }

  Part partOf(std::int64_t i, std::int64_t j, std::int64_t extent, bool ofLoss) const {
    const bool isSquared = layerOf(settings_) == Layer::MeanSquare;
    const double lambda = pyramid_.matrix().origin().lambda;
    const bool isDiagonal = pyramid_.matrix().isSquare() && i == j;
    const bool isHidden = settings_.diagonal == DiagonalStyle::Hidden;
    Part part;
    if (!isDiagonal || (!isHidden && !ofLoss)) {
      part.count = static_cast<double>(extent);
      part.peak = pyramid_.peakRow(level_, i)[j];
      part.mean = !isSquared    ? pyramid_.meanRow(level_, i)[j]
                  : level_ == 0 ? squareOf(i, j)
                                : pyramid_.meanSquareRow(level_, i)[j];
      if (ofLoss) {
        part.peak = static_cast<float>(lambda * part.peak * part.peak);
        part.mean *= lambda;
      }
      return part;
    }
    const DiagonalCell& cell = pyramid_.diagonalCells(level_)[static_cast<std::size_t>(i)];
    if (cell.otherCount > 0) {
      part.count = static_cast<double>(cell.otherCount);
      part.peak = cell.otherPeak;
      part.mean = isSquared ? cell.otherMeanSquare : cell.otherMean;
    }
    if (ofLoss) {
      part.peak = static_cast<float>(lambda * part.peak * part.peak);
      double sum = part.count * part.mean * lambda;
      if (!isHidden) {
        part.peak = strongerOf(part.peak, cell.largestTerm);
        part.count += static_cast<double>(cell.diagonalCount);
        sum += static_cast<double>(cell.diagonalCount) * cell.meanTerm;
      }
      part.mean = part.count > 0 ? sum / part.count : 0;
    }
    return part;
  }

  const MatrixPyramid& pyramid_;
  const RenderSettings& settings_;
  int level_;
};

std::uint32_t dimmed(std::uint32_t color, std::uint32_t towards) {
  std::uint32_t mixed = 0xff000000;
  for (int shift = 0; shift < 24; shift += 8) {
    const std::uint32_t a = (color >> shift) & 0xff;
    const std::uint32_t b = (towards >> shift) & 0xff;
    mixed |= ((a + 3 * b + 2) / 4) << shift;
  }
  return mixed;
}

void requireDrawable(const Viewport& viewport) {
  BARLOW_CHECK(viewport.cellsPerPixel > 0 && std::isfinite(viewport.cellsPerPixel) &&
               std::isfinite(viewport.row) && std::isfinite(viewport.column))
      << "viewport at " << viewport.row << ", " << viewport.column << " with "
      << viewport.cellsPerPixel << " cells per pixel";
  BARLOW_CHECK(viewport.width >= 0 && viewport.height >= 0 && viewport.width <= 32768 &&
               viewport.height <= 32768)
      << "viewport of " << viewport.width << " x " << viewport.height;
}

// Everything about a frame that its rows share.
class Renderer {
 public:
  Renderer(const MatrixPyramid& pyramid, const Viewport& viewport, const RenderSettings& settings)
      : pyramid_(pyramid),
        settings_(settings),
        level_(shownLevel(pyramid, viewport.cellsPerPixel, settings.coarsestLevel)),
        rowAxis_{pyramid.matrix().rows(), pyramid.rows(level_), level_},
        columnAxis_{pyramid.matrix().columns(), pyramid.columns(level_), level_},
        rows_(spansOf(rowAxis_, viewport.row, viewport.cellsPerPixel, viewport.height)),
        columns_(spansOf(columnAxis_, viewport.column, viewport.cellsPerPixel, viewport.width)),
        layer_(layerOf(settings)),
        scale_(settings.color),
        reducer_(pyramid, settings_, level_) {
    const auto isFilled = [](const Span& span) { return !span.isEmpty(); };
    const auto begin = std::find_if(columns_.begin(), columns_.end(), isFilled);
    const auto end = std::find_if(columns_.rbegin(), columns_.rend(), isFilled).base();
    firstPixel_ = begin - columns_.begin();
    pixelCount_ = begin < end ? end - begin : 0;
    if (pixelCount_ == 0) {
      return;
    }
    firstCell_ = begin->first;
    cellCount_ = (end - 1)->second - firstCell_ + 1;
    for (auto span = begin; span != end; ++span) {
      const Weights weights = weightsOf(columnAxis_, *span);
      left_.push_back(span->first - firstCell_);
      right_.push_back(span->second - firstCell_);
      leftWeight_.push_back(weights.first);
      rightWeight_.push_back(weights.second);
    }
  }

  int height() const { return static_cast<int>(rows_.size()); }

  // Rows [begin, end) of the picture.
  void draw(std::int64_t begin, std::int64_t end, std::uint32_t* pixels, std::ptrdiff_t stride) {
    std::vector<float> line(static_cast<std::size_t>(cellCount_));
    std::vector<float> values(static_cast<std::size_t>(pixelCount_));
    for (std::int64_t y = begin; y < end; ++y) {
      std::uint32_t* out = pixels + y * stride;
      const Span span = rows_[static_cast<std::size_t>(y)];
      if (y > begin && span == rows_[static_cast<std::size_t>(y - 1)]) {
        std::copy_n(out - stride, columns_.size(), out);
        continue;
      }
      std::fill_n(out, columns_.size(), settings_.color.outside);
      if (span.isEmpty() || pixelCount_ == 0) {
        continue;
      }
      if (span.isWide()) {  // the last row of the matrix
        for (std::ptrdiff_t x = firstPixel_; x < firstPixel_ + pixelCount_; ++x) {
          out[x] = colorOfCells(span, columns_[static_cast<std::size_t>(x)]);
        }
      } else {
        reduceRow(span, line.data(), values.data());
        transformRow(settings_, lambda(), pixelCount_, values.data());
        scale_.colors(values.data(), pixelCount_, out + firstPixel_);
        const std::ptrdiff_t last = firstPixel_ + pixelCount_ - 1;
        if (columns_[static_cast<std::size_t>(last)].isWide()) {
          out[last] = colorOfCells(span, columns_[static_cast<std::size_t>(last)]);
        }
      }
      drawDiagonal(span, out);
    }
  }

 private:
  void reduceRow(const Span& span, float* line, float* values) const {
    const Weights weights = weightsOf(rowAxis_, span);
    const float* upper = layerRow(span.first);
    const float* lower = layerRow(span.second);
    const float* combined = line;
    if (layer_ == Layer::MeanSquare && level_ == 0) {
      weightedSquareRow(upper, weights.first, lower, weights.second, cellCount_, line);
    } else if (span.first == span.second) {
      combined = upper;
    } else if (layer_ == Layer::Peak) {
      strongerRow(upper, lower, cellCount_, line);
    } else {
      weightedRow(upper, weights.first, lower, weights.second, cellCount_, line);
    }
    if (layer_ == Layer::Peak) {
      gatherStronger(combined, left_.data(), right_.data(), pixelCount_, values);
    } else {
      gatherWeighted(combined,
                     left_.data(),
                     right_.data(),
                     leftWeight_.data(),
                     rightWeight_.data(),
                     pixelCount_,
                     values);
    }
  }

  const float* layerRow(std::int64_t row) const {
    const float* cells = layer_ == Layer::Peak   ? pyramid_.peakRow(level_, row)
                         : layer_ == Layer::Mean ? pyramid_.meanRow(level_, row)
                         : level_ == 0           ? pyramid_.matrix().row(row)
                                                 : pyramid_.meanSquareRow(level_, row);
    return cells + firstCell_;
  }

  float lambda() const { return static_cast<float>(pyramid_.matrix().origin().lambda); }

  // Cell by cell: for the few pixels that need it.
  std::uint32_t colorOfCells(const Span& row, const Span& column) const {
    const bool ofLoss = settings_.transform == ValueTransform::LossContribution;
    std::optional<float> value = reducer_(rowAxis_, columnAxis_, row, column, ofLoss);
    if (value && !ofLoss) {
      transformRow(settings_, 0, 1, &*value);
    }
    return value ? scale_.color(*value) : settings_.color.outside;
  }

  // Pixels that hold a part of the diagonal, where it is not drawn like the rest.
  void drawDiagonal(const Span& span, std::uint32_t* out) const {
    const bool ofLoss = settings_.transform == ValueTransform::LossContribution;
    if (!pyramid_.matrix().isSquare() || (settings_.diagonal == DiagonalStyle::Shown && !ofLoss)) {
      return;
    }
    const auto begin = columns_.begin() + firstPixel_;
    auto pixel = std::partition_point(
        begin, begin + pixelCount_, [&](const Span& column) { return column.second < span.first; });
    for (; pixel != begin + pixelCount_ && pixel->first <= span.second; ++pixel) {
      std::uint32_t& color = out[pixel - columns_.begin()];
      if (settings_.diagonal == DiagonalStyle::Hidden || ofLoss) {
        color = colorOfCells(span, *pixel);
      }
      if (settings_.diagonal == DiagonalStyle::Dimmed) {
        color = dimmed(color, settings_.color.outside);
      }
    }
  }

  const MatrixPyramid& pyramid_;
  const RenderSettings settings_;
  const int level_;
  const Axis rowAxis_;
  const Axis columnAxis_;
  const std::vector<Span> rows_;
  const std::vector<Span> columns_;
  const Layer layer_;
  const ColorScale scale_;
  const CellReducer reducer_;
  std::ptrdiff_t firstPixel_ =
      0;  // pixels and cells of the level that the picture has on its width
  std::ptrdiff_t pixelCount_ = 0;
  std::int32_t firstCell_ = 0;
  std::int64_t cellCount_ = 0;
  std::vector<std::int32_t> left_;  // [pixelCount_] cells from firstCell_ on
  std::vector<std::int32_t> right_;
  std::vector<float> leftWeight_;
  std::vector<float> rightWeight_;
};

}  // namespace

int shownLevel(const MatrixPyramid& pyramid, double cellsPerPixel, int coarsestLevel) {
  int level = 0;
  while (level + 1 < pyramid.levels() && std::ldexp(1.0, level + 1) <= cellsPerPixel) {
    ++level;
  }
  return std::clamp(coarsestLevel, level, pyramid.levels() - 1);
}

void renderViewport(const MatrixPyramid& pyramid,
                    const Viewport& viewport,
                    const RenderSettings& settings,
                    std::uint32_t* pixels,
                    std::ptrdiff_t stride,
                    int threads) {
  requireDrawable(viewport);
  BARLOW_CHECK(stride >= viewport.width) << "stride " << stride << " for " << viewport.width;
  Renderer renderer(pyramid, viewport, settings);
  forEachBand(renderer.height(),
              threads > 1 ? 64 : std::max(renderer.height(), 1),
              {.stop = {}, .progress = {}, .threads = threads},
              [&](std::int64_t begin, std::int64_t end, int) {
                renderer.draw(begin, end, pixels, stride);
              });
}

std::optional<PixelReading> readPixel(const MatrixPyramid& pyramid,
                                      const Viewport& viewport,
                                      const RenderSettings& settings,
                                      int x,
                                      int y) {
  requireDrawable(viewport);
  PixelReading reading;
  reading.level = shownLevel(pyramid, viewport.cellsPerPixel, settings.coarsestLevel);
  const Axis rows{pyramid.matrix().rows(), pyramid.rows(reading.level), reading.level};
  const Axis columns{pyramid.matrix().columns(), pyramid.columns(reading.level), reading.level};
  const Span rowSpan = spanOf(rows, viewport.row, viewport.cellsPerPixel, y);
  const Span columnSpan = spanOf(columns, viewport.column, viewport.cellsPerPixel, x);
  if (rowSpan.isEmpty() || columnSpan.isEmpty()) {
    return std::nullopt;
  }
  const CellReducer reduced(pyramid, settings, reading.level);
  const std::optional<float> value = reduced(rows, columns, rowSpan, columnSpan, false);
  if (!value) {
    return std::nullopt;
  }
  reading.value = layerOf(settings) == Layer::MeanSquare ? std::sqrt(*value) : *value;
  const auto start = [&](std::int64_t cell) { return cell << reading.level; };
  reading.firstRow = start(rowSpan.first);
  reading.lastRow = start(rowSpan.second) + rows.extent(rowSpan.second) - 1;
  reading.firstColumn = start(columnSpan.first);
  reading.lastColumn = start(columnSpan.second) + columns.extent(columnSpan.second) - 1;
  bool isFirst = true;
  for (std::int64_t i = rowSpan.first; i <= rowSpan.second; ++i) {
    for (std::int64_t j = columnSpan.first; j <= columnSpan.second; ++j) {
      const CellIndex cell =
          pyramid.locatePeak(reading.level, i, j, settings.diagonal != DiagonalStyle::Hidden);
      if (cell.row < 0) {
        continue;
      }
      const float candidate = pyramid.matrix().at(cell.row, cell.column);
      const float winner = isFirst ? candidate : strongerOf(reading.strongestValue, candidate);
      if (isFirst || !(winner == reading.strongestValue ||
                       (std::isnan(winner) && std::isnan(reading.strongestValue)))) {
        reading.strongest = cell;
        reading.strongestValue = winner;
        isFirst = false;
      }
    }
  }
  return reading;
}

Viewport fittedViewport(std::int64_t rows, std::int64_t columns, int width, int height) {
  const double scale = std::max(static_cast<double>(columns) / std::max(width, 1),
                                static_cast<double>(rows) / std::max(height, 1));
  return {.row = (static_cast<double>(rows) - scale * height) / 2,
          .column = (static_cast<double>(columns) - scale * width) / 2,
          .cellsPerPixel = scale,
          .width = width,
          .height = height};
}

Viewport zoomed(const Viewport& viewport, double factor, double x, double y) {
  Viewport other = viewport;
  other.cellsPerPixel = viewport.cellsPerPixel / factor;
  other.row += y * (viewport.cellsPerPixel - other.cellsPerPixel);
  other.column += x * (viewport.cellsPerPixel - other.cellsPerPixel);
  return other;
}

}  // namespace barlow
