#include "core/device/view_difference.h"

#include "core/augment/augment.h"

#include <cmath>
#include <vector>

namespace barlow {
namespace {

// One view, [side, side, 3] both.
ViewDifference compare(const float* found,
                       const std::vector<float>& expected,
                       const DataParams& data) {
  ViewDifference result;
  result.numbers = static_cast<std::int64_t>(expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (found[i] == expected[i]) {
      continue;
    }
    ++result.unequal;
    const double levels = 255 * data.std[i % 3];
    // NaN is another level too.
    if (!(std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i])) * levels <
          0.5)) {
      ++result.unequalLevels;
    }
  }
  return result;
}

}  // namespace

ViewDifference& ViewDifference::operator+=(const ViewDifference& other) {
  numbers += other.numbers;
  unequal += other.unequal;
  unequalLevels += other.unequalLevels;
  return *this;
}

ViewDifference differenceFromKernel(const DeviceBatch& batch,
                                    const Dataset& dataset,
                                    const RunConfig& config) {
  ViewDifference result;
  for (const DeviceViewSet& view : batch.views) {
    const torch::Tensor views = view.pixels.to(torch::kCPU, torch::kFloat32)
                                    .permute({0, 2, 3, 1})
                                    .contiguous();  // [N, side, side, 3]
    const auto side = static_cast<int>(views.size(1));
    std::vector<float> expected(static_cast<std::size_t>(views[0].numel()));
    const auto& plans = view.plans;
    for (std::size_t n = 0; n < plans.size(); ++n) {
      const RgbImage image = *dataset.image(batch.indices[n]);
      normalizeInto(applyViewPlan(image, plans[n], config.augment, side),
                    config.data.mean,
                    config.data.std,
                    expected);
      result += compare(
          views[static_cast<std::int64_t>(n)].const_data_ptr<float>(), expected, config.data);
    }
  }
  return result;
}

}  // namespace barlow
