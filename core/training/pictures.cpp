#include "core/training/pictures.h"

#include "core/matrix/viewport.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace barlow {
namespace {

constexpr std::uint8_t kPaper = 255;
const cv::Scalar kInk(40, 40, 40);
constexpr int kWithinPair = 4;
constexpr int kBetweenPairs = 16;
constexpr int kSmallestView = 64;

// Where the pairs stand on their sheet, in pixels.
struct PairSheet {
  explicit PairSheet(int side)
      : factor(std::max(1, (kSmallestView + side - 1) / side)),
        cell(side * factor),
        columnStep(2 * cell + kWithinPair + kBetweenPairs),
        rowStep(cell + kBetweenPairs) {}
  int factor;
  int cell;
  int columnStep;
  int rowStep;
};

RgbImage blank(int width, int height) {
  RgbImage image(width, height);
  std::fill(image.pixels.begin(), image.pixels.end(), kPaper);
  return image;
}

cv::Mat matOf(RgbImage& image) { return {image.height, image.width, CV_8UC3, image.pixels.data()}; }

using Rgb = std::array<std::uint8_t, 3>;

Rgb rgbOf(std::uint32_t color) {
  return {static_cast<std::uint8_t>(color >> 16),
          static_cast<std::uint8_t>(color >> 8),
          static_cast<std::uint8_t>(color)};
}

void setPixel(RgbImage& image, int x, int y, const Rgb& color) {
  std::copy(color.begin(), color.end(), image.row(y) + 3 * x);
}

Rgb pixelAt(const RgbImage& image, int x, int y) {
  const std::uint8_t* pixel = image.row(y) + 3 * x;
  return {pixel[0], pixel[1], pixel[2]};
}

// Copies `view`, every pixel `factor` wide and high.
void paste(RgbImage& target, const RgbImage& view, int left, int top, int factor) {
  for (int y = 0; y < view.height * factor; ++y) {
    const std::uint8_t* source = view.row(y / factor);
    for (int x = 0; x < view.width * factor; ++x) {
      const std::uint8_t* pixel = source + 3 * (x / factor);
      std::copy(pixel, pixel + 3, target.row(top + y) + 3 * (left + x));
    }
  }
}

}  // namespace

RgbImage drawMatrix(const MatrixPyramid& matrix, int size) {
  constexpr int kMargin = 16;
  constexpr int kBar = 18;
  constexpr int kLabels = 44;
  const std::int64_t side = std::max(matrix.matrix().rows(), matrix.matrix().columns());
  const int drawn = side < size ? static_cast<int>(size / side * side) : size;
  RgbImage image = blank(kMargin + drawn + kMargin + kBar + kLabels, drawn + 2 * kMargin);
  std::vector<std::uint32_t> pixels(static_cast<std::size_t>(drawn) *
                                    static_cast<std::size_t>(drawn));
  RenderSettings settings;
  settings.color.outside = 0xffffffff;
  renderViewport(
      matrix,
      {.cellsPerPixel = static_cast<double>(side) / drawn, .width = drawn, .height = drawn},
      settings,
      pixels.data(),
      drawn);
  for (int y = 0; y < drawn; ++y) {
    for (int x = 0; x < drawn; ++x) {
      setPixel(image,
               kMargin + x,
               kMargin + y,
               rgbOf(pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(drawn) +
                            static_cast<std::size_t>(x)]));
    }
  }
  const ColorScale scale(settings.color);
  const int barLeft = 2 * kMargin + drawn;
  for (int y = 0; y < drawn; ++y) {
    const float value =
        1.0f - 2.0f * static_cast<float>(y) / static_cast<float>(std::max(1, drawn - 1));
    for (int x = 0; x < kBar; ++x) {
      setPixel(image, barLeft + x, kMargin + y, rgbOf(scale.color(value)));
    }
  }
  cv::Mat canvas = matOf(image);
  cv::rectangle(canvas, {kMargin - 1, kMargin - 1, drawn + 2, drawn + 2}, kInk);
  cv::rectangle(canvas, {barLeft - 1, kMargin - 1, kBar + 2, drawn + 2}, kInk);
  const std::array<std::pair<const char*, int>, 3> labels = {
      {{"+1", kMargin + 8}, {"0", kMargin + drawn / 2 + 4}, {"-1", kMargin + drawn}}};
  for (const auto& [text, y] : labels) {
    cv::putText(canvas,
                text,
                {barLeft + kBar + 6, y},
                cv::FONT_HERSHEY_SIMPLEX,
                0.45,
                kInk,
                1,
                cv::LINE_AA);
  }
  return image;
}

RgbImage drawViewPairs(std::span<const ViewPair> pairs) {
  constexpr int kColumns = 4;
  if (pairs.empty()) {
    return blank(kSmallestView, kSmallestView);
  }
  const PairSheet sheet(pairs.front().a.width);
  const int columns = std::min(kColumns, static_cast<int>(pairs.size()));
  const int rows = (static_cast<int>(pairs.size()) + columns - 1) / columns;
  RgbImage image =
      blank(kBetweenPairs + columns * sheet.columnStep, kBetweenPairs + rows * sheet.rowStep);
  for (int i = 0; i < static_cast<int>(pairs.size()); ++i) {
    const int left = kBetweenPairs + i % columns * sheet.columnStep;
    const int top = kBetweenPairs + i / columns * sheet.rowStep;
    const ViewPair& pair = pairs[static_cast<std::size_t>(i)];
    paste(image, pair.a, left, top, sheet.factor);
    paste(image, pair.b, left + sheet.cell + kWithinPair, top, sheet.factor);
  }
  return image;
}

std::vector<ViewPair> viewPairsOn(const RgbImage& sheet, int side) {
  std::vector<ViewPair> pairs;
  if (side < 1) {
    return pairs;
  }
  const PairSheet layout(side);
  const auto viewAt = [&](int left, int top) {
    RgbImage view(side, side);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        setPixel(view, x, y, pixelAt(sheet, left + x * layout.factor, top + y * layout.factor));
      }
    }
    return view;
  };
  for (int top = kBetweenPairs; top + layout.rowStep <= sheet.height; top += layout.rowStep) {
    for (int left = kBetweenPairs; left + layout.columnStep <= sheet.width;
         left += layout.columnStep) {
      ViewPair pair{
          .sample = -1, .a = viewAt(left, top), .b = viewAt(left + layout.cell + kWithinPair, top)};
      if (pair.a.pixels != blank(side, side).pixels) {  // the last row may be short
        pairs.push_back(std::move(pair));
      }
    }
  }
  return pairs;
}

}  // namespace barlow
