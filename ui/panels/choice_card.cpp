#include "ui/panels/choice_card.h"

#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QPainter>

namespace barlow::ui {
namespace {

constexpr int kIconSide = 32;
constexpr int kMostHeight = 10'000;

}  // namespace

ChoiceCard::ChoiceCard(Icon icon, const QString& title, const QString& sentence, QWidget* parent)
    : QAbstractButton(parent), sentence_(sentence) {
  setText(title);
  setIcon(makeIcon(icon));
  setAccessibleName(title);
  setAccessibleDescription(sentence);
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setAttribute(Qt::WA_Hover);
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void ChoiceCard::setPrimary() {
  isPrimary_ = true;
  update();
}

QFont ChoiceCard::titleFont() const {
  QFont larger = font();
  larger.setPointSizeF(larger.pointSizeF() * 1.2);
  larger.setWeight(QFont::DemiBold);
  return larger;
}

QRect ChoiceCard::sentenceRect(int width) const {
  const int left = kMargin + kIconSide + kWideGap;
  const int top = kMargin + QFontMetrics(titleFont()).height() + kGap / 2;
  const QRect room(left, top, qMax(40, width - left - kMargin), kMostHeight);
  return fontMetrics().boundingRect(room, Qt::AlignLeft | Qt::TextWordWrap, sentence_);
}

int ChoiceCard::heightForWidth(int width) const { return sentenceRect(width).bottom() + kMargin; }

QSize ChoiceCard::sizeHint() const { return {340, heightForWidth(340)}; }

QSize ChoiceCard::minimumSizeHint() const { return {220, heightForWidth(220)}; }

void ChoiceCard::paintEvent(QPaintEvent*) {
  const Colors& tone = colors(palette());
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool isLit = underMouse() || hasFocus();
  const double pen = hasFocus() ? 2 : 1;
  QColor ground = tone.surface;
  if (isDown()) {
    ground = palette().color(QPalette::AlternateBase);
  }
  painter.setPen(QPen(isLit || isPrimary_ ? tone.accent : tone.line, pen));
  painter.setBrush(ground);
  painter.drawRoundedRect(QRectF(rect()).adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2), 6, 6);

  icon().paint(&painter, QRect(kMargin, kMargin, kIconSide, kIconSide));
  const QRect words = sentenceRect(width());
  painter.setFont(titleFont());
  painter.setPen(isPrimary_ ? tone.accent : palette().color(QPalette::WindowText));
  painter.drawText(QRect(words.left(), kMargin, width() - words.left() - kMargin, kMostHeight),
                   Qt::AlignLeft | Qt::AlignTop,
                   text());
  painter.setFont(font());
  painter.setPen(tone.quiet);
  painter.drawText(QRect(words.topLeft(), QSize(width() - words.left() - kMargin, kMostHeight)),
                   Qt::AlignLeft | Qt::TextWordWrap,
                   sentence_);
}

// Return presses it as Space does: these are the first things a person reaches by Tab.
void ChoiceCard::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    click();
    return;
  }
  QAbstractButton::keyPressEvent(event);
}

}  // namespace barlow::ui
