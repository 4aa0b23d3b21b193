#pragma once

#include "core/device/host_copy.h"
#include "core/report/metric_point.h"
#include "core/torch.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace barlow {

/// The numbers of the last few steps on their way from the device: each step's are copied when
/// their turn comes, and looked at `lag` steps later, so that the host is never more than that
/// ahead and the device never waits. With a lag of 0 (the CPU) they are there at once. One thread.
class MetricReadback {
 public:
  explicit MetricReadback(std::size_t lag) : lag_(lag) {}

  struct Step {
    MetricPoint point;            // what the host knew
    std::vector<double> numbers;  // what the device computed
  };
  /// `numbers` [k] on the device.
  void push(const MetricPoint& point, const torch::Tensor& numbers);
  /// The oldest step, when more than `lag` are on their way or when `isLast`: then it waits for it.
  std::optional<Step> pop(bool isLast);

 private:
  struct Pending {
    MetricPoint point;
    HostCopy numbers;  // [k] float64
  };
  std::size_t lag_;
  std::deque<Pending> pending_;
};

}  // namespace barlow
