#pragma once

#include "core/matrix/viewport.h"

#include <cstdint>
#include <string>
#include <vector>

namespace barlow {

/// A matrix as a picture to take away: as shown, on white, with a colour bar at its right and a
/// caption below.
struct PictureRequest {
  Viewport viewport;        // as shown
  RenderSettings settings;  // as shown
  int factor = 1;        // 1 to 4 pixels of the picture, along each side, per pixel of `viewport`
  bool isFramed = true;  // with colour bar and caption; otherwise the matrix and nothing else
  double textScale = 1;  // device pixels per pixel of text on the screen of `viewport`
};
inline constexpr int kMostPictureFactor = 4;

/// One line of text, for whoever has fonts: it begins at x, its middle is at y, and it is cut at
/// `width`. In pixels.
struct PictureText {
  std::string text;
  double x = 0;
  double y = 0;
  double height = 0;  // of the font
  double width = 0;
};
inline constexpr std::uint32_t kPictureInk = 0xff202020;

struct FramedPicture {
  int width = 0;
  int height = 0;
  std::vector<std::uint32_t> pixels;  // [height, width] 0xffRRGGBB
  int left = 0;                       // where the matrix begins
  int top = 0;
  std::vector<PictureText> texts;  // not drawn yet
};

/// Blocks for about as long as a frame of that size. Throws Exception for a picture that would be
/// wider or higher than 32768 pixels, and as renderViewport() does; CheckFailure for another
/// factor.
FramedPicture drawPicture(const MatrixPyramid& pyramid,
                          const PictureRequest& request,
                          int threads = 1);

/// What a caption says: where the matrix is from, which part is shown, how cells are pooled and
/// coloured.
std::vector<std::string> captionParts(const MatrixPyramid& pyramid, const PictureRequest& request);

/// Values worth a tick on a colour bar, ascending: both limits, 0, and round numbers, no two of
/// them closer than `spacing`, a share of the bar's length.
std::vector<float> barTicks(const ColorScale& scale, double spacing);

}  // namespace barlow
