#include "core/image/resize.h"

#include "core/image/resample.h"

#include <algorithm>
#include <cmath>

namespace barlow {

RgbImage evaluationView(const RgbImage& image, int side) {
  if (image.width == side && image.height == side) {
    return image;
  }
  // torchvision: Resize(side * 256 / 224), CenterCrop(side). Done at once: the centre square of the
  // source that the crop would keep is cut out and resized.
  const double shorter = std::min(image.width, image.height);
  const int kept = std::clamp(
      static_cast<int>(std::lround(shorter * 224.0 / 256.0)), 1, static_cast<int>(shorter));
  const PixelRect center{(image.width - kept) / 2, (image.height - kept) / 2, kept, kept};
  return resample(image, center, side, side, ResampleFilter::Bilinear);
}

RgbImage thumbnail(const RgbImage& image, int side) {
  const double scale = static_cast<double>(side) / std::max(image.width, image.height);
  const int width = std::max(1, static_cast<int>(std::lround(image.width * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(image.height * scale)));
  return resample(
      image, {0, 0, image.width, image.height}, width, height, ResampleFilter::Bilinear);
}

}  // namespace barlow
