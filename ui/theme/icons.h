#pragma once

#include <QIcon>

namespace barlow::ui {

/// Line icons drawn at the size asked for, in the palette's text colour: they follow the theme.
enum class Icon { Start, Data, Augment, Train, Matrix, Evaluate, Folder, Run };
QIcon makeIcon(Icon icon);

/// The program's own icon: two overlapping views and a diagonal.
QIcon programIcon();

}  // namespace barlow::ui
