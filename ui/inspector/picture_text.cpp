#include "ui/inspector/picture_text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

int strideOf(const FramedPicture& picture) {
  return picture.width * static_cast<int>(sizeof(std::uint32_t));
}

}  // namespace

void drawPictureTexts(FramedPicture& picture, const QFont& font) {
  QImage image(reinterpret_cast<uchar*>(picture.pixels.data()),
               picture.width,
               picture.height,
               strideOf(picture),
               QImage::Format_RGB32);
  QPainter painter(&image);
  painter.setPen(QColor::fromRgb(kPictureInk));
  for (const PictureText& text : picture.texts) {
    QFont sized = font;
    sized.setPixelSize(std::max(1, static_cast<int>(std::lround(text.height))));
    painter.setFont(sized);
    const QString shown =
        QFontMetricsF(sized, &image)
            .elidedText(QString::fromStdString(text.text), Qt::ElideRight, text.width);
    painter.drawText(QRectF(text.x, text.y - text.height, text.width, 2 * text.height),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                     shown);
  }
}

QImage toQImage(const FramedPicture& picture) {
  return QImage(reinterpret_cast<const uchar*>(picture.pixels.data()),
                picture.width,
                picture.height,
                strideOf(picture),
                QImage::Format_RGB32)
      .copy();
}

}  // namespace barlow::ui
