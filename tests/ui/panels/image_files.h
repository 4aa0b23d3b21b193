#pragma once

#include <QFile>
#include <QImage>
#include <QString>
#include <gtest/gtest.h>

#include <filesystem>

namespace barlow::ui {

/// A picture of one colour, so that tests know what they look at.
inline void writeImage(const std::filesystem::path& path, QSize size, QColor color) {
  std::filesystem::create_directories(path.parent_path());
  QImage image(size, QImage::Format_RGB32);
  image.fill(color);
  ASSERT_TRUE(image.save(QString::fromStdString(path.string()), "PNG"));
}

/// Noise does not compress: such a file takes its time to decode.
inline void writeNoise(const std::filesystem::path& path, int side) {
  std::filesystem::create_directories(path.parent_path());
  QImage image(side, side, QImage::Format_RGB32);
  std::uint32_t state = 1;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      state = state * 1664525U + 1013904223U;
      image.setPixel(x, y, state >> 8);
    }
  }
  ASSERT_TRUE(image.save(QString::fromStdString(path.string()), "PNG"));
}

/// Leaves the header and the end as they are and spoils the pixels between.
inline void damage(const std::filesystem::path& path) {
  QFile file(QString::fromStdString(path.string()));
  ASSERT_TRUE(file.open(QIODevice::ReadWrite));
  file.seek(file.size() / 2);
  file.write(QByteArray(64, '\0'));
}

}  // namespace barlow::ui
