#include "core/planning/resident_choice.h"

#include "core/base/error.h"
#include "core/base/system.h"
#include "core/base/text.h"
#include "core/device/compute_device.h"

#include <fmt/format.h>

#include <algorithm>

namespace barlow {

std::uint64_t residentLimit(std::uint64_t freeOnDevice, std::uint64_t freeOnHost) {
  return freeOnHost > 0 ? std::min(freeOnDevice / 2, freeOnHost / 3) : freeOnDevice / 2;
}

std::shared_ptr<const ResidentImages> residentImages(
    const RunConfig& config,
    const RunPlan& plan,
    const std::string& recorded,
    const Dataset& dataset,
    std::stop_token stop,
    const std::function<void(std::string text)>& tell) {
  const torch::Device device(plan.device);
  const DeviceViews wish = config.run.deviceViews;
  const bool isAuto = wish == DeviceViews::Auto;
  if (config.augment.smallCrops > 0 && wish == DeviceViews::On) {
    throw Exception(
        "run.device_views is on, but small crops (augment.small_crops) are made on the CPU; use "
        "run.device_views=off.");
  }
  if (wish == DeviceViews::Off || config.augment.smallCrops > 0 ||
      (isAuto && (device.is_cpu() || recorded == "cpu"))) {
    return nullptr;
  }
  const std::uint64_t available = availableDeviceBytes(device);
  const std::uint64_t free = available - std::min(available, plan.estimate.memoryBytes);
  const std::uint64_t limit = residentLimit(free, availableMemoryBytes());
  tell(fmt::format(
      "reading {} into the memory of {}", counted(dataset.size(), "image"), plan.device));
  std::string whyNot;
  auto images = ResidentImages::load(
      dataset, device, {.bytes = limit, .threads = std::min(usableCores(), 16)}, stop, whyNot);
  if (!images && !whyNot.empty()) {
    if (!isAuto) {
      throw Exception(
          fmt::format("run.device_views is on, but {}; use run.device_views=off.", whyNot));
    }
    tell(fmt::format("worker threads distort the images: {}", whyNot));
  }
  if (images) {
    tell(fmt::format("the images take {} of it, where whole batches are distorted",
                     formatBytes(images->bytes())));
  }
  return images;
}

}  // namespace barlow
