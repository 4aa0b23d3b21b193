#include "core/augment/augment.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

// torchvision RandomResizedCrop.get_params: ten tries, then the largest centred crop whose ratio is
// allowed.
ViewPlan::Crop drawCrop(const BranchParams& branch, int width, int height, Rng& rng) {
  constexpr int kTries = 10;
  const double area = static_cast<double>(width) * height;
  const double logLow = std::log(branch.cropRatioMin);
  const double logHigh = std::log(branch.cropRatioMax);
  for (int i = 0; i < kTries; ++i) {
    const double target = area * rng.uniform(branch.cropScaleMin, branch.cropScaleMax);
    const double ratio = std::exp(rng.uniform(logLow, logHigh));
    const auto w = static_cast<int>(std::lround(std::sqrt(target * ratio)));
    const auto h = static_cast<int>(std::lround(std::sqrt(target / ratio)));
    if (w > 0 && w <= width && h > 0 && h <= height) {
      const auto y = static_cast<int>(rng.below(static_cast<std::uint64_t>(height - h + 1)));
      const auto x = static_cast<int>(rng.below(static_cast<std::uint64_t>(width - w + 1)));
      return {x, y, w, h};
    }
  }
  const double ratio = static_cast<double>(width) / height;
  int w = width;
  int h = height;
  if (ratio < branch.cropRatioMin) {
    h = std::clamp(static_cast<int>(std::lround(width / branch.cropRatioMin)), 1, height);
  } else if (ratio > branch.cropRatioMax) {
    w = std::clamp(static_cast<int>(std::lround(height * branch.cropRatioMax)), 1, width);
  }
  return {(width - w) / 2, (height - h) / 2, w, h};
}

double drawFactor(double strength, Rng& rng) {
  return rng.uniform(std::max(0.0, 1.0 - strength), 1.0 + strength);
}

// torchvision ColorJitter.get_params: the order, then the four factors.
ViewPlan::Jitter drawJitter(const BranchParams& branch, Rng& rng) {
  ViewPlan::Jitter jitter;
  for (std::size_t i = jitter.order.size(); i > 1; --i) {
    std::swap(jitter.order[i - 1], jitter.order[rng.below(i)]);
  }
  jitter.brightness = drawFactor(branch.brightness, rng);
  jitter.contrast = drawFactor(branch.contrast, rng);
  jitter.saturation = drawFactor(branch.saturation, rng);
  jitter.hue = rng.uniform(-branch.hue, branch.hue);
  return jitter;
}

}  // namespace

ViewPlan drawViewPlan(const BranchParams& branch, int width, int height, Rng& rng) {
  ViewPlan plan;
  plan.crop = drawCrop(branch, width, height, rng);
  // Everything is drawn whether it is used or not, the crop from a stream of its own: editing one
  // probability then leaves all other values of a view as they were.
  Rng steps(rng.next());
  plan.flip = steps.chance(branch.flipProbability);
  const bool isJittered = steps.chance(branch.jitterProbability);
  const ViewPlan::Jitter jitter = drawJitter(branch, steps);
  if (isJittered) {
    plan.jitter = jitter;
  }
  plan.gray = steps.chance(branch.grayProbability);
  const bool isBlurred = steps.chance(branch.blurProbability);
  const double sigma = steps.uniform(branch.blurSigmaMin, branch.blurSigmaMax);
  plan.blurSigma = isBlurred ? sigma : 0.0;
  if (steps.chance(branch.solarizeProbability)) {
    plan.solarizeThreshold = branch.solarizeThreshold;
  }
  return plan;
}

ViewPlan drawViewPlan(const AugmentParams& params, const ViewKey& key, int width, int height) {
  Rng rng = Rng::keyed(static_cast<std::uint64_t>(key.seed),
                       {Rng::kView,
                        static_cast<std::uint64_t>(key.epoch),
                        static_cast<std::uint64_t>(key.sample),
                        static_cast<std::uint64_t>(key.view)});
  return drawViewPlan(params.branch(static_cast<std::size_t>(key.view)), width, height, rng);
}

}  // namespace barlow
