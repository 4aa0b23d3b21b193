#pragma once

#include "core/base/rgb_image.h"

#include <QImage>

namespace barlow::ui {

/// A copy as a Qt image, RGB888.
QImage toQImage(const RgbImage& image);

}  // namespace barlow::ui
