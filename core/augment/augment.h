#pragma once

#include "core/base/rgb_image.h"
#include "core/base/rng.h"
#include "core/params/augment_params.h"
#include "core/report/view_plan.h"

#include <array>
#include <span>

namespace barlow {

/// Draws one view's values as torchvision does (RandomResizedCrop: area and log-uniform aspect, ten
/// tries, then the centre; ColorJitter: order, then factors). `width`, `height`: of the source
/// image.
ViewPlan drawViewPlan(const BranchParams& branch, int width, int height, Rng& rng);

/// The views of an image by number: A, B, then the small crops.
enum class View : std::uint64_t { A = 0, B = 1 };
inline View viewAt(std::size_t index) { return static_cast<View>(index); }
/// The plan of (run seed, epoch, sample, view): a function of these four and of nothing else.
struct ViewKey {
  std::int64_t seed = 0;
  std::int64_t epoch = 0;
  std::int64_t sample = 0;
  View view = View::A;
};
ViewPlan drawViewPlan(const AugmentParams& params, const ViewKey& key, int width, int height);

/// Applies a plan: crop and resize to side x side, then the rest in the recipe's order. No
/// randomness. The result is the picture before normalisation.
RgbImage applyViewPlan(const RgbImage& image,
                       const ViewPlan& plan,
                       const AugmentParams& params,
                       int side);

/// The view that `key` draws.
RgbImage makeView(const RgbImage& image, const AugmentParams& params, const ViewKey& key, int side);

/// (value / 255 - mean) / std into `out`, [side, side, 3] floats in the image's own order (NHWC).
void normalizeInto(const RgbImage& image,
                   const std::array<double, 3>& mean,
                   const std::array<double, 3>& std,
                   std::span<float> out);

}  // namespace barlow
