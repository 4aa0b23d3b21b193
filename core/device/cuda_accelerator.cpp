// Compiled only where CUDA's headers are found.
#include "core/device/accelerator.h"

#include <ATen/cuda/CUDAContext.h>
#include <fmt/format.h>

#include <cuda_runtime_api.h>

namespace barlow {

std::string acceleratorName(const torch::Device& device) {
  if (!device.is_cuda()) {
    return device.str();
  }
  int driver = 0;  // 13000: 13.0
  if (cudaDriverGetVersion(&driver) != cudaSuccess) {
    driver = 0;
  }
  return fmt::format("{}, driver for CUDA {}.{}",
                     at::cuda::getDeviceProperties(device.index())->name,
                     driver / 1000,
                     driver % 1000 / 10);
}

void releaseWorkspaces(const torch::Device& device) {
  if (device.is_cuda()) {
    at::cuda::clearCublasWorkspaces();
  }
}

}  // namespace barlow
