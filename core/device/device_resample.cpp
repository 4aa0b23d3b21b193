#include "core/device/device_resample.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

Tensor bilinear(const Tensor& x) { return (1.0 - x.abs()).clamp_min(0.0); }

// Keys' cubic with a = -0.5.
Tensor bicubic(const Tensor& x) {
  constexpr double a = -0.5;
  const Tensor d = x.abs();
  const Tensor near = ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0;
  const Tensor far = (((d - 5.0) * d + 8.0) * d - 4.0) * a;
  return torch::where(d < 1.0, near, torch::where(d < 2.0, far, torch::zeros_like(d)));
}

// One number of each plan as a column [N, 1, 1] of doubles on the device.
Tensor column(std::span<const ViewPlan> plans,
              const torch::Device& device,
              const std::function<double(const ViewPlan&)>& value) {
  std::vector<double> values;
  for (const ViewPlan& plan : plans) {
    values.push_back(value(plan));
  }
  return torch::tensor(values, torch::kFloat64).to(device).view({-1, 1, 1});
}

constexpr int kPrecisionBits = 22;  // of Pillow's weights
constexpr int kLowBits = 11;

// What each of `in` positions of an axis gives to each of `side`: [N, side, most], whole numbers in
// units of 2^-22. `in` [N, 1, 1] is the crop's extent; positions beyond it give nothing. As
// makeWeights() of core/image/resample.cpp.
Tensor weights(const Tensor& in, std::int64_t most, int side, Interpolation interpolation) {
  const auto options = in.options();
  const Tensor scale = in / static_cast<double>(side);
  const Tensor filterScale = scale.clamp_min(1.0);
  const Tensor support = filterScale * (interpolation == Interpolation::Bicubic ? 2.0 : 1.0);
  const Tensor center = (torch::arange(side, options).view({1, side, 1}) + 0.5) * scale;
  const Tensor low = (center - support + 0.5).trunc().clamp_min(0.0);
  const Tensor high = torch::minimum((center + support + 0.5).trunc(), in);
  const Tensor at = torch::arange(most, options).view({1, 1, most});
  const Tensor position = (at - center + 0.5) * filterScale.reciprocal();
  const Tensor raw =
      interpolation == Interpolation::Bicubic ? bicubic(position) : bilinear(position);
  const Tensor inside = raw * (at >= low).logical_and(at < high);
  const Tensor sum = inside.sum(2, true);
  const Tensor share = inside / torch::where(sum == 0.0, torch::ones_like(sum), sum);
  const Tensor fixed = share * static_cast<double>(1 << kPrecisionBits);
  return (fixed + torch::where(fixed < 0.0, -0.5, 0.5)).trunc();
}

// The product of whole weights [N, side, most] with levels [N, most, length], rounded to levels as
// Pillow rounds. In two halves of the weights' bits, each a product of floats whose sums are whole
// numbers below 2^24: exact, in any order of summation, on any device.
Tensor weighted(const Tensor& whole, const Tensor& levels) {
  constexpr double kUnit = 1 << kLowBits;
  const Tensor high = (whole / kUnit).round();
  const Tensor low = whole - high * kUnit;
  const auto product = [&](const Tensor& half) {
    return torch::bmm(half.to(torch::kFloat32), levels).to(torch::kInt32);
  };
  const Tensor sum = product(high) * (1 << kLowBits) + product(low) + (1 << (kPrecisionBits - 1));
  return sum.bitwise_right_shift(kPrecisionBits).clamp(0, 255).to(torch::kFloat32);
}

}  // namespace

Tensor croppedViews(const ResidentImages& images,
                    std::span<const std::int64_t> samples,
                    std::span<const ViewPlan> plans,
                    Interpolation interpolation,
                    int side) {
  const torch::Device device = images.pixels().device();
  const auto count = static_cast<std::int64_t>(plans.size());
  std::vector<std::int64_t> first;  // pixel at the crop's corner
  std::vector<std::int64_t> stride;
  std::int64_t mostX = 1;
  std::int64_t mostY = 1;
  for (std::size_t n = 0; n < plans.size(); ++n) {
    const ResidentImages::Place& place = images.place(samples[n]);
    const ViewPlan::Crop& crop = plans[n].crop;
    first.push_back(place.first + static_cast<std::int64_t>(crop.y) * place.width + crop.x);
    stride.push_back(place.width);
    mostX = std::max<std::int64_t>(mostX, crop.width);
    mostY = std::max<std::int64_t>(mostY, crop.height);
  }
  const Tensor width = column(plans, device, [](const ViewPlan& p) { return p.crop.width; });
  const Tensor height = column(plans, device, [](const ViewPlan& p) { return p.crop.height; });
  const Tensor flip = column(plans, device, [](const ViewPlan& p) { return p.flip ? 1 : 0; });

  // All crops on canvases of one size; beyond a crop its last pixel repeats, with weight zero.
  const auto whole = torch::TensorOptions().dtype(torch::kInt64).device(device);
  const auto toColumn = [&](const std::vector<std::int64_t>& values) {
    return torch::tensor(values, torch::kInt64).to(device).view({-1, 1, 1});
  };
  const Tensor x =
      torch::minimum(torch::arange(mostX, whole).view({1, 1, mostX}), width.to(torch::kInt64) - 1);
  const Tensor y =
      torch::minimum(torch::arange(mostY, whole).view({1, mostY, 1}), height.to(torch::kInt64) - 1);
  const Tensor places = toColumn(first) + y * toColumn(stride) + x;  // [N, Y, X]
  const Tensor canvas = images.pixels()
                            .index_select(0, places.flatten())
                            .to(torch::kFloat32)
                            .view({count, mostY, mostX, 3});

  Tensor across = weights(width, mostX, side, interpolation);  // [N, side, X]
  across = torch::where(flip > 0.5, across.flip(1), across);
  const Tensor down = weights(height, mostY, side, interpolation);  // [N, side, Y]
  const Tensor rows =
      weighted(across, canvas.permute({0, 2, 1, 3}).reshape({count, mostX, mostY * 3}))
          .view({count, side, mostY, 3})
          .permute({0, 2, 3, 1});  // [N, Y, 3, side]
  return weighted(down, rows.reshape({count, mostY, 3L * side}))
      .view({count, side, 3, side})
      .permute({0, 2, 1, 3})
      .contiguous();
}

}  // namespace barlow
