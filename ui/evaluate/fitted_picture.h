#pragma once

#include "core/studio/dataset_browser.h"
#include "ui/plots/image_convert.h"

#include <QImage>

#include <algorithm>

namespace barlow::ui {

/// An image made to fit into side x side pixels. Small ones grow by whole factors, so that their
/// pixels stay what they are.
inline QImage fittedPicture(const QImage& image, int side) {
  const int longest = std::max(image.width(), image.height());
  if (longest == 0) {
    return {};
  }
  return longest > side ? image.scaled(side, side, Qt::KeepAspectRatio, Qt::SmoothTransformation)
                        : image.scaled(image.size() * std::max(1, side / longest));
}

/// Of a data set; null where it cannot be read. Any thread.
inline QImage fittedPicture(const DatasetBrowser& images, std::int64_t sample, int side) {
  const auto image = images.thumbnail(sample, side);
  return image ? fittedPicture(toQImage(*image), side) : QImage();
}

}  // namespace barlow::ui
