#pragma once

#include "core/report/scan_report.h"
#include "core/report/view_plan.h"
#include "core/torch.h"

#include <cstdint>
#include <vector>

namespace barlow {

/// N pairs of views on the device of a run, ready for the network.
struct TwinBatch {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;             // within the epoch
  std::vector<std::int64_t> indices;  // [N] samples, after replacing unreadable ones
  torch::Tensor viewA;                // [N, 3, H, W] float32, normalised
  torch::Tensor viewB;
  std::vector<ViewPlan> plansA;  // [N]
  std::vector<ViewPlan> plansB;
  std::vector<SampleProblem> problems;  // samples met in this batch that could not be read
};

}  // namespace barlow
