#include "ui/evaluate/confusion_view.h"

#include "ui/evaluate/evaluation_text.h"
#include "ui/theme/mixed_color.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace barlow::ui {

ConfusionView::ConfusionView(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("confusionView"));
  setAccessibleName(tr("Confusion matrix: the class of images, and what they were taken for"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
}

void ConfusionView::setCounts(std::vector<std::vector<std::int64_t>> counts,
                              std::vector<QString> classes,
                              const QString& text) {
  const bool isSame = classes == classes_ && counts.size() == counts_.size();
  counts_ = std::move(counts);
  classes_ = std::move(classes);
  classes_.resize(counts_.size());
  text_ = text;
  totals_.clear();
  for (const auto& row : counts_) {
    totals_.push_back(std::accumulate(row.begin(), row.end(), std::int64_t{0}));
  }
  if (!isSame) {
    current_.reset();
  }
  update();
}

bool ConfusionView::hasNames() const {
  const double side = std::min(width(), height());
  return !counts_.empty() &&
         side * 0.75 / static_cast<double>(counts_.size()) >= fontMetrics().height();
}

double ConfusionView::nameWidth() const {
  if (!hasNames()) {
    return fontMetrics().height() + kGap / 2.0;
  }
  int widest = 0;
  for (const QString& name : classes_) {
    widest = std::max(widest, fontMetrics().horizontalAdvance(name));
  }
  return fontMetrics().height() + std::min<double>(widest, 110) + kGap;
}

QRectF ConfusionView::area() const {
  const double names = nameWidth();
  const double side = std::max(20.0, std::min(width() - names, height() - names) - 2);
  return {names, names, side, side};
}

double ConfusionView::cellSize() const {
  return area().width() / static_cast<double>(std::max<std::size_t>(1, counts_.size()));
}

QRectF ConfusionView::cellRect(const Cell& cell) const {
  const QRectF all = area();
  const double size = cellSize();
  return {all.left() + size * cell.predicted, all.top() + size * cell.actual, size, size};
}

std::optional<ConfusionView::Cell> ConfusionView::cellAt(const QPointF& position) const {
  const QRectF all = area();
  if (counts_.empty() || !all.contains(position)) {
    return std::nullopt;
  }
  const int last = classCount() - 1;
  return Cell{std::min(last, static_cast<int>((position.y() - all.top()) / cellSize())),
              std::min(last, static_cast<int>((position.x() - all.left()) / cellSize()))};
}

double ConfusionView::shareOf(const Cell& cell) const {
  const auto row = static_cast<std::size_t>(cell.actual);
  const std::int64_t total = totals_[row];
  return total > 0 ? static_cast<double>(counts_[row][static_cast<std::size_t>(cell.predicted)]) /
                         static_cast<double>(total)
                   : 0;
}

QString ConfusionView::cellText(const Cell& cell) const {
  const auto row = static_cast<std::size_t>(cell.actual);
  const auto column = static_cast<std::size_t>(cell.predicted);
  const QString count = QLocale().toString(static_cast<qlonglong>(counts_[row][column]));
  const QString total = QLocale().toString(static_cast<qlonglong>(totals_[row]));
  const QString share = percent(shareOf(cell));
  return cell.actual == cell.predicted
             ? tr("%1 recognised: %2 of %3 (%4)").arg(classes_[row], count, total, share)
             : tr("%1 taken for %2: %3 of %4 (%5)")
                   .arg(classes_[row], classes_[column], count, total, share);
}

void ConfusionView::drawNames(QPainter& painter) const {
  const QRectF all = area();
  const double size = cellSize();
  const double line = fontMetrics().height();
  const double room = all.left() - line - kGap / 2.0;
  painter.setPen(colors(palette()).quiet);
  painter.drawText(QRectF(all.left(), 0, all.width(), line), Qt::AlignLeft, tr("taken for"));
  painter.save();
  painter.rotate(-90);
  painter.drawText(QRectF(-all.bottom(), 0, all.height(), line), Qt::AlignRight, tr("class"));
  painter.restore();
  if (!hasNames()) {
    return;
  }
  painter.setPen(palette().color(QPalette::WindowText));
  for (int i = 0; i < classCount(); ++i) {
    const QString name = fontMetrics().elidedText(
        classes_[static_cast<std::size_t>(i)], Qt::ElideRight, static_cast<int>(room));
    painter.drawText(
        QRectF(line, all.top() + size * i, room, size), Qt::AlignRight | Qt::AlignVCenter, name);
    painter.save();
    painter.rotate(-90);
    painter.drawText(QRectF(-all.top() + kGap / 2.0, all.left() + size * i, room, size),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     name);
    painter.restore();
  }
}

void ConfusionView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Colors& tone = colors(palette());
  if (counts_.empty()) {
    painter.setPen(tone.quiet);
    painter.drawText(rect().adjusted(kMargin, kMargin, -kMargin, -kMargin),
                     Qt::AlignCenter | Qt::TextWordWrap,
                     text_);
    return;
  }
  const double size = cellSize();
  const bool hasNumbers = size >= fontMetrics().horizontalAdvance(QStringLiteral("000"));
  painter.fillRect(area(), tone.surface);
  for (int row = 0; row < classCount(); ++row) {
    for (int column = 0; column < classCount(); ++column) {
      const Cell cell{row, column};
      const std::int64_t count =
          counts_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
      if (count == 0) {
        continue;
      }
      const QRectF box = cellRect(cell);
      const double share = shareOf(cell);
      // Mistakes are few: their differences are seen by the root.
      const QColor color = mixedColor(
          tone.surface, row == column ? tone.accent : tone.series2, 0.1 + 0.9 * std::sqrt(share));
      painter.fillRect(box, color);
      if (hasNumbers) {
        const bool isLight = qGray(color.rgb()) > 140;
        painter.setPen(isLight ? Qt::black : Qt::white);
        painter.drawText(box, Qt::AlignCenter, QString::number(count));
      }
    }
  }
  painter.setPen(tone.line);
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(area());
  drawNames(painter);
  if (current_) {
    painter.setPen(QPen(palette().color(QPalette::WindowText), hasFocus() ? 2.5 : 1.5));
    painter.drawRect(cellRect(*current_).adjusted(0.5, 0.5, -0.5, -0.5));
  }
}

