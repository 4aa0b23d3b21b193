#pragma once

#include "core/params/run_params.h"

#include <torch/torch.h>

#include <string>

namespace barlow {

/// "auto": the accelerator that LibTorch sees, else the CPU. Throws Exception when what is asked
/// for is not there.
torch::Device resolveDevice(const std::string& name);

/// Compute threads for run.threads (0: all usable cores), and the most loader threads that are of
/// use: on the CPU low-priority ones that fill the gaps between the network's parallel regions.
int resolveThreads(int threads);
int mostLoaderWorkers(const torch::Device& device);

/// On an accelerator: algorithms that give the same bytes each time, or the fastest ones
/// (convolution algorithms are then chosen by timing). Nothing on the CPU, which always repeats
/// itself. Process wide; call before the device is first used.
void setDeterministic(const torch::Device& device, bool isDeterministic);

/// Bytes that can be allocated on the device; 0: unknown.
std::uint64_t availableDeviceBytes(const torch::Device& device);

/// While it lives, matrix work on `device` runs in `type` on this thread; nothing changes for
/// float32.
class AutocastScope {
 public:
  AutocastScope(const torch::Device& device, torch::ScalarType type);
  ~AutocastScope();
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  torch::DeviceType device_;
  bool isActive_;
  bool wasEnabled_ = false;
  torch::ScalarType oldType_ = torch::kFloat32;
};

}  // namespace barlow
