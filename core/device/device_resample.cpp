#include "core/device/device_resample.h"

#include "core/device/resample_table.h"

#include <ATen/Context.h>

namespace barlow {
namespace {

using torch::Tensor;

// `high` and `low`: sums of levels times the parts of ResampleTable's weights. Rounded as Pillow
// rounds, but for the fraction, which the caller cuts off; both are used up.
Tensor joined(Tensor high, Tensor low) {
  return high.add_(low.floor_(), 1.0 / (1 << 12)).add_(0.5).clamp_(0, 255);
}

}  // namespace

DeviceResample::DeviceResample(const torch::Device& device,
                               int most,
                               int side,
                               Interpolation interpolation)
    : side_(side) {
  ResampleTable table(most, side, interpolation);
  values_ = torch::from_blob(table.values.data(), {table.entries, 2, side_, table.window})
                .to(device, /*non_blocking=*/false, /*copy=*/true);
  shift_ = torch::from_blob(table.shift.data(), {table.entries, 1, side_, 1}, torch::kInt64)
               .to(device, /*non_blocking=*/false, /*copy=*/true);
  places_ = torch::arange(most, torch::TensorOptions().dtype(torch::kInt64).device(device));
  narrow_ = places_.to(torch::kInt32);
}

// [rows, 2 side, extent]: what each position gives to each of the view's, high parts first.
Tensor DeviceResample::weights(const Tensor& entries, std::int64_t extent) const {
  const std::int64_t rows = entries.size(0);
  const std::int64_t last = values_.size(3) - 1;
  const Tensor at = (shift_.index_select(0, entries) + places_.narrow(0, 0, extent))
                        .clamp_(0, last)
                        .expand({rows, 2, side_, extent});
  return values_.index_select(0, entries).gather(3, at).view({rows, 2 * side_, extent});
}

// float [rows, Y, 3, X]: all crops on canvases of one size; beyond a crop its last pixel repeats,
// with weight zero.
Tensor DeviceResample::canvases(const Tensor& pixels,
                                const ViewChunk& chunk,
                                const DeviceTable& table,
                                bool isWide) const {
  const auto column = [&](const Column& values) {
    return table.column(values, isWide ? torch::kInt64 : torch::kInt32, {chunk.rows, 1});
  };
  const Tensor& places = isWide ? places_ : narrow_;
  const Tensor x = torch::minimum(places.narrow(0, 0, chunk.mostX), column(chunk.lastX));
  const Tensor lines = torch::minimum(places.narrow(0, 0, chunk.mostY), column(chunk.lastY))
                           .mul_(column(chunk.stride))
                           .add_(column(chunk.corner));
  const Tensor all = (lines.unsqueeze(2) + x.unsqueeze(1)).view(-1);  // [rows Y X]
  const Tensor bytes = pixels.index_select(0, all).view({chunk.rows, chunk.mostY, chunk.mostX, 3});
  Tensor canvas = torch::empty({chunk.rows, chunk.mostY, 3, chunk.mostX},
                               bytes.options().dtype(torch::kFloat32));
  return canvas.copy_(bytes.permute({0, 1, 3, 2}));
}

void DeviceResample::operator()(const Tensor& pixels,
                                const ViewChunk& chunk,
                                const DeviceTable& table,
                                bool isWide,
                                const Tensor& levels) const {
  const at::NoTF32Guard exact;
  const std::int64_t rows = chunk.rows;
  const Tensor acrossWeights =
      weights(table.column(chunk.across, torch::kInt32, {rows}), chunk.mostX);
  const Tensor across =
      torch::bmm(canvases(pixels, chunk, table, isWide).view({rows, chunk.mostY * 3, chunk.mostX}),
                 acrossWeights.transpose(1, 2));  // [rows, Y 3, 2 side]
  const Tensor lines =
      torch::floor(joined(across.narrow(2, 0, side_), across.narrow(2, side_, side_)))
          .view({rows, chunk.mostY, 3 * side_});
  const Tensor down =
      torch::bmm(weights(table.column(chunk.down, torch::kInt32, {rows}), chunk.mostY),
                 lines);  // [rows, 2 side, 3 side]
  const Tensor views =
      joined(down.narrow(1, 0, side_), down.narrow(1, side_, side_)).view({rows, side_, 3, side_});
  levels.narrow(3, 0, 3).copy_(views.permute({0, 1, 3, 2}));  // cuts the fraction off
}

}  // namespace barlow