void ConfusionView::goTo(const Cell& cell) {
  current_ = cell;
  setAccessibleDescription(cellText(cell));
  QAccessibleEvent event(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&event);
  update();
}

void ConfusionView::mousePressEvent(QMouseEvent* event) {
  const auto cell = cellAt(event->position());
  if (event->button() == Qt::LeftButton && cell) {
    goTo(*cell);
    Q_EMIT cellChosen(cell->actual, cell->predicted);
  }
}

void ConfusionView::mouseMoveEvent(QMouseEvent* event) {
  setCursor(cellAt(event->position()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void ConfusionView::keyPressEvent(QKeyEvent* event) {
  if (counts_.empty()) {
    QWidget::keyPressEvent(event);
    return;
  }
  Cell cell = current_.value_or(Cell{});
  const int last = classCount() - 1;
  switch (event->key()) {
    case Qt::Key_Left:
      --cell.predicted;
      break;
    case Qt::Key_Right:
      ++cell.predicted;
      break;
    case Qt::Key_Up:
      --cell.actual;
      break;
    case Qt::Key_Down:
      ++cell.actual;
      break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      goTo(cell);
      Q_EMIT cellChosen(cell.actual, cell.predicted);
      return;
    default:
      QWidget::keyPressEvent(event);
      return;
  }
  goTo(current_ ? Cell{std::clamp(cell.actual, 0, last), std::clamp(cell.predicted, 0, last)}
                : Cell{});
}

bool ConfusionView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto cell = cellAt(help->pos());
    QToolTip::showText(help->globalPos(), cell ? cellText(*cell) : QString(), this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace barlow::ui
