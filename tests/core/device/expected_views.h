#pragma once

#include "core/augment/augment.h"
#include "core/dataset/dataset.h"
#include "core/params/augment_params.h"
#include "core/report/view_plan.h"
#include "core/torch.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace barlow {

/// Both views of the first images of a data set, as drawn.
struct DrawnViews {
  std::vector<std::int64_t> samples;
  std::vector<ViewPlan> a;
  std::vector<ViewPlan> b;
};

inline DrawnViews drawnViews(const Dataset& data,
                             std::int64_t count,
                             const AugmentParams& params,
                             const std::function<void(ViewPlan&)>& change = {}) {
  DrawnViews drawn;
  for (std::int64_t n = 0; n < count; ++n) {
    const RgbImage image = *data.image(n);
    drawn.samples.push_back(n);
    for (const View view : {View::A, View::B}) {
      ViewPlan plan =
          drawViewPlan(params, {.seed = 5, .sample = n, .view = view}, image.width, image.height);
      if (change) {
        change(plan);
      }
      (view == View::A ? drawn.a : drawn.b).push_back(plan);
    }
  }
  return drawn;
}

/// What the CPU kernel `exact` makes of plans, normalised: [N, 3, side, side] on the CPU.
inline torch::Tensor expectedViews(const Dataset& data,
                                   std::span<const std::int64_t> samples,
                                   std::span<const ViewPlan> plans,
                                   AugmentParams params,
                                   int side,
                                   const std::array<double, 3>& mean,
                                   const std::array<double, 3>& std) {
  params.kernel = AugmentKernel::Exact;
  const auto count = static_cast<std::int64_t>(plans.size());
  torch::Tensor views = torch::empty({count, side, side, 3});
  for (std::int64_t n = 0; n < count; ++n) {
    const auto at = static_cast<std::size_t>(n);
    const RgbImage view = applyViewPlan(*data.image(samples[at]), plans[at], params, side);
    normalizeInto(
        view, mean, std, {views[n].data_ptr<float>(), static_cast<std::size_t>(views[n].numel())});
  }
  return views.permute({0, 3, 1, 2});
}

/// The first place where two batches of views differ in a bit, in words; empty where none does.
inline std::string firstDifference(const torch::Tensor& found,
                                   const torch::Tensor& expected,
                                   std::span<const ViewPlan> plans) {
  const torch::Tensor there = found.to(torch::kCPU).contiguous();
  const torch::Tensor wanted = expected.contiguous();
  if (there.sizes() != wanted.sizes()) {
    return "another shape";
  }
  const std::int64_t length = wanted.numel() / wanted.size(0);
  const auto* a = there.const_data_ptr<float>();
  const auto* b = wanted.const_data_ptr<float>();
  const std::int64_t count = std::inner_product(
      a, a + wanted.numel(), b, std::int64_t{0}, std::plus<>{}, std::not_equal_to<>{});
  for (std::int64_t i = 0; i < wanted.numel(); ++i) {
    if (a[i] != b[i]) {
      return std::to_string(count) + " differ; view " + std::to_string(i / length) + ", value " +
             std::to_string(i % length) + ": " + std::to_string(a[i]) + " for " +
             std::to_string(b[i]) + ", plan " + toJson(plans[static_cast<std::size_t>(i / length)]);
    }
  }
  return "";
}

/// A recipe in which everything happens.
inline AugmentParams everything() {
  AugmentParams params;
  for (BranchParams* branch : {&params.a, &params.b}) {
    branch->flipProbability = 0.5;
    branch->jitterProbability = 0.8;
    branch->hue = 0.3;
    branch->saturation = 0.8;
    branch->grayProbability = 0.2;
    branch->blurProbability = 0.7;
    branch->solarizeProbability = 0.3;
  }
  return params;
}

inline constexpr std::array<double, 3> kTestMean{0.485, 0.456, 0.406};
inline constexpr std::array<double, 3> kTestStd{0.229, 0.224, 0.225};

}  // namespace barlow
