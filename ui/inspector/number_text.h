#pragma once

#include <QString>

#include <cstdint>

namespace barlow::ui {

/// Numbers as a person reads them, in the user's locale; "–" for what is not finite.
QString shortNumber(double value);  // four digits
QString fixedNumber(double value, int decimals);
QString wholeNumber(std::int64_t value);  // 16,384

/// The same number for files and the clipboard: no locale, all digits of a float.
QString exactNumber(float value);

}  // namespace barlow::ui
