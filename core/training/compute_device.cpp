#include "core/training/compute_device.h"

#include "core/base/error.h"
#include "core/base/system.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/autocast_mode.h>
#include <fmt/format.h>

#include <algorithm>

namespace barlow {

torch::Device resolveDevice(const std::string& name) {
  if (name == "cpu") {
    return torch::kCPU;
  }
  const auto accelerator = at::accelerator::getAccelerator();
  const int count = accelerator ? static_cast<int>(at::accelerator::deviceCount()) : 0;
  if (name == "auto") {
    return count > 0 ? torch::Device(*accelerator, 0) : torch::Device(torch::kCPU);
  }
  const torch::Device asked(name == "cuda" ? "cuda:0" : name);
  if (count == 0 || asked.type() != *accelerator) {
    throw Exception(
        fmt::format("run.device asks for {}, but this LibTorch sees no such device; use "
                    "run.device=cpu, or a CUDA build of LibTorch "
                    "(LIBTORCH_DIR) and a working driver.",
                    name));
  }
  if (asked.index() >= count) {
    throw Exception(fmt::format(
        "run.device asks for {}, but there are only {} devices: 0 to {}.", name, count, count - 1));
  }
  return asked;
}

int resolveThreads(int threads) { return threads > 0 ? threads : usableCores(); }

int mostLoaderWorkers(const torch::Device& device) {
  return device.is_cpu() ? std::clamp(usableCores(), 1, 4) : std::clamp(usableCores() - 1, 1, 16);
}

void setDeterministic(const torch::Device& device, bool isDeterministic) {
  if (device.is_cpu()) {
    return;
  }
  if (isDeterministic) {
    setEnvironmentDefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8");  // what cuBLAS needs for it
  }
  at::Context& context = at::globalContext();
  context.setDeterministicAlgorithms(isDeterministic, /*warn_only=*/false);
  context.setDeterministicCuDNN(isDeterministic);
  context.setBenchmarkCuDNN(!isDeterministic);
}

std::uint64_t availableDeviceBytes(const torch::Device& device) {
  if (device.is_cpu()) {
    return availableMemoryBytes();
  }
  return at::accelerator::getMemoryInfo(device.index()).first;
}

AutocastScope::AutocastScope(const torch::Device& device, torch::ScalarType type)
    : device_(device.type()), isActive_(type != torch::kFloat32) {
  if (isActive_) {
    wasEnabled_ = at::autocast::is_autocast_enabled(device_);
    oldType_ = at::autocast::get_autocast_dtype(device_);
    at::autocast::set_autocast_dtype(device_, type);
    at::autocast::set_autocast_enabled(device_, true);
    at::autocast::increment_nesting();
  }
}

AutocastScope::~AutocastScope() {
  if (isActive_) {
    if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();  // the cast weights are stale after the next update
    }
    at::autocast::set_autocast_enabled(device_, wasEnabled_);
    at::autocast::set_autocast_dtype(device_, oldType_);
  }
}

}  // namespace barlow
