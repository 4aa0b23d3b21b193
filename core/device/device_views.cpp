#include "core/device/device_views.h"

#include "core/base/check.h"
#include "core/device/device_colors.h"
#include "core/device/device_resample.h"

#include <algorithm>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

// So many samples at a time that what lies between the steps stays within 256 MB.
std::size_t chunkSize(std::span<const ViewPlan> plans, int side) {
  std::int64_t width = 1;
  std::int64_t height = 1;
  for (const ViewPlan& plan : plans) {
    width = std::max<std::int64_t>(width, plan.crop.width);
    height = std::max<std::int64_t>(height, plan.crop.height);
  }
  // Places (int64) and floats of the crops, weights in double.
  const std::int64_t bytes = width * height * (8 + 2 * 12) + side * (width + height) * 4 * 8;
  return static_cast<std::size_t>(std::clamp<std::int64_t>((256 << 20) / bytes, 1, 1 << 20));
}

}  // namespace

Tensor distortedViews(const ResidentImages& images,
                      std::span<const std::int64_t> samples,
                      std::span<const ViewPlan> plans,
                      Interpolation interpolation,
                      int side) {
  BARLOW_CHECK(samples.size() == plans.size() && !plans.empty()) << "a plan for every sample";
  const torch::NoGradGuard noGrad;
  std::vector<Tensor> parts;
  for (std::size_t begin = 0; begin < plans.size();) {
    const std::size_t size = std::min(chunkSize(plans.subspan(begin), side), plans.size() - begin);
    const auto some = plans.subspan(begin, size);
    Tensor views = croppedViews(images, samples.subspan(begin, size), some, interpolation, side);
    views = jittered(views, some);
    views = grayed(views, some);
    views = blurred(views, some);
    parts.push_back(solarized(views, some));
    begin += size;
  }
  return parts.size() == 1 ? parts.front() : torch::cat(parts);
}

Tensor normalizedViews(const Tensor& levels,
                       const std::array<double, 3>& mean,
                       const std::array<double, 3>& std) {
  const auto perChannel = [&](const std::array<double, 3>& values) {
    return torch::tensor({static_cast<float>(values[0]),
                          static_cast<float>(values[1]),
                          static_cast<float>(values[2])})
        .view({1, 3, 1, 1})
        .to(levels.device());
  };
  const torch::NoGradGuard noGrad;
  return (levels / 255.0f - perChannel(mean)) / perChannel(std);
}

}  // namespace barlow
