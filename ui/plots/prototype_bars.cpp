#include "ui/plots/prototype_bars.h"

#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

QString whole(std::int64_t value) { return QLocale().toString(static_cast<qlonglong>(value)); }

}  // namespace

PrototypeBars::PrototypeBars(QWidget* parent)
    : QWidget(parent),
      note_(makeLabel({}, TextRole::Quiet, this)),
      sum_(makeLabel({}, TextRole::Quiet, this)) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("Use of the prototypes"));
  setToolTip(
      wrappedTip(tr("How many images of the batch are nearest to each prototype, the most used "
                    "first. Good is a low, wide flight of steps; one high bar is collapse. Click "
                    "on a bar, or press Enter, to see its images.")));
  note_->setObjectName(QStringLiteral("prototypeNote"));
  note_->setWordWrap(false);
  sum_->setObjectName(QStringLiteral("prototypeSum"));
  for (QLabel* label : {note_, sum_}) {
    label->setAttribute(Qt::WA_TransparentForMouseEvents);
  }
  auto* head = new QHBoxLayout;
  head->setSpacing(kGap);
  auto* title = new QLabel(tr("Prototype use"), this);
  QFont bold = font();
  bold.setWeight(QFont::DemiBold);
  title->setFont(bold);
  title->setAttribute(Qt::WA_TransparentForMouseEvents);
  head->addWidget(title);
  head->addStretch(1);
  head->addWidget(note_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(2, 2, 2, 2);
  column->setSpacing(2);
  column->addLayout(head);
  column->addStretch(1);
  column->addWidget(sum_);
  tell();
}

void PrototypeBars::setUse(std::vector<PrototypeUse> use,
                           std::int64_t images,
                           std::int64_t prototypes) {
  const std::int64_t before =
      selected_ < 0 ? -1 : use_[static_cast<std::size_t>(selected_)].prototype;
  use_ = std::move(use);
  images_ = images;
  prototypes_ = prototypes;
  hovered_ = -1;
  const auto found = std::find_if(
      use_.begin(), use_.end(), [&](const PrototypeUse& each) { return each.prototype == before; });
  selected_ = found == use_.end() ? -1 : static_cast<int>(found - use_.begin());
  tell();
}

void PrototypeBars::setEmptyText(const QString& text) {
  emptyText_ = text;
  tell();
}

QRect PrototypeBars::plot() const {
  const int top = note_->geometry().bottom() + 4;
  const int left = fontMetrics().horizontalAdvance(QStringLiteral("100 %")) + 6;
  return QRect(left, top, width() - left - 4, std::max(1, sum_->geometry().top() - 4 - top));
}

// Bars share the width; where there are more than pixels, several stand in one.
QPoint PrototypeBars::positionOf(int bar) const {
  const QRect area = plot();
  const auto count = std::max<std::int64_t>(1, static_cast<std::int64_t>(use_.size()));
  return {area.left() + static_cast<int>((2 * bar + 1) * std::int64_t{area.width()} / (2 * count)),
          area.bottom() - 1};
}

int PrototypeBars::barAt(const QPoint& position) const {
  const QRect area = plot();
  if (use_.empty() || !area.contains(position)) {
    return -1;
  }
  const auto count = static_cast<std::int64_t>(use_.size());
  return static_cast<int>((position.x() - area.left()) * count / area.width());
}

QString PrototypeBars::textOf(int bar) const {
  const PrototypeUse& each = use_[static_cast<std::size_t>(bar)];
  const double share = 100.0 * static_cast<double>(each.images) /
                       static_cast<double>(std::max<std::int64_t>(1, images_));
  return (each.images == 1 ? tr("prototype %1: %2 image, %3 %")
                           : tr("prototype %1: %2 images, %3 %"))
      .arg(whole(each.prototype), whole(each.images), QLocale().toString(share, 'f', 1));
}

