#pragma once

#include <QImage>
#include <QPalette>
#include <QString>

namespace barlow::ui {

/// What the correlation matrix looks like before training and after it: a drawing of 16 x 16 cells,
/// not a result.
QImage drawnMatrix(bool isTrained);

/// The drawing beside a section of the guide: "matrix", "loss", "mean_diagonal",
/// "rms_off_diagonal", "knn", "rank", "views"; left what is poor, right what is good. Null for any
/// other name.
QImage guidePicture(const QString& section, const QPalette& palette);

}  // namespace barlow::ui
