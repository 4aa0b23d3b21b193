#pragma once

#include <QString>
#include <QStringList>

class QWidget;

namespace barlow::ui {

/// The guide: what the matrix and every number of the Train workspace mean, with a picture, what is
/// good, and what to do where it is not. Opens at `section` (guideSections()) or at the beginning.
/// Does not block: the window is deleted when it is closed.
void showGuide(QWidget* parent, const QString& section = {});

/// "matrix", "views", "loss", "diagonal", "off-diagonal", "knn", "rank", "words".
QStringList guideSections();

}  // namespace barlow::ui
