#pragma once

#include "core/report/metric_point.h"

#include <torch/torch.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace barlow {

/// The numbers of the last few steps on their way from the device. Reading a number makes the host
/// wait until the device has done everything before it; so each step's numbers are copied when
/// their turn comes, and looked at `lag` steps later. With a lag of 0 (the CPU) they are there at
/// once. One thread.
class MetricReadback {
 public:
  MetricReadback(const torch::Device& device, std::size_t lag);
  ~MetricReadback();
  MetricReadback(const MetricReadback&) = delete;
  MetricReadback& operator=(const MetricReadback&) = delete;

  struct Step {
    MetricPoint point;            // what the host knew
    std::vector<double> numbers;  // what the device computed
  };
  /// `numbers` [k] on the device.
  void push(const MetricPoint& point, const torch::Tensor& numbers);
  /// The oldest step, when more than `lag` are on their way or when `isLast`: then it waits for it.
  std::optional<Step> pop(bool isLast);

 private:
  struct Pending;
  torch::Device device_;
  std::size_t lag_;
  std::deque<std::unique_ptr<Pending>> pending_;
};

}  // namespace barlow
