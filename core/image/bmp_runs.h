#pragma once

#include "core/report/scan_report.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace barlow {

/// The palette's numbers [height, width] of a bitmap in runs, rows in the file's order; `isHalf`:
/// of four bits (RLE4), else of eight (RLE8). What the runs pass over is 0. Nothing where a run
/// leaves its row, or where the file ends before the last row and without the mark of the end.
std::optional<std::vector<std::uint8_t>> expandBmpRuns(std::span<const std::byte> runs,
                                                       const PixelSize& size,
                                                       bool isHalf);

}  // namespace barlow
