#include "core/recording/pictures.h"

#include "core/matrix/viewport.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace barlow {
namespace {

constexpr std::uint8_t kPaper = 255;
const cv::Scalar kInk(40, 40, 40);
constexpr int kWithin = 4;    // pixels between the views of an image
constexpr int kBetween = 16;  // and between images
constexpr int kSmallestView = 64;

// Where views stand on their sheet, in pixels.
class ViewSheet {
 public:
  ViewSheet(int side, int crops, int cropSide)
      : factor_(std::max(1, (kSmallestView + side - 1) / side)),
        cell_(side * factor_),
        crop_(crops > 0 ? cropSide * factor_ : 0),
        cropsInRow_(std::max(1, (2 * cell_ + 2 * kWithin) / (crop_ + kWithin))),
        width_(std::max(2 * cell_ + kWithin, crop_)),
        height_(cell_ + (crops + cropsInRow_ - 1) / cropsInRow_ * (crop_ + kWithin)) {}

  int factor() const { return factor_; }
  int columnStep() const { return width_ + kBetween; }
  int rowStep() const { return height_ + kBetween; }
  // Of a view, from the corner of its image's place.
  int left(std::size_t view) const {
    return view < 2 ? static_cast<int>(view) * (cell_ + kWithin)
                    : static_cast<int>(view - 2) % cropsInRow_ * (crop_ + kWithin);
  }
  int top(std::size_t view) const {
    return view < 2
               ? 0
               : cell_ + kWithin + static_cast<int>(view - 2) / cropsInRow_ * (crop_ + kWithin);
  }

 private:
  int factor_;
  int cell_;
  int crop_;
  int cropsInRow_;
  int width_;
  int height_;
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

RgbImage drawSampleViews(std::span<const SampleViews> samples) {
  constexpr int kColumns = 4;
  if (samples.empty()) {
    return blank(kSmallestView, kSmallestView);
  }
  const auto& first = samples.front().views;
  const ViewSheet sheet(
      first.front().image.width, static_cast<int>(first.size()) - 2, first.back().image.width);
  const int columns = std::min(kColumns, static_cast<int>(samples.size()));
  const int rows = (static_cast<int>(samples.size()) + columns - 1) / columns;
  RgbImage image =
      blank(kBetween + columns * sheet.columnStep(), kBetween + rows * sheet.rowStep());
  for (int i = 0; i < static_cast<int>(samples.size()); ++i) {
    const int left = kBetween + i % columns * sheet.columnStep();
    const int top = kBetween + i / columns * sheet.rowStep();
    const auto& views = samples[static_cast<std::size_t>(i)].views;
    for (std::size_t view = 0; view < views.size(); ++view) {
      paste(
          image, views[view].image, left + sheet.left(view), top + sheet.top(view), sheet.factor());
    }
  }
  return image;
}

std::vector<SampleViews> sampleViewsOn(const RgbImage& sheet, int side, int crops, int cropSide) {
  std::vector<SampleViews> samples;
  if (side < 1 || crops < 0 || (crops > 0 && cropSide < 1)) {
    return samples;
  }
  const ViewSheet layout(side, crops, cropSide);
  const auto viewAt = [&](int left, int top, int own) {
    RgbImage view(own, own);
    for (int y = 0; y < own; ++y) {
      for (int x = 0; x < own; ++x) {
        setPixel(view, x, y, pixelAt(sheet, left + x * layout.factor(), top + y * layout.factor()));
      }
    }
    return view;
  };
  for (int top = kBetween; top + layout.rowStep() <= sheet.height; top += layout.rowStep()) {
    for (int left = kBetween; left + layout.columnStep() <= sheet.width;
         left += layout.columnStep()) {
      SampleViews sample{.sample = -1, .views = {}};
      for (std::size_t view = 0; view < 2 + static_cast<std::size_t>(crops); ++view) {
        sample.views.push_back(
            {.image = viewAt(
                 left + layout.left(view), top + layout.top(view), view < 2 ? side : cropSide),
             .plan = {}});
      }
      if (sample.views[0].image.pixels != blank(side, side).pixels) {  // the last row may be short
        samples.push_back(std::move(sample));
      }
    }
  }
  return samples;
}

}  // namespace barlow
