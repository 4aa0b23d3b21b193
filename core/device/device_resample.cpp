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

// float [rows, second, 3, first]: all crops on canvases of one size, along the directions in which
// they are resized; beyond a crop its last pixel repeats, with weight zero.
Tensor DeviceResample::canvases(const Tensor& pixels,
                                const ViewChunk& chunk,
                                const DeviceTable& table,
                                bool isWide) const {
  const auto column = [&](const Column& values) {
    return table.column(values, isWide ? torch::kInt64 : torch::kInt32, {chunk.rows, 1});
  };
  const auto along = [&](const ViewChunk::Pass& pass) {
    return torch::minimum((isWide ? places_ : narrow_).narrow(0, 0, pass.most), column(pass.last))
        .mul_(column(pass.stride));
  };
  const Tensor lines = along(chunk.secondPass).add_(column(chunk.corner));
  const Tensor all = (lines.unsqueeze(2) + along(chunk.firstPass).unsqueeze(1)).view(-1);
  const Tensor bytes = pixels.index_select(0, all).view(
      {chunk.rows, chunk.secondPass.most, chunk.firstPass.most, 3});
  Tensor canvas = torch::empty({chunk.rows, chunk.secondPass.most, 3, chunk.firstPass.most},
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
  const std::int64_t lines = chunk.secondPass.most;
  const auto weightsOf = [&](const ViewChunk::Pass& pass) {
    return weights(table.column(pass.entry, torch::kInt32, {rows}), pass.most);
  };
  const Tensor firstWeights = weightsOf(chunk.firstPass);
  const Tensor once = torch::bmm(
      canvases(pixels, chunk, table, isWide).view({rows, lines * 3, chunk.firstPass.most}),
      firstWeights.transpose(1, 2));  // [rows, second 3, 2 side]
  const Tensor rounded =
      torch::floor(joined(once.narrow(2, 0, side_), once.narrow(2, side_, side_)))
          .view({rows, lines, 3 * side_});
  const Tensor twice = torch::bmm(weightsOf(chunk.secondPass), rounded);  // [rows, 2 side, 3 side]
  const Tensor views = joined(twice.narrow(1, 0, side_), twice.narrow(1, side_, side_))
                           .view({rows, side_, 3, side_});
  levels.narrow(3, 0, 3).copy_(views.permute({0, 1, 3, 2}));  // cuts the fraction off
  if (chunk.turned.count > 0) {
    const Tensor turned = table.column(chunk.turned, torch::kInt64, {chunk.turned.count});
    levels.index_copy_(0, turned, levels.index_select(0, turned).transpose(1, 2));
  }
}

}  // namespace barlow
