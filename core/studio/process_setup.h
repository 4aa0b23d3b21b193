#pragma once

#include <string>
#include <vector>

namespace barlow {

/// Once, first thing in main: OpenCV stays on the calling thread (the loader's workers are the
/// parallelism), its limits for hostile pictures are set, numbers in files use the C locale; what
/// LibTorch reads from the environment is there.
void configureProcess();

/// A value of run.device that this machine can take, and what it is: "cuda:0", "NVIDIA H100".
struct DeviceChoice {
  std::string name;
  std::string label;
};
/// auto, cpu, and every CUDA device that LibTorch sees. The first call counts them, which takes a
/// part of a second where there is a driver. Any thread.
const std::vector<DeviceChoice>& deviceChoices();
/// Why run.device cannot be `name` here, as validate() would say it; empty when it can.
std::string deviceProblem(const std::string& name);

}  // namespace barlow
