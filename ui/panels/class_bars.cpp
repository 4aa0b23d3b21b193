#include "ui/panels/class_bars.h"

#include "ui/theme/theme.h"

#include <QLocale>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>

namespace barlow::ui {
namespace {

constexpr int kBarHeight = 5;
constexpr int kMostHintedRows = 12;

}  // namespace

class ClassBars::Canvas final : public QWidget {
 public:
  using QWidget::QWidget;

  void setCounts(std::vector<ClassCount> counts) {
    counts_ = std::move(counts);
    most_ = 1;
    for (const ClassCount& count : counts_) {
      most_ = std::max(most_, count.images);
    }
    updateGeometry();
    update();
  }
  const std::vector<ClassCount>& counts() const { return counts_; }
  int rowHeight() const { return fontMetrics().height() + kBarHeight + kGap; }
  QSize sizeHint() const override { return {100, rowHeight() * static_cast<int>(counts_.size())}; }
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override {
    QPainter painter(this);
    const int last =
        std::min(static_cast<int>(counts_.size()) - 1, event->rect().bottom() / rowHeight());
    for (int row = event->rect().top() / rowHeight(); row <= last; ++row) {
      paintRow(painter, row, counts_[static_cast<std::size_t>(row)]);
    }
  }

 private:
  void paintRow(QPainter& painter, int row, const ClassCount& count) const {
    const Colors& tone = colors(palette());
    const int textHeight = fontMetrics().height();
    const QRect text(0, row * rowHeight(), width() - kGap, textHeight);
    const QString number = QLocale().toString(static_cast<qlonglong>(count.images));
    painter.setPen(tone.quiet);
    painter.drawText(text, Qt::AlignRight | Qt::AlignVCenter, number);
    const int room = text.width() - fontMetrics().horizontalAdvance(number) - kGap;
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(text,
                     Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(count.name, Qt::ElideRight, room));
    const QRect track(0, text.bottom() + 2, text.width(), kBarHeight);
    painter.fillRect(track, tone.line);
    const double share = static_cast<double>(count.images) / static_cast<double>(most_);
    painter.fillRect(QRect(track.topLeft(), QSize(qRound(track.width() * share), kBarHeight)),
                     tone.accent);
  }

  std::vector<ClassCount> counts_;
  std::int64_t most_ = 1;
};

ClassBars::ClassBars(QWidget* parent) : QScrollArea(parent), canvas_(new Canvas) {
  setWidget(canvas_);
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  // The window's colour, not that of lists: the bars belong to the column around them.
  viewport()->setAutoFillBackground(false);
  canvas_->setAutoFillBackground(false);
}

void ClassBars::setCounts(std::vector<ClassCount> counts) {
  QStringList words;
  for (const ClassCount& count : counts) {
    words << QStringLiteral("%1: %2").arg(count.name).arg(count.images);
  }
  setAccessibleDescription(words.join(QStringLiteral(", ")));
  canvas_->setCounts(std::move(counts));
  updateGeometry();
}

const std::vector<ClassCount>& ClassBars::counts() const { return canvas_->counts(); }

QSize ClassBars::sizeHint() const {
  const int rows = std::min(static_cast<int>(counts().size()), kMostHintedRows);
  return {240, rows * canvas_->rowHeight()};
}

QSize ClassBars::minimumSizeHint() const {
  const int rows = std::min(static_cast<int>(counts().size()), 3);
  return {120, rows * canvas_->rowHeight()};
}

}  // namespace barlow::ui
