#pragma once

#include "core/matrix/framed_picture.h"

#include <QFont>
#include <QImage>

namespace barlow::ui {

/// Draws a picture's texts into its pixels, those that are too long cut with dots. Any thread.
void drawPictureTexts(FramedPicture& picture, const QFont& font);

/// A copy, RGB32.
QImage toQImage(const FramedPicture& picture);

}  // namespace barlow::ui
