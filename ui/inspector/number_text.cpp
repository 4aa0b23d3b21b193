#include "ui/inspector/number_text.h"

#include <QLocale>

#include <cmath>

namespace barlow::ui {

QString shortNumber(double value) {
  return std::isfinite(value) ? QLocale().toString(value, 'g', 4) : QStringLiteral("–");
}

QString fixedNumber(double value, int decimals) {
  return std::isfinite(value) ? QLocale().toString(value, 'f', decimals) : QStringLiteral("–");
}

QString wholeNumber(std::int64_t value) {
  return QLocale().toString(static_cast<qlonglong>(value));
}

QString exactNumber(float value) { return QString::number(static_cast<double>(value), 'g', 9); }

}  // namespace barlow::ui
