#include "ui/panels/matrix_legend.h"

#include "ui/dialogs/guide_pictures.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QImage>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace barlow::ui {
namespace {

constexpr int kLeastSide = 112;

class Drawing final : public QWidget {
 public:
  Drawing(const QImage& image, QWidget* parent) : QWidget(parent), image_(image) {
    setFixedSize(kLeastSide, kLeastSide);
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

QLayout* makeColumn(QWidget* drawing, const QString& caption, QWidget* parent) {
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

MatrixLegend::MatrixLegend(QWidget* parent)
    : QWidget(parent),
      before_(new Drawing(drawnMatrix(false), this)),
      after_(new Drawing(drawnMatrix(true), this)) {
  auto* drawings = new QHBoxLayout;
  drawings->setSpacing(kMargin);
  drawings->addLayout(makeColumn(before_, tr("Before training"), this));
  drawings->addLayout(makeColumn(after_, tr("After training"), this));
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

void MatrixLegend::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  const int side = qMax(kLeastSide, (width() - kMargin) / 2);
  for (QWidget* drawing : {before_, after_}) {
    drawing->setFixedSize(side, side);
  }
}

}  // namespace barlow::ui
