#include "core/studio/run_estimate.h"

#include "core/device/compute_device.h"
#include "core/planning/estimate.h"

namespace barlow {

ResourceEstimate estimateRun(const RunConfig& config, std::int64_t images) {
  const torch::Device device = resolveDevice(config.run.device).device;
  static const double kThreadSpeed = measureMultiplyAddsPerSecond(1);  // once
  RunPlace place = placeOf(device, config.run.precision);
  place.multiplyAddsPerSecond =
      device.is_cpu() ? kThreadSpeed * resolveThreads(config.run.threads) : 0;
  return estimateResources(config, images, place);
}

}  // namespace barlow