void PrototypeBars::tell() {
  const int bar = hovered_ >= 0 ? hovered_ : selected_;
  note_->setText(bar >= 0 ? textOf(bar) : QString());
  const auto used = static_cast<std::int64_t>(use_.size());
  sum_->setText(
      use_.empty()
          ? QString()
          : tr("%1 of %2 prototypes are the nearest of some image; %3 are "
               "unused in this batch of %4.")
                .arg(whole(used), whole(prototypes_), whole(prototypes_ - used), whole(images_)));
  setAccessibleDescription(selected_ >= 0 ? textOf(selected_) : sum_->text());
  update();
}

void PrototypeBars::select(int bar) {
  if (use_.empty()) {
    return;
  }
  selected_ = std::clamp(bar, 0, static_cast<int>(use_.size()) - 1);
  hovered_ = -1;
  tell();
}

void PrototypeBars::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Colors& set = colors(palette());
  const QRect area = plot();
  if (use_.empty()) {
    painter.setPen(set.quiet);
    painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
    return;
  }
  const auto count = static_cast<std::int64_t>(use_.size());
  const double most = static_cast<double>(use_.front().images);
  const int floor = area.bottom();
  for (int x = 0; x < area.width(); ++x) {
    const auto bar = static_cast<int>(x * count / area.width());
    // A gap between bars that have the room for one.
    const bool isGap = count * 4 <= area.width() && x > 0 &&
                       static_cast<int>((x - 1) * count / area.width()) != bar;
    if (isGap) {
      continue;
    }
    const double share = static_cast<double>(use_[static_cast<std::size_t>(bar)].images) / most;
    const int height = std::max(2, static_cast<int>(share * (area.height() - 1)));
    painter.setPen(bar == selected_  ? palette().color(QPalette::WindowText)
                   : bar == hovered_ ? set.series2
                                     : set.accent);
    painter.drawLine(area.left() + x, floor, area.left() + x, floor - height + 1);
  }
  painter.setPen(set.line);
  painter.drawLine(area.left(), floor + 1, area.right(), floor + 1);
  painter.setPen(set.quiet);
  const QString top = QStringLiteral("%1 %").arg(QLocale().toString(
      100 * most / static_cast<double>(std::max<std::int64_t>(1, images_)), 'g', 2));
  painter.drawText(QRect(0, area.top(), area.left() - 4, fontMetrics().height()),
                   Qt::AlignRight | Qt::AlignTop,
                   top);
  painter.drawText(
      QRect(0, floor - fontMetrics().height(), area.left() - 4, fontMetrics().height()),
      Qt::AlignRight | Qt::AlignBottom,
      QStringLiteral("0"));
  if (hasFocus()) {
    painter.setPen(QPen(set.accent, 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

void PrototypeBars::mouseMoveEvent(QMouseEvent* event) {
  if (const int bar = barAt(event->pos()); bar != hovered_) {
    hovered_ = bar;
    tell();
  }
}

void PrototypeBars::mousePressEvent(QMouseEvent* event) {
  const int bar = barAt(event->pos());
  if (event->button() != Qt::LeftButton || bar < 0) {
    QWidget::mousePressEvent(event);
    return;
  }
  select(bar);
  Q_EMIT prototypeActivated(use_[static_cast<std::size_t>(bar)].prototype);
}

void PrototypeBars::leaveEvent(QEvent* event) {
  QWidget::leaveEvent(event);
  hovered_ = -1;
  tell();
}

void PrototypeBars::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
      select(selected_ - 1);
      return;
    case Qt::Key_Right:
      select(selected_ + 1);
      return;
    case Qt::Key_Home:
      select(0);
      return;
    case Qt::Key_End:
      select(static_cast<int>(use_.size()) - 1);
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (selected_ >= 0) {
        Q_EMIT prototypeActivated(use_[static_cast<std::size_t>(selected_)].prototype);
        return;
      }
      break;
    default:
      break;
  }
  QWidget::keyPressEvent(event);
}

void PrototypeBars::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void PrototypeBars::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace barlow::ui
