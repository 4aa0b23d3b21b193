#include "core/studio/run_estimate.h"

#include "core/training/compute_device.h"
#include "core/training/estimate.h"

namespace barlow {

ResourceEstimate estimateRun(const RunConfig& config, std::int64_t images) {
  const torch::Device device = resolveDevice(config.run.device).device;
  // Measured once: with as many threads as this machine has, which is what a run takes by default.
  static const double kCpuSpeed = measureMultiplyAddsPerSecond();
  RunPlace place = placeOf(device, config.run.precision);
  place.multiplyAddsPerSecond = device.is_cpu() ? kCpuSpeed : 0;
  return estimateResources(config, images, place);
}

}  // namespace barlow
