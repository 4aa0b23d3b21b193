#pragma once

#include "app/bench/measure.h"

namespace barlow::bench {

/// QCustomPlot's QCPColorMap with the same matrices as ours: first draw, redraw after one changed
/// cell, pan by 5 cells, and how much of the diagonal it shows. Needs a QApplication.
void measureColorMap(std::int64_t d, const Setting& setting);

}  // namespace barlow::bench
