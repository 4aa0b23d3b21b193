#pragma once

#include "core/report/scan_report.h"
#include "core/report/view_plan.h"

#include <cstdint>
#include <span>
#include <vector>

namespace barlow {

/// N pairs of views, ready for the network. Plain values: the training thread wraps them as
/// tensors.
struct ViewPairBatch {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;             // within the epoch
  int side = 0;                       // H = W
  std::vector<std::int64_t> indices;  // [N] samples, after replacing unreadable ones
  std::vector<float> viewA;           // [N, H, W, 3] normalised, channels last
  std::vector<float> viewB;
  /// [2, N, H, W, 3] levels instead of viewA and viewB, where the loader was given memory for them.
  std::span<std::uint8_t> levels;
  std::vector<ViewPlan> plansA;  // [N]
  std::vector<ViewPlan> plansB;
  std::vector<SampleProblem> problems;  // samples met in this batch that could not be read
};

}  // namespace barlow
