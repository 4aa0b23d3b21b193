#include "core/augment/box_blur.h"
#include "core/device/device_colors.h"

#include <ATen/Context.h>

namespace barlow {
namespace {

using torch::Tensor;

// The box along the second dimension of whole levels [rows, side, length]. `matrices`
// [rows, 2 side, side], high parts first; the sums of both are exact, as those of
// core/device/resample_table.h.
Tensor boxed(const Tensor& matrices, const Tensor& levels) {
  const std::int64_t side = levels.size(1);
  const Tensor sums = torch::bmm(matrices, levels);
  return sums.narrow(1, 0, side)
      .add_(sums.narrow(1, side, side).floor_(), 1.0 / (1 << 14))
      .add_(0.5)
      .floor_();
}

}  // namespace

// distance_[x][j]: from x to j - 1; before the first and at the last position as far as can be,
// since what lies beyond the edges repeats them.
DeviceBlur::DeviceBlur(const torch::Device& device, int side) : side_(side) {
  constexpr float kFar = 1e6f;
  const Tensor at = torch::arange(side + 1, torch::kFloat32);
  Tensor distance = at.view({1, -1}) - at.narrow(0, 1, side).view({-1, 1});
  distance.select(1, 0).fill_(-kFar);
  distance.select(1, side).fill_(kFar);
  distance_ = distance.to(device);
}

// What each position gives to each: [rows, 2 side, side], units of 2^-24 in two parts, of 14 and 10
// bits. The weights up to a distance are (inner - edge) times the pixels of the box up to there and
// edge times those of the box that is one wider on both sides; their differences are the weights.
Tensor DeviceBlur::matrices(const ViewChunk& chunk, const DeviceTable& table) const {
  const std::int64_t rows = chunk.blurRows.count;
  const auto column = [&](const Column& values) {
    return table.column(values, torch::kFloat32, {rows, 1, 1});
  };
  const Tensor radius = column(chunk.blurRadius);
  const Tensor zero = torch::zeros_like(radius);
  const Tensor inside = radius * 2 + 1;
  const Tensor most = (distance_ + (radius + 1)).clamp_(zero, inside).mul_(column(chunk.blurInner));
  const Tensor wider = (distance_ + (radius + 2)).clamp_(zero, inside + 2);
  const Tensor upTo = torch::addcmul(most, column(chunk.blurEdge), wider);
  const Tensor weights = upTo.narrow(2, 1, side_) - upTo.narrow(2, 0, side_);
  Tensor parts = torch::empty({rows, 2 * side_, side_}, weights.options());
  const Tensor whole = weights.floor();
  Tensor high = parts.narrow(1, 0, side_);
  Tensor low = parts.narrow(1, side_, side_);
  torch::mul_out(high, whole, torch::scalar_tensor(1.0 / (1 << 14), torch::kFloat32));
  torch::sub_out(low, weights, whole);
  return parts;
}

void DeviceBlur::operator()(const Tensor& levels,
                            const ViewChunk& chunk,
                            const DeviceTable& table) const {
  const std::int64_t count = chunk.blurRows.count;
  if (count == 0) {
    return;
  }
  const at::NoTF32Guard exact;
  const Tensor rows = table.column(chunk.blurRows, torch::kInt64, {count});
  const Tensor boxes = matrices(chunk, table);
  const auto passes = [&](Tensor some) {
    for (int pass = 0; pass < kBlurPasses; ++pass) {
      some = boxed(boxes, some);
    }
    return some.view({count, side_, side_, 3});
  };
  const auto swapped =
      [&](const Tensor& some) {  // float [rows, W, H 3] of [rows, H, W, 3], and back
        Tensor result = torch::empty({count, side_, side_, 3}, distance_.options());
        return result.copy_(some.permute({0, 2, 1, 3})).view({count, side_, 3 * side_});
      };
  const Tensor rgb = levels.narrow(3, 0, 3);
  const Tensor across = passes(swapped(rgb.index_select(0, rows)));  // [rows, W, H, 3]
  const Tensor down = passes(swapped(across));                       // [rows, H, W, 3]
  Tensor bytes = torch::empty_like(rgb.narrow(0, 0, count), torch::MemoryFormat::Contiguous);
  levels.narrow(3, 0, 3).index_copy_(0, rows, bytes.copy_(down));
}

}  // namespace barlow
