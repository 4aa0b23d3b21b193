#pragma once

#include "core/report/view_plan.h"

#include <torch/torch.h>

#include <span>

namespace barlow {

/// Distortions of a batch of views [N, 3, H, W] (float32 of whole levels 0 to 255), row n by
/// plans[n]; rows whose plan has nothing of the kind stay as they are. The formulas, with their
/// sources, are those of core/augment/kernels.h.

/// Brightness, contrast, saturation and hue in the order drawn.
torch::Tensor jittered(torch::Tensor views, std::span<const ViewPlan> plans);
torch::Tensor grayed(const torch::Tensor& views, std::span<const ViewPlan> plans);
torch::Tensor blurred(const torch::Tensor& views, std::span<const ViewPlan> plans);
torch::Tensor solarized(const torch::Tensor& views, std::span<const ViewPlan> plans);

}  // namespace barlow
