#include "core/device/device_views.h"

#include "core/device/color_tables.h"

#include <ATen/DeviceAccelerator.h>

#include <algorithm>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

// On the CPU what its caches make of it; on an accelerator a part of its memory.
std::uint64_t chunkBytesOf(const torch::Device& device) {
  constexpr std::uint64_t kLeast = 256u << 20;
  constexpr std::uint64_t kMost = 2ull << 30;
  if (device.is_cpu()) {
    return kLeast;
  }
  const std::uint64_t all = at::accelerator::getMemoryInfo(device.index()).second;
  return std::clamp(all / 32, kLeast, kMost);
}

int largestSide(const ResidentImages& images) {
  int most = 1;
  for (std::int64_t i = 0; i < images.size(); ++i) {
    most = std::max({most, images.place(i).width, images.place(i).height});
  }
  return most;
}

}  // namespace

DeviceNormalize::DeviceNormalize(const torch::Device& device,
                                 const std::array<double, 3>& mean,
                                 const std::array<double, 3>& std,
                                 torch::MemoryFormat format)
    : format_(format) {
  std::vector<float> values = normalizedLevels(mean, std);
  values_ = torch::from_blob(values.data(), {static_cast<std::int64_t>(values.size())})
                .to(device, /*non_blocking=*/false, /*copy=*/true);
  const auto last = static_cast<std::int32_t>((kThresholds - 1) * kLevelsOfThreshold);
  first_ =
      torch::tensor({last, last + 256, last + 512}, torch::kInt32).view({1, 1, 1, 3}).to(device);
}

Tensor DeviceNormalize::operator()(const Tensor& levels) const { return (*this)(levels, first_); }

Tensor DeviceNormalize::operator()(const Tensor& levels, const Tensor& first) const {
  const Tensor at = (levels + first).contiguous();
  return values_.index_select(0, at.view(-1))
      .view(at.sizes())
      .permute({0, 3, 1, 2})
      .contiguous(format_);
}

ViewMaker::ViewMaker(Options options)
    : options_(std::move(options)),
      resample_(options_.images->pixels().device(),
                largestSide(*options_.images),
                options_.side,
                options_.interpolation),
      blur_(options_.images->pixels().device(), options_.side),
      normalize_(options_.images->pixels().device(), options_.mean, options_.std, options_.format) {
  if (options_.chunkBytes == 0) {
    options_.chunkBytes = chunkBytesOf(options_.images->pixels().device());
  }
}

ViewTable ViewMaker::table(std::span<const std::int64_t> samples,
                           std::span<const ViewPlan> plansA,
                           std::span<const ViewPlan> plansB) const {
  return makeViewTable(*options_.images,
                       samples,
                       plansA,
                       plansB,
                       {.side = options_.side,
                        .pillow = options_.pillow,
                        .chunkBytes = options_.chunkBytes,
                        .isWide = options_.isWide});
}

ViewMaker::Views ViewMaker::make(const ViewTable& table, const Tensor& bytes) {
  const torch::NoGradGuard noGrad;
  const Tensor& pixels = options_.images->pixels();
  const std::int64_t side = options_.side;
  const DeviceTable columns(bytes);
  const Tensor levels = torch::zeros({table.count, side, side, 4}, pixels.options());
  for (const ViewChunk& chunk : table.chunks) {
    const Tensor some = levels.narrow(0, chunk.first, chunk.rows);
    resample_(pixels, chunk, columns, table.isWide, some);
    if (chunk.jittered > 0 || chunk.grayRows.count > 0) {
      if (!colors_) {
        colors_.emplace(pixels.device());
      }
      colors_->jitter(some, chunk, columns);
      colors_->gray(some, chunk, columns);
    }
    blur_(some, chunk, columns);
  }
  const std::int64_t count = table.count / 2;
  const Tensor rows = columns.column(table.rows, torch::kInt64, {2, count});
  const Tensor first = columns.column(table.levels, torch::kInt32, {2, count, 1, 1, 3});
  const auto view = [&](std::int64_t which) {
    return normalize_(levels.index_select(0, rows[which]).narrow(3, 0, 3), first[which]);
  };
  return {view(0), view(1)};
}

}  // namespace barlow
