#include "core/training/metric_readback.h"

#include "core/device/batch_source.h"

#include <c10/core/Event.h>

namespace barlow {

struct MetricReadback::Pending {
  MetricPoint point;
  torch::Tensor numbers;  // [k] float64 on the host; page-locked where a device fills it
  std::optional<c10::Event> isThere;
};

MetricReadback::MetricReadback(const torch::Device& device, std::size_t lag)
    : device_(device), lag_(lag) {}

MetricReadback::~MetricReadback() = default;

void MetricReadback::push(const MetricPoint& point, const torch::Tensor& numbers) {
  const torch::NoGradGuard noGrad;
  auto pending = std::make_unique<Pending>();
  pending->point = point;
  const torch::Tensor wide = numbers.to(torch::kFloat64);
  if (device_.is_cpu()) {
    pending->numbers = wide;
  } else {
    pending->numbers = torch::empty(
        wide.sizes(), torch::TensorOptions().dtype(torch::kFloat64).pinned_memory(true));
    pending->numbers.copy_(wide, /*non_blocking=*/true);
    pending->isThere.emplace(device_.type());
    pending->isThere->record(computeStream(device_));
  }
  pending_.push_back(std::move(pending));
}

std::optional<MetricReadback::Step> MetricReadback::pop(bool isLast) {
  if (pending_.empty() || (!isLast && pending_.size() <= lag_)) {
    return std::nullopt;
  }
  const std::unique_ptr<Pending> oldest = std::move(pending_.front());
  pending_.pop_front();
  if (oldest->isThere) {
    oldest->isThere->synchronize();
  }
  const auto* first = oldest->numbers.const_data_ptr<double>();
  return Step{oldest->point, std::vector<double>(first, first + oldest->numbers.numel())};
}

}  // namespace barlow
