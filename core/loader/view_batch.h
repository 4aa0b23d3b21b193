#pragma once

#include "core/params/augment_params.h"
#include "core/report/scan_report.h"
#include "core/report/view_plan.h"

#include <cstdint>
#include <span>
#include <vector>

namespace barlow {

/// One view of each of N images.
struct ViewSet {
  int side = 0;                 // H = W
  std::vector<float> pixels;    // [N, H, W, 3] normalised, channels last
  std::vector<ViewPlan> plans;  // [N]
};

/// N images in all their views, ready for the network. Plain values: the training thread wraps them
/// as tensors.
struct ViewBatch {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;             // within the epoch
  std::vector<std::int64_t> indices;  // [N] samples, after replacing unreadable ones
  std::vector<ViewSet> views;         // A, B, then small crops where there are any
  /// One view's [N, H, W, 3] levels after the other instead of their pixels, where the loader was
  /// given memory for them.
  std::span<std::uint8_t> levels;
  std::vector<SampleProblem> problems;  // samples met in this batch that could not be read
};

/// Numbers (or levels) in a view of `side` pixels.
inline std::size_t viewNumbers(int side) {
  return static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3;
}
/// In all views of an image, of which A and B have `imageSize` pixels.
inline std::size_t viewNumbers(const AugmentParams& augment, int imageSize) {
  std::size_t numbers = 0;
  for (std::size_t view = 0; view < augment.views(); ++view) {
    numbers += viewNumbers(augment.side(view, imageSize));
  }
  return numbers;
}

}  // namespace barlow
