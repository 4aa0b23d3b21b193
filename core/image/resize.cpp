#include "core/image/resize.h"

#include "core/image/resample.h"

#include <algorithm>
#include <cmath>

namespace barlow {

RgbImage evaluationView(const RgbImage& image, int side) {
  if (image.width == side && image.height == side) {
    return image;
  }
  // F.resize: the short side is given, the long one follows in whole pixels.
  const int resized = side * 256 / 224;
  const int shorter = std::min(image.width, image.height);
  const auto longer = static_cast<int>(std::min(
      static_cast<double>(resized) * std::max(image.width, image.height) / shorter, 2147483647.0));
  const int width = image.width <= image.height ? resized : longer;
  const int height = image.width <= image.height ? longer : resized;
  // F.center_crop: Python's round(), halves to the even number.
  const PixelRect center{static_cast<int>(std::nearbyint((width - side) / 2.0)),
                         static_cast<int>(std::nearbyint((height - side) / 2.0)),
                         side,
                         side};
  return resampleWindow(image,
                        {0, 0, image.width, image.height},
                        width,
                        height,
                        center,
                        ResampleFilter::Bilinear,
                        passOrder(13, image.width, image.height, width, height));
}

RgbImage thumbnail(const RgbImage& image, int side) {
  const double scale = static_cast<double>(side) / std::max(image.width, image.height);
  const int width = std::max(1, static_cast<int>(std::lround(image.width * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(image.height * scale)));
  return resample(
      image, {0, 0, image.width, image.height}, width, height, ResampleFilter::Bilinear);
}

}  // namespace barlow
