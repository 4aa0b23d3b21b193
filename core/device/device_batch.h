#pragma once

#include "core/report/scan_report.h"
#include "core/report/view_plan.h"
#include "core/torch.h"

#include <cstdint>
#include <vector>

namespace barlow {

/// One view of each of N images, on the device of a run.
struct DeviceViewSet {
  torch::Tensor pixels;         // [N, 3, H, W] float32, normalised
  std::vector<ViewPlan> plans;  // [N]
};

/// N images in all their views on the device of a run, ready for the network.
struct DeviceBatch {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;               // within the epoch
  std::vector<std::int64_t> indices;    // [N] samples, after replacing unreadable ones
  std::vector<DeviceViewSet> views;     // A, B, then small crops where there are any
  std::vector<SampleProblem> problems;  // samples met in this batch that could not be read

  std::vector<torch::Tensor> pixels() const {
    std::vector<torch::Tensor> all;
    for (const DeviceViewSet& view : views) {
      all.push_back(view.pixels);
    }
    return all;
  }
};

}  // namespace barlow
