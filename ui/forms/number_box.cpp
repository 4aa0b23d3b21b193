#include "ui/forms/number_box.h"

#include <QLocale>

#include <cmath>

namespace barlow::ui {
namespace {

constexpr char16_t kMinus = 0x2212;
constexpr char16_t kArabicPoint = 0x066B;

// A number's text as C has it; nothing where a character or a second separator has no place.
std::optional<QString> inC(const QString& text) {
  QString plain;
  for (const QChar c : text.trimmed()) {
    if (c.digitValue() >= 0) {
      plain += QChar(u'0' + c.digitValue());
    } else if (c == u',' || c == u'.' || c == kArabicPoint) {
      if (plain.contains(u'.')) {
        return std::nullopt;
      }
      plain += u'.';
    } else if (c == u'-' || c == kMinus) {
      plain += u'-';
    } else if (c == u'+' || c == u'e' || c == u'E') {
      plain += c;
    } else {
      return std::nullopt;
    }
  }
  return plain;
}

// What is typed, without the unit.
template <class Box>
QString bare(QString text, const Box& box) {
  if (!box.suffix().isEmpty() && text.endsWith(box.suffix())) {
    text.chop(box.suffix().size());
  }
  return text;
}

std::optional<int> wholeOf(const QString& text) {
  const auto plain = inC(text);
  bool isWhole = false;
  const int value = plain ? plain->toInt(&isWhole) : 0;
  return isWhole ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<double> numberOf(const QString& text) {
  const auto plain = inC(text);
  bool isNumber = false;
  const double value = plain ? plain->toDouble(&isNumber) : 0;
  return isNumber && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

QString plainNumber(const QString& text) { return numberOf(text) ? *inC(text) : text; }

NumberBox::NumberBox(double least, double most, QWidget* parent) : QDoubleSpinBox(parent) {
  setDecimals(9);
  setRange(least, most);
  setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  setKeyboardTracking(false);
}

// The locale's own text would have separators of thousands.
QString NumberBox::textFromValue(double value) const {
  return QString::number(value, 'g', 5).replace(QLatin1Char('.'), locale().decimalPoint());
}

double NumberBox::valueFromText(const QString& text) const {
  return numberOf(bare(text, *this)).value_or(value());
}

QValidator::State NumberBox::validate(QString& text, int&) const {
  const auto number = numberOf(bare(text, *this));
  return number && *number >= minimum() && *number <= maximum() ? QValidator::Acceptable
                                                                : QValidator::Intermediate;
}

void NumberBox::fixup(QString&) const {}  // Qt's drops separators of thousands

// Room for "-0.0051", however large the limits are.
QSize NumberBox::sizeHint() const {
  const int digits = fontMetrics().horizontalAdvance(QStringLiteral("-0.00518"));
  return {digits + 30, QDoubleSpinBox::sizeHint().height()};
}

QSize NumberBox::minimumSizeHint() const { return sizeHint(); }

// The first digits of a text that turns out to be no number would be taken otherwise.
WholeBox::WholeBox(QWidget* parent) : QSpinBox(parent) { setKeyboardTracking(false); }

QString WholeBox::textFromValue(int value) const { return QString::number(value); }

int WholeBox::valueFromText(const QString& text) const {
  return wholeOf(bare(text, *this)).value_or(value());
}

QValidator::State WholeBox::validate(QString& text, int&) const {
  const auto number = wholeOf(bare(text, *this));
  return number && *number >= minimum() && *number <= maximum() ? QValidator::Acceptable
                                                                : QValidator::Intermediate;
}

void WholeBox::fixup(QString&) const {}

}  // namespace barlow::ui
