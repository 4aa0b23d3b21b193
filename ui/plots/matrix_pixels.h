#pragma once

#include "core/report/snapshot.h"

#include <QImage>
#include <QRectF>
#include <QSize>

#include <cstdint>

namespace barlow::ui {

/// How several matrix entries become one value: the signed value of largest magnitude, the mean,
/// the root of the mean square.
enum class MatrixReduction { Peak, Mean, Rms };

/// The block of the picture that holds matrix entry `entry`.
std::int64_t blockOf(const MatrixPicture& picture, std::int64_t entry);
/// The picture's value of block (row, column).
float blockValue(const MatrixPicture& picture,
                 MatrixReduction reduction,
                 std::int64_t row,
                 std::int64_t column);
/// `entries` (x by column j, y by row i) as an image of this size in device pixels. A pixel that
/// covers several blocks reduces them by the same rule, so that a diagonal never falls between
/// pixels; a block that covers several pixels is sharp.
QImage matrixPixels(const MatrixPicture& picture,
                    MatrixReduction reduction,
                    const QRectF& entries,
                    const QSize& pixels);

}  // namespace barlow::ui
