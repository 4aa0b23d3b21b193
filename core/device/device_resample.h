#pragma once

#include "core/device/resident_images.h"
#include "core/params/augment_params.h"
#include "core/report/view_plan.h"

#include <torch/torch.h>

#include <cstdint>
#include <span>

namespace barlow {

/// The plans' crops, resized to side x side as Pillow does (core/image/resample.h), mirrored where
/// a plan says so: [N, 3, side, side] float32 of whole levels. Each axis is a product with the
/// filter's matrix, rows first, rounded in between.
torch::Tensor croppedViews(const ResidentImages& images,
                           std::span<const std::int64_t> samples,
                           std::span<const ViewPlan> plans,
                           Interpolation interpolation,
                           int side);

}  // namespace barlow
