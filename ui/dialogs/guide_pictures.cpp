#include "ui/dialogs/guide_pictures.h"

#include "core/base/rng.h"
#include "core/matrix/color_map.h"
#include "ui/theme/theme.h"

#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace barlow::ui {
namespace {

constexpr std::size_t kCells = 16;
constexpr int kSide = 96;  // of a drawing, in pixels
constexpr int kBetween = 24;

QImage matrixOf(const std::function<float(std::size_t row, std::size_t column)>& value) {
  QImage image(kCells, kCells, QImage::Format_RGB32);
  for (std::size_t row = 0; row < kCells; ++row) {
    for (std::size_t column = 0; column < kCells; ++column) {
      const Rgb color = divergingColor(value(row, column));
      image.setPixel(
          static_cast<int>(column), static_cast<int>(row), qRgb(color[0], color[1], color[2]));
    }
  }
  return image;
}

// Of the diagonal and of everything else, apart.
QImage matrixWith(float diagonal, float noise) {
  Rng rng(7);
  return matrixOf([&](std::size_t row, std::size_t column) {
    const auto draw = static_cast<float>(rng.uniform(-1, 1));
    return row == column ? diagonal : noise * draw;
  });
}

void drawMatrix(QPainter& painter, const QRect& place, const QImage& matrix, const Colors& set) {
  painter.drawImage(place, matrix);
  painter.setPen(set.line);
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(place);
}

void drawCurve(QPainter& painter, const QRect& place, double end, const Colors& set) {
  painter.setPen(QPen(set.series4, 1, Qt::DashLine));  // the floor
  painter.drawLine(place.left(), place.bottom() - 10, place.right(), place.bottom() - 10);
  QPolygonF curve;
  for (int x = 0; x <= place.width(); ++x) {
    const double along = std::exp(-4.0 * x / place.width());
    const double height = end + (1 - end) * along;
    curve << QPointF(place.left() + x, place.bottom() - 12 - height * (place.height() - 18));
  }
  painter.setPen(QPen(set.accent, 2));
  painter.drawPolyline(curve);
}

// One image and those nearest to it; a class has a shape and a colour.
void drawNeighbours(QPainter& painter, const QRect& place, int ofItsClass, const Colors& set) {
  constexpr std::array<std::array<int, 2>, 6> kPlaces = {
      {{-26, -8}, {-10, 24}, {18, 18}, {26, -12}, {2, -30}, {-30, 22}}};
  const QPoint center = place.center();
  painter.setPen(QPen(set.quiet, 1, Qt::DotLine));
  painter.setBrush(Qt::NoBrush);
  painter.drawEllipse(center, 44, 44);
  painter.setPen(Qt::NoPen);
  painter.setBrush(set.accent);
  painter.drawEllipse(center, 8, 8);
  for (std::size_t i = 0; i < kPlaces.size(); ++i) {
    const QPoint at = center + QPoint(kPlaces[i][0], kPlaces[i][1]);
    const bool isOfClass = static_cast<int>(i) < ofItsClass;
    painter.setBrush(isOfClass ? set.accent : set.series2);
    if (isOfClass) {
      painter.drawEllipse(at, 5, 5);
    } else {
      painter.drawRect(QRect(at - QPoint(5, 5), QSize(10, 10)));
    }
  }
}

void drawBars(QPainter& painter, const QRect& place, double fall, const Colors& set) {
  constexpr int kBars = 8;
  const int step = place.width() / kBars;
  painter.setPen(Qt::NoPen);
  painter.setBrush(set.accent);
  for (int i = 0; i < kBars; ++i) {
    const int height = std::max(2, static_cast<int>((place.height() - 4) * std::pow(fall, i)));
    painter.drawRect(place.left() + i * step, place.bottom() - height, step - 3, height);
  }
}

void drawView(QPainter& painter, const QRect& place, bool isGray) {
  const auto tone = [&](const char* name) {
    const QColor color(QLatin1String{name});
    return isGray ? QColor(qGray(color.rgb()), qGray(color.rgb()), qGray(color.rgb())) : color;
  };
  painter.fillRect(place, tone("#2f6f9f"));
  painter.setPen(Qt::NoPen);
  painter.setBrush(tone("#e8b04a"));
  const QRect shape = place.adjusted(22, 22, isGray ? -14 : -26, isGray ? -14 : -26);
  painter.drawEllipse(shape);
}

}  // namespace

// Untrained, all outputs follow the same few features of an image, so that rows and columns repeat
// each other; trained, the matrix is nearly the identity.
QImage drawnMatrix(bool isTrained) {
  Rng rng(5);
  const auto draw = [&] { return static_cast<float>(rng.uniform(-1, 1)); };
  std::array<float, kCells> first{};
  std::array<float, kCells> second{};
  std::generate(first.begin(), first.end(), draw);
  std::generate(second.begin(), second.end(), draw);
  return matrixOf([&](std::size_t row, std::size_t column) {
    const float shared = first[row] * first[column] + 0.6F * second[row] * second[column];
    return isTrained ? (row == column ? 0.97F : 0.12F * draw())
                     : (row == column ? 0.7F : 0.9F * shared + 0.1F * draw());
  });
}

QImage guidePicture(const QString& section, const QPalette& palette) {
  const Colors& set = colors(palette);
  QImage image(2 * kSide + kBetween + 2, kSide + 2, QImage::Format_RGB32);
  image.fill(set.surface);
  QPainter painter(&image);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRect left(0, 0, kSide, kSide);
  const QRect right(kSide + kBetween, 0, kSide, kSide);
  if (section == QLatin1String("matrix")) {
    drawMatrix(painter, left, drawnMatrix(false), set);
    drawMatrix(painter, right, drawnMatrix(true), set);
  } else if (section == QLatin1String("mean_diagonal")) {
    drawMatrix(painter, left, matrixWith(0.2F, 0.1F), set);
    drawMatrix(painter, right, matrixWith(0.97F, 0.1F), set);
  } else if (section == QLatin1String("rms_off_diagonal")) {
    drawMatrix(painter, left, matrixWith(0.97F, 0.8F), set);
    drawMatrix(painter, right, matrixWith(0.97F, 0.1F), set);
  } else if (section == QLatin1String("loss")) {
    drawCurve(painter, left, 0.6, set);
    drawCurve(painter, right, 0.02, set);
  } else if (section == QLatin1String("knn")) {
    drawNeighbours(painter, left, 2, set);
    drawNeighbours(painter, right, 6, set);
  } else if (section == QLatin1String("rank")) {
    drawBars(painter, left, 0.25, set);
    drawBars(painter, right, 0.94, set);
  } else if (section == QLatin1String("views")) {
    drawView(painter, left, true);
    drawView(painter, right, false);
  } else {
    return {};
  }
  return image;
}

}  // namespace barlow::ui
