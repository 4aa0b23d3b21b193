#pragma once

#include "core/device/device_table.h"
#include "core/torch.h"

namespace barlow {

/// Jitter, gray and blur of views: uint8 [rows, side, side, 4] of red, green, blue and a zero, so
/// that a pixel is a whole number of 32 bits too, with which tables of all colours are read
/// (core/device/color_tables.h). In place.
class DeviceColors {
 public:
  explicit DeviceColors(const torch::Device& device);

  /// Brightness, contrast, saturation and hue in the order drawn.
  void jitter(const torch::Tensor& levels, const ViewChunk& chunk, const DeviceTable& table) const;
  void gray(const torch::Tensor& levels, const ViewChunk& chunk, const DeviceTable& table) const;

 private:
  void blend(const torch::Tensor& levels,
             const ViewChunk::Blend& step,
             const DeviceTable& table) const;
  void turnHue(const torch::Tensor& levels, const torch::Tensor& shift) const;

  torch::Tensor gray_;  // uint8 [2^24]
  torch::Tensor hsv_;   // int32 [2^24]
  torch::Tensor rgb_;   // int32 [2^24], by HSV
};

/// Three boxes along each axis, of which every blurred row has a size of its own.
class DeviceBlur {
 public:
  DeviceBlur(const torch::Device& device, int side);
  void operator()(const torch::Tensor& levels,
                  const ViewChunk& chunk,
                  const DeviceTable& table) const;

 private:
  torch::Tensor matrices(const ViewChunk& chunk, const DeviceTable& table) const;

  std::int64_t side_;
  torch::Tensor distance_;  // [side, side + 1]
};

}  // namespace barlow
