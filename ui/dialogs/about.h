#pragma once

#include <QStringList>

class QWidget;

namespace barlow::ui {

/// Program, version, licence, and the licences of what it is built from. Does not block: the box is
/// deleted when it is closed.
void showAboutBox(QWidget* parent);

/// Lines of "shortcut TAB what it does" in two columns, and headings without a TAB. Does not
/// block.
void showShortcutSheet(QWidget* parent, const QStringList& lines);

}  // namespace barlow::ui
