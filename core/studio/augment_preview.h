#pragma once

#include "core/base/rgb_image.h"
#include "core/params/augment_params.h"
#include "core/report/live_snapshot.h"

#include <cstdint>
#include <string>

namespace barlow {

/// Which views of which image: together with the recipe they decide every drawn value.
struct PreviewKey {
  std::int64_t seed = 1;
  std::int64_t epoch = 0;
  std::int64_t sample = 0;  // index in the training images
};

/// The views that training makes of `image` in this epoch, small crops among them, bit for bit,
/// before normalisation. No state: any thread.
SampleViews previewViews(const RgbImage& image,
                         const AugmentParams& params,
                         int side,
                         const PreviewKey& key);

}  // namespace barlow
