#pragma once

#include "core/device/device_table.h"
#include "core/params/augment_params.h"
#include "core/torch.h"

#include <cstdint>

namespace barlow {

/// Crops, resized to side x side as Pillow does (core/image/resample.h), mirrored where a plan says
/// so. Each axis is a product with the filter's matrix, rounded in between. Crops that are resized
/// down first lie transposed until they are views.
class DeviceResample {
 public:
  /// For crops of up to `most` on a side.
  DeviceResample(const torch::Device& device, int most, int side, Interpolation interpolation);

  /// The crops of `chunk` from uint8 [pixels of all images, 3] into the first three channels of
  /// uint8 [rows, side, side, 4].
  void operator()(const torch::Tensor& pixels,
                  const ViewChunk& chunk,
                  const DeviceTable& table,
                  bool isWide,
                  const torch::Tensor& levels) const;

 private:
  torch::Tensor canvases(const torch::Tensor& pixels,
                         const ViewChunk& chunk,
                         const DeviceTable& table,
                         bool isWide) const;
  torch::Tensor weights(const torch::Tensor& entries, std::int64_t extent) const;

  std::int64_t side_;
  torch::Tensor values_;  // [entries, 2, side, window]: ResampleTable's
  torch::Tensor shift_;   // int64 [entries, 1, side, 1]
  torch::Tensor places_;  // int64 0, 1, ... most - 1
  torch::Tensor narrow_;  // the same in int32
};

}  // namespace barlow
