#include "core/step/metric_readback.h"

namespace barlow {

void MetricReadback::push(const MetricPoint& point, const torch::Tensor& numbers) {
  const torch::NoGradGuard noGrad;
  pending_.push_back({.point = point, .numbers = HostCopy({numbers.to(torch::kFloat64)})});
}

std::optional<MetricReadback::Step> MetricReadback::pop(bool isLast) {
  if (pending_.empty() || (!isLast && pending_.size() <= lag_)) {
    return std::nullopt;
  }
  const Pending oldest = std::move(pending_.front());
  pending_.pop_front();
  const torch::Tensor& numbers = oldest.numbers.wait().front();
  const auto* first = numbers.const_data_ptr<double>();
  return Step{oldest.point, std::vector<double>(first, first + numbers.numel())};
}

}  // namespace barlow
