#pragma once

#include <QString>

class QApplication;

namespace barlow::ui {

/// A tool tip of several sentences: Qt breaks the lines of rich text only.
inline QString wrappedTip(const QString& text) {
  return QStringLiteral("<p>%1</p>").arg(text.toHtmlEscaped());
}

/// A tool tip that shows names, line by line as they are: Qt would take one with < in it for HTML.
inline QString plainTip(const QString& text) {
  return QStringLiteral("<p style='white-space:pre'>%1</p>").arg(text.toHtmlEscaped());
}

/// From now on every widget's long tool tip is wrapped like that. Once for the whole program.
void wrapToolTips(QApplication& application);

}  // namespace barlow::ui
