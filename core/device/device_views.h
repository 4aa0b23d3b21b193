#pragma once

#include "core/device/device_colors.h"
#include "core/device/device_resample.h"
#include "core/device/resident_images.h"
#include "core/device/view_table.h"
#include "core/params/augment_params.h"
#include "core/torch.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace barlow {

/// Levels as the network sees them, looked up: normalizeInto() (core/augment/augment.h) to the bit.
class DeviceNormalize {
 public:
  DeviceNormalize(const torch::Device& device,
                  const std::array<double, 3>& mean,
                  const std::array<double, 3>& std,
                  torch::MemoryFormat format);
  /// uint8 [N, H, W, 3] as float [N, 3, H, W].
  torch::Tensor operator()(const torch::Tensor& levels) const;
  /// With channels that begin at `first`, int32 [N, 1, 1, 3], in normalizedLevels()
  /// (core/device/color_tables.h): solarised, too.
  torch::Tensor operator()(const torch::Tensor& levels, const torch::Tensor& first) const;

 private:
  torch::MemoryFormat format_;
  torch::Tensor values_;  // [kThresholds, 3, 256] in a row
  torch::Tensor first_;   // int32 [1, 1, 1, 3]: where nothing is solarised
};

/// The distortions of core/augment for whole batches at once, on the device that holds the images:
/// a few large operations instead of a thread per image, told by one copy. Takes the same plans.
/// The result equals the kernel `exact` to the bit: the device adds whole numbers that floats hold
/// exactly and looks the rest up in tables that the host made. (Mirroring comes first also where a
/// recipe has it last: the rest does not care.)
class ViewMaker {
 public:
  struct Options {
    std::shared_ptr<const ResidentImages> images;
    Interpolation interpolation = Interpolation::Bicubic;
    int pillow = AugmentParams{}.pillow;
    int side = 0;
    std::array<double, 3> mean{};
    std::array<double, 3> std{1, 1, 1};
    torch::MemoryFormat format = torch::MemoryFormat::ChannelsLast;
    std::uint64_t chunkBytes = 0;  // for what lies between the steps; 0: as the device has
    bool isWide = false;           // counts pixels in int64 also where they are few: less than 6 GB
  };
  explicit ViewMaker(Options options);

  /// What the device must be told of a batch. Any thread.
  ViewTable table(std::span<const std::int64_t> samples,
                  std::span<const ViewPlan> plansA,
                  std::span<const ViewPlan> plansB) const;

  struct Views {
    torch::Tensor a;  // [N, 3, side, side] float32, normalised
    torch::Tensor b;
  };
  /// `bytes`: those of `table`, on the device. Queues and does not wait. One thread.
  Views make(const ViewTable& table, const torch::Tensor& bytes);

 private:
  Options options_;
  DeviceResample resample_;
  DeviceBlur blur_;
  DeviceNormalize normalize_;
  std::optional<DeviceColors> colors_;  // made when first needed: 144 MB
};

}  // namespace barlow
