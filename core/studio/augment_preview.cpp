#include "core/studio/augment_preview.h"

#include "core/augment/augment.h"

namespace barlow {

SampleViews previewViews(const RgbImage& image,
                         const AugmentParams& params,
                         int side,
                         const PreviewKey& key) {
  SampleViews sample{.sample = key.sample, .views = {}};
  for (std::size_t view = 0; view < params.views(); ++view) {
    const ViewPlan plan = drawViewPlan(
        params,
        ViewKey{.seed = key.seed, .epoch = key.epoch, .sample = key.sample, .view = viewAt(view)},
        image.width,
        image.height);
    sample.views.push_back(
        {.image = applyViewPlan(image, plan, params, params.side(view, side)), .plan = plan});
  }
  return sample;
}

}  // namespace barlow
