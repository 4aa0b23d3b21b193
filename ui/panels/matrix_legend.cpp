#include "ui/panels/matrix_legend.h"

#include "core/base/rng.h"
#include "core/matrix/color_map.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QImage>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace barlow::ui {
namespace {

constexpr std::size_t kCells = 16;
constexpr int kSide = 112;

// A drawing, not a result. Untrained, all outputs follow the same few features of an image, so that
// rows and columns repeat each other; trained, the matrix is nearly the identity.
QImage drawnMatrix(bool isTrained) {
  Rng rng(5);
  const auto draw = [&] { return static_cast<float>(rng.uniform(-1, 1)); };
  std::array<float, kCells> first{};
  std::array<float, kCells> second{};
  std::generate(first.begin(), first.end(), draw);
  std::generate(second.begin(), second.end(), draw);
  QImage image(kCells, kCells, QImage::Format_RGB32);
  for (std::size_t row = 0; row < kCells; ++row) {
    for (std::size_t column = 0; column < kCells; ++column) {
      const float shared = first[row] * first[column] + 0.6F * second[row] * second[column];
      const float value = isTrained ? (row == column ? 0.97F : 0.12F * draw())
                                    : (row == column ? 0.7F : 0.9F * shared + 0.1F * draw());
      const Rgb color = divergingColor(value);
      image.setPixel(
          static_cast<int>(column), static_cast<int>(row), qRgb(color[0], color[1], color[2]));
    }
  }
  return image;
}

class Drawing final : public QWidget {
 public:
  Drawing(const QImage& image, QWidget* parent) : QWidget(parent), image_(image) {
    setFixedSize(kSide + 2, kSide + 2);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.drawImage(rect().adjusted(1, 1, -1, -1), image_);
    painter.setPen(colors(palette()).line);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }

 private:
  QImage image_;
};

QLayout* makeDrawing(bool isTrained, const QString& caption, QWidget* parent) {
  auto* drawing = new Drawing(drawnMatrix(isTrained), parent);
  drawing->setAccessibleName(caption);
  auto* label = makeLabel(caption, TextRole::Quiet, parent);
  label->setWordWrap(false);
  auto* column = new QVBoxLayout;
  column->setSpacing(4);
  column->addWidget(drawing);
  column->addWidget(label, 0, Qt::AlignHCenter);
  return column;
}

}  // namespace

MatrixLegend::MatrixLegend(QWidget* parent) : QWidget(parent) {
  auto* drawings = new QHBoxLayout;
  drawings->setSpacing(kMargin);
  drawings->addLayout(makeDrawing(false, tr("Before training"), this));
  drawings->addLayout(makeDrawing(true, tr("After training"), this));
  drawings->addStretch(1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(makeLabel(tr("What the matrix shows"), TextRole::Heading, this));
  column->addLayout(drawings);
  column->addSpacing(kGap / 2);
  for (const QString& sentence :
       {tr("Every image is changed at random twice; the matrix correlates the network's outputs "
           "for the two views, dimension by dimension."),
        tr("The diagonal rises towards 1: both views of an image give the same output."),
        tr("Everything else falls towards 0: no dimension repeats what another one says.")}) {
    auto* label = new QLabel(sentence, this);
    label->setWordWrap(true);
    column->addWidget(label);
  }
  column->addStretch(1);
}

}  // namespace barlow::ui
