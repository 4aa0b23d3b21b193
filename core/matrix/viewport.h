#pragma once

#include "core/matrix/color_scale.h"
#include "core/matrix/pyramid.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace barlow {

/// What is shown of a matrix, in device pixels. Pixel (x, y) covers the source columns from
/// column + x cellsPerPixel and the source rows from row + y cellsPerPixel, so cells are square.
struct Viewport {
  double row = 0;  // source position of the upper edge; may be outside the matrix
  double column = 0;
  double cellsPerPixel = 1;  // above 0; below 1 magnifies
  int width = 0;
  int height = 0;
  bool operator==(const Viewport&) const = default;
};

/// What is shown of a reduced value. These re-colour only. Under Mean, Absolute and Square are
/// those of the mean.
enum class ValueTransform {
  Value,
  Absolute,          // |C|
  Square,            // C^2; under Rms the mean square
  LossContribution,  // (1 - C_ii)^2 on the diagonal, lambda C_ij^2 elsewhere (Eq. 1); Peak shows
                     // the largest of a cell, Mean and Rms the mean
};

enum class DiagonalStyle {
  Shown,
  Dimmed,  // a quarter of its colour
  Hidden,  // as if it were no part of its cell; a cell of nothing else has the colour `outside`
};

struct RenderSettings {
  Reduction reduction = Reduction::Peak;
  ValueTransform transform = ValueTransform::Value;
  DiagonalStyle diagonal = DiagonalStyle::Shown;
  int coarsestLevel =
      0;  // blocks of at least 2^this source cells, also where there is room for more
  ColorSettings color;
  bool operator==(const RenderSettings&) const = default;
};

/// The level of the pyramid that is drawn: the coarsest that gives at least one cell per pixel, or
/// settings.coarsestLevel if that is coarser.
int shownLevel(const MatrixPyramid& pyramid, double cellsPerPixel, int coarsestLevel = 0);

/// Draws the viewport into rows of 0xffRRGGBB, `stride` pixels apart. Where cells are no larger
/// than pixels, each cell of the shown level belongs to the one pixel that holds its centre, and a
/// pixel reduces its (one or two per axis) cells by the same rule: nothing falls between pixels, so
/// that under Peak every column of pixels shows the diagonal at every zoom and every offset.
/// Magnified cells are sharp: a pixel shows the cell at its centre. Blocks on at most `threads`
/// threads (2); the same pixels for any number. Throws Exception for settings that ColorScale
/// refuses, CheckFailure for a viewport without a positive finite scale or with more than 32768
/// pixels on a side.
void renderViewport(const MatrixPyramid& pyramid,
                    const Viewport& viewport,
                    const RenderSettings& settings,
                    std::uint32_t* pixels,
                    std::ptrdiff_t stride,
                    int threads = 1);

/// What stands behind one pixel.
struct PixelReading {
  int level = 0;
  std::int64_t firstRow = 0;  // source cells, both ends included
  std::int64_t lastRow = 0;
  std::int64_t firstColumn = 0;
  std::int64_t lastColumn = 0;
  float value = 0;      // reduced as drawn, before the transform
  CellIndex strongest;  // the source cell of largest |C| among them (without a hidden diagonal)
  float strongestValue = 0;
  bool isPooled() const { return firstRow != lastRow || firstColumn != lastColumn; }
};

/// Nothing outside the matrix, and where a hidden diagonal leaves no cell.
std::optional<PixelReading> readPixel(const MatrixPyramid& pyramid,
                                      const Viewport& viewport,
                                      const RenderSettings& settings,
                                      int x,
                                      int y);

/// The viewport that shows all of a matrix, centred.
Viewport fittedViewport(std::int64_t rows, std::int64_t columns, int width, int height);
/// The same with another scale, so that the source position under pixel position (x, y) stays.
Viewport zoomed(const Viewport& viewport, double factor, double x, double y);

}  // namespace barlow
