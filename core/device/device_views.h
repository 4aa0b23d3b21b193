#pragma once

#include "core/device/resident_images.h"
#include "core/params/augment_params.h"
#include "core/report/view_plan.h"

#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <span>

namespace barlow {

/// The distortions of core/augment for a whole batch at once, on the device that holds the images:
/// a few large operations instead of a thread per image. Takes the same plans. The
/// result equals the kernel `exact` to the bit: sums are whole numbers that floats hold exactly,
/// the rest is done in the same steps. (Mirroring comes first also where a recipe has it last: the
/// rest does not care.)

/// Row n: image samples[n] distorted by plans[n]; [N, 3, side, side] float32 of whole levels 0 to
/// 255, before normalisation. Any one thread.
torch::Tensor distortedViews(const ResidentImages& images,
                             std::span<const std::int64_t> samples,
                             std::span<const ViewPlan> plans,
                             Interpolation interpolation,
                             int side);

/// (level / 255 - mean) / std per channel, to the bit as normalizeInto() (core/augment/augment.h)
/// on the CPU.
torch::Tensor normalizedViews(const torch::Tensor& levels,
                              const std::array<double, 3>& mean,
                              const std::array<double, 3>& std);

}  // namespace barlow
