#pragma once

#include "core/params/run_params.h"
#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <string>

namespace barlow {

/// The CUDA devices of this machine as LibTorch sees them; tests make their own.
struct SeenDevices {
  bool isCudaBuild = false;  // this LibTorch could use one
  int count = 0;
  std::string whyNone;  // what LibTorch says where it is built for them and sees none
  /// Runs a kernel on a device: why it does not work, or nothing.
  std::function<std::string(const torch::Device& device)> problemOf;
};
SeenDevices seenDevices();

struct ResolvedDevice {
  torch::Device device = torch::kCPU;
  std::string warning;  // where "auto" is the CPU although a GPU could be expected
};

/// "auto": the first CUDA device if its kernels run, else the CPU (never another kind of
/// accelerator: what those lack, double precision first of all, is needed here). Throws Exception
/// when what is asked for is not there or does not work.
ResolvedDevice resolveDevice(const std::string& name, const SeenDevices& seen = seenDevices());

/// Compute threads for run.threads (0: as many as OMP_NUM_THREADS says, else all usable
/// cores), and the most loader threads that are of
/// use: on the CPU low-priority ones that fill the gaps between the network's parallel regions.
int resolveThreads(int threads);
int mostLoaderWorkers(const torch::Device& device);

/// How a run computes, whatever ran before it in this process and whatever the environment says:
/// products of floats in IEEE single precision (Tf32Scope makes exceptions); on an accelerator with
/// algorithms that give the same bytes each time, or the fastest ones (convolution algorithms are
/// then chosen by timing). A CPU always repeats itself. Process wide; call before the run computes.
void setArithmetic(const torch::Device& device, bool isDeterministic);

/// Bytes that can be allocated on the device, those included that LibTorch keeps for reuse; 0:
/// unknown.
std::uint64_t availableDeviceBytes(const torch::Device& device);

/// Gives back to the system what LibTorch keeps for reuse of an accelerator's memory and of
/// page-locked memory; nothing on the CPU. Waits for the device. For the end of a run, when its
/// tensors are gone: the next run in this process, or another program, finds a free device.
void releaseDeviceMemory(const torch::Device& device);

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

/// While it lives, products of floats on CUDA devices may round their factors to TF32 (process
/// wide, so that the threads of the backward pass do it as well): what is queued meanwhile has to
/// be the network's. Nothing where `isActive` is false or the device is a CPU.
class Tf32Scope {
 public:
  Tf32Scope(const torch::Device& device, bool isActive);
  ~Tf32Scope();
  Tf32Scope(const Tf32Scope&) = delete;
  Tf32Scope& operator=(const Tf32Scope&) = delete;

 private:
  bool isActive_;
};

}  // namespace barlow
