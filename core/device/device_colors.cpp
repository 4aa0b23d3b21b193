#include "core/device/device_colors.h"

#include "core/device/color_tables.h"

#include <span>

namespace barlow {
namespace {

using torch::Tensor;

// A table of all colours, filled on the host.
template <class Value>
Tensor tableOf(void (*fill)(std::span<Value>), const torch::Device& device) {
  const Tensor values =
      torch::empty({static_cast<std::int64_t>(kColors)}, c10::CppTypeToScalarType<Value>::value);
  fill({values.data_ptr<Value>(), kColors});
  return values.to(device);
}

// uint8 [rows, H, W, 4] as int32 [rows H W].
Tensor colorNumbers(const Tensor& levels) { return levels.view(torch::kInt32).view(-1); }

Tensor rgbOf(const Tensor& levels) { return levels.narrow(3, 0, 3); }

}  // namespace

DeviceColors::DeviceColors(const torch::Device& device)
    : gray_(tableOf(fillGrayOfColors, device)),
      hsv_(tableOf(fillHsvOfColors, device)),
      rgb_(tableOf(fillColorsOfHsv, device)) {}

// Blend.c: base + factor (value - base), clipped and truncated. In steps of their own, so that no
// compiler joins product and sum; the base is a whole number, exact in any case.
void DeviceColors::blend(const Tensor& levels,
                         const ViewChunk::Blend& step,
                         const DeviceTable& table) const {
  const std::int64_t rows = step.end - step.begin;
  if (rows == 0) {
    return;
  }
  const Tensor some = levels.narrow(0, step.begin, rows);
  const std::int64_t height = levels.size(1);
  const std::int64_t width = levels.size(2);
  const Tensor gray = gray_.index_select(0, colorNumbers(some)).view({rows, height * width});
  // ImageEnhance.Contrast rounds the mean: halves up.
  const Tensor mean = gray.sum({1}, true, torch::kInt64)
                          .add_(height * width / 2)
                          .div_(table.column(step.meanDivisor, torch::kInt64, {rows, 1}), "floor");
  const Tensor base =
      torch::addcmul(mean, table.column(step.grayShare, torch::kFloat32, {rows, 1}), gray)
          .view({rows, height, width, 1});
  const Tensor factor = table.column(step.factor, torch::kFloat32, {rows, 1, 1, 1});
  const Tensor rgb = rgbOf(some);
  rgb.copy_((rgb - base).mul_(factor).add_(base).clamp_(0, 255));
}

void DeviceColors::turnHue(const Tensor& levels, const Tensor& shift) const {
  Tensor hsv = hsv_.index_select(0, colorNumbers(levels));
  hsv.view(torch::kUInt8).view(levels.sizes()).select(3, 0).add_(shift);  // modulo 256
  Tensor target = colorNumbers(levels);
  torch::index_select_out(target, rgb_, 0, hsv);
}

void DeviceColors::jitter(const Tensor& levels,
                          const ViewChunk& chunk,
                          const DeviceTable& table) const {
  if (chunk.jittered == 0) {
    return;
  }
  for (const ViewChunk::Blend& step : chunk.before) {
    blend(levels, step, table);
  }
  turnHue(levels.narrow(0, 0, chunk.jittered),
          table.column(chunk.hueShift, torch::kUInt8, {chunk.jittered, 1, 1}));
  for (const ViewChunk::Blend& step : chunk.after) {
    blend(levels, step, table);
  }
}

void DeviceColors::gray(const Tensor& levels,
                        const ViewChunk& chunk,
                        const DeviceTable& table) const {
  const std::int64_t count = chunk.grayRows.count;
  if (count == 0) {
    return;
  }
  const Tensor rows = table.column(chunk.grayRows, torch::kInt64, {count});
  const Tensor gray = gray_.index_select(0, colorNumbers(levels.index_select(0, rows)));
  rgbOf(levels).index_copy_(
      0, rows, gray.view({count, levels.size(1), levels.size(2), 1}).expand({-1, -1, -1, 3}));
}

}  // namespace barlow
