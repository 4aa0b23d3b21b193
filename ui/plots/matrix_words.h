#pragma once

#include "core/matrix/matrix_kinds.h"

#include <QString>

#include <cstdint>
#include <string>
#include <string_view>

namespace barlow::ui {

// The words of core/matrix/matrix_kinds.h in Qt's strings.
inline QString textOf(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}
inline QString textOf(std::string_view text, std::string_view what) {
  return QString::fromStdString(filledIn(text, what));
}
inline QString textOf(std::string_view text, std::int64_t index) {
  return textOf(text, std::string_view(std::to_string(index)));
}
/// "row 12, column 40", "image 3, prototype 8"
inline QString cellText(MatrixKind kind, const CellIndex& cell) {
  const std::string row = filledIn(wordsOf(kind).cell, std::to_string(cell.row));
  return QString::fromStdString(filledIn(row, std::to_string(cell.column)));
}

}  // namespace barlow::ui
