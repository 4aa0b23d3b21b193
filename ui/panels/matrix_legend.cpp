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

constexpr int kLeastSide = 48;

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
      after_(new Drawing(drawnMatrix(true), this)),
      drawings_(new QWidget(this)),
      words_(new QWidget(this)) {
  auto* drawings = new QHBoxLayout(drawings_);
  drawings->setContentsMargins(0, 0, 0, 0);
  drawings->setSpacing(kMargin);
  drawings->addLayout(makeColumn(before_, tr("Before training"), drawings_));
  drawings->addLayout(makeColumn(after_, tr("After training"), drawings_));
  drawings->addStretch(1);
  auto* column = new QVBoxLayout(this);
  column->setSizeConstraint(QLayout::SetNoConstraint);  // pictures give way
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(makeLabel(tr("What the matrix shows"), TextRole::Heading, this));
  column->addWidget(drawings_);
  auto* words = new QVBoxLayout(words_);
  words->setContentsMargins(0, kGap / 2, 0, 0);
  words->setSpacing(kGap);
  for (const QString& sentence :
       {tr("Every image is changed at random twice; the matrix correlates the network's outputs "
           "for the two views, dimension by dimension."),
        tr("The diagonal rises towards 1: both views of an image give the same output."),
        tr("Everything else falls towards 0: no dimension repeats what another one says.")}) {
    auto* label = new QLabel(sentence, words_);
    label->setWordWrap(true);
    words->addWidget(label);
  }
  column->addWidget(words_);
  column->addStretch(1);
}

QSize MatrixLegend::minimumSizeHint() const {
  return {2 * kLeastSide + kMargin, words_->minimumSizeHint().height() + fontMetrics().height()};
}

// The sentences come first: in a low window there is no room for the pictures.
void MatrixLegend::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  const int heading = 3 * fontMetrics().height() + 3 * kGap;  // and the captions
  const int room = height() - words_->heightForWidth(width()) - heading;
  const int side = qMin((width() - kMargin) / 2, room);
  drawings_->setVisible(side >= kLeastSide);
  for (QWidget* drawing : {before_, after_}) {
    drawing->setFixedSize(qMax(side, kLeastSide), qMax(side, kLeastSide));
  }
}

}  // namespace barlow::ui
