#include "ui/inspector/number_box.h"

#include <QLocale>

namespace barlow::ui {
namespace {

// What is typed, without the unit.
QString bare(QString text, const QDoubleSpinBox& box) {
  if (!box.suffix().isEmpty() && text.endsWith(box.suffix())) {
    text.chop(box.suffix().size());
  }
  return text.trimmed();
}

}  // namespace

NumberBox::NumberBox(double least, double most, QWidget* parent) : QDoubleSpinBox(parent) {
  setDecimals(9);
  setRange(least, most);
  setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  setKeyboardTracking(false);
}

QString NumberBox::textFromValue(double value) const { return locale().toString(value, 'g', 5); }

double NumberBox::valueFromText(const QString& text) const {
  return locale().toDouble(bare(text, *this));
}

QValidator::State NumberBox::validate(QString& text, int&) const {
  bool isNumber = false;
  const double value = locale().toDouble(bare(text, *this), &isNumber);
  return isNumber && value >= minimum() && value <= maximum() ? QValidator::Acceptable
                                                              : QValidator::Intermediate;
}

// Room for "-0.0051", however large the limits are.
QSize NumberBox::sizeHint() const {
  const int digits = fontMetrics().horizontalAdvance(QStringLiteral("-0.00518"));
  return {digits + 30, QDoubleSpinBox::sizeHint().height()};
}

QSize NumberBox::minimumSizeHint() const { return sizeHint(); }

}  // namespace barlow::ui
