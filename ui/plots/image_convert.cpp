#include "ui/plots/image_convert.h"

#include <cstring>

namespace barlow::ui {

QImage toQImage(const RgbImage& image) {
  QImage result(image.width, image.height, QImage::Format_RGB888);
  for (int y = 0; y < image.height; ++y) {
    std::memcpy(result.scanLine(y), image.row(y), static_cast<std::size_t>(image.width) * 3);
  }
  return result;
}

}  // namespace barlow::ui
