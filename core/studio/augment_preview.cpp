#include "core/studio/augment_preview.h"

#include "core/augment/augment.h"

namespace barlow {

ViewPair previewViewPair(const RgbImage& image,
                         const AugmentParams& params,
                         int side,
                         const PreviewKey& key) {
  const auto plan = [&](View view) {
    return drawViewPlan(
        params,
        ViewKey{.seed = key.seed, .epoch = key.epoch, .sample = key.sample, .view = view},
        image.width,
        image.height);
  };
  ViewPair pair{.sample = key.sample, .planA = plan(View::A), .planB = plan(View::B)};
  pair.a = applyViewPlan(image, pair.planA, params, side);
  pair.b = applyViewPlan(image, pair.planB, params, side);
  return pair;
}

}  // namespace barlow
