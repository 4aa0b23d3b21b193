#pragma once

#include "core/matrix/statistics.h"
#include "core/matrix/viewport.h"

namespace barlow::ui {

/// A histogram of C as one of what is shown of C. Bins go where their middle goes.
Histogram transformedHistogram(const Histogram& histogram,
                               ValueTransform transform,
                               double lambda,
                               CellPart part);
/// Limits for C as limits for what is shown of C; Fixed stays [-1, 1]. Beyond |C| = 1 too.
ColorLimits transformedLimits(const ColorLimits& limits, ValueTransform transform, double lambda);

}  // namespace barlow::ui
