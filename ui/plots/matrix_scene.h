#pragma once

#include "core/matrix/viewport.h"
#include "ui/plots/matrix_frame.h"

#include <QImage>
#include <QPoint>

#include <memory>
#include <vector>

namespace barlow::ui {

/// How a second matrix is shown with the first.
enum class MatrixCompare {
  None,
  SplitVertical,    // the first left of a line, the second right of it
  SplitHorizontal,  // the first above a line
  Flicker,          // the second while showsSecond
  RedBlue,          // |first| orange, |second| blue, both alike gray to white, none black
};

/// What a canvas shows, apart from where it looks.
struct MatrixScene {
  std::shared_ptr<const MatrixPyramid> first;
  std::shared_ptr<const MatrixPyramid> second;  // null, or of the shape of the first
  RenderSettings settings;
  MatrixCompare compare = MatrixCompare::None;
  double split = 0.5;  // where the line stands, as a share of the picture
  bool showsSecond = false;

  /// None where there is no second matrix.
  MatrixCompare effectiveCompare() const;
  /// Device pixels of the picture that belong to the first matrix, along the split axis.
  int splitPixel(const Viewport& viewport) const;
  /// The matrix that a device pixel shows; the first one under RedBlue.
  const MatrixPyramid& at(const QPoint& pixel, const Viewport& viewport) const;
  /// The one that at() does not give; null where there is no second matrix.
  const MatrixPyramid* otherAt(const QPoint& pixel, const Viewport& viewport) const;
};

inline constexpr QRgb kOnlyFirst = 0xffff8000;  // colours of RedBlue for one matrix alone
inline constexpr QRgb kOnlySecond = 0xff0080ff;

/// The picture of a scene. Keeps its memory from frame to frame.
class MatrixRaster {
 public:
  /// One pixel per device pixel of the viewport. Needs scene.first.
  void draw(const MatrixScene& scene, const Viewport& viewport);
  /// Frames around cells, visible on every colour and at every scale: a cell that is too small for
  /// one gets it around its place. `ratio`: device pixels per pixel.
  void stampMarks(const std::vector<CellIndex>& cells, const Viewport& viewport, double ratio);
  const QImage& image() const { return image_; }

 private:
  void blend(const MatrixScene& scene, const Viewport& viewport);

  QImage image_;
  QImage scratch_;
};

}  // namespace barlow::ui
