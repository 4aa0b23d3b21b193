#pragma once

#include <QString>

namespace barlow::ui {

/// A tool tip of several sentences: Qt breaks the lines of rich text only.
inline QString wrappedTip(const QString& text) {
  return QStringLiteral("<p>%1</p>").arg(text.toHtmlEscaped());
}

}  // namespace barlow::ui
