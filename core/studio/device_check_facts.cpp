#include "core/base/system.h"
#include "core/base/text.h"
#include "core/step/probe_step.h"
#include "core/studio/device_check_parts.h"
#include "core/torch.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace barlow {
namespace {

// CUDA is asked by name: its headers are not there on every machine that builds this.
using Ask = int(int*);

std::string cudaVersion(const char* function) {
  auto* const ask = reinterpret_cast<Ask*>(findSymbol(function));
  int version = 0;
  return ask != nullptr && ask(&version) == 0 && version > 0
             ? fmt::format("{}.{}", version / 1000, version % 1000 / 10)
             : std::string();
}

std::string cudaDeviceName(int device) {
  // A struct that begins with the name and whose size differs from version to version.
  using Properties = int(void*, int);
  void* symbol = findSymbol("cudaGetDeviceProperties_v2");
  symbol = symbol != nullptr ? symbol : findSymbol("cudaGetDeviceProperties");
  auto* const ask = reinterpret_cast<Properties*>(symbol);
  std::array<char, 1 << 16> properties{};
  if (ask == nullptr || ask(properties.data(), device) != 0) {
    return {};
  }
  properties[255] = '\0';
  return properties.data();
}

int cudaAttribute(int attribute, int device) {
  using Attribute = int(int*, int, int);
  auto* const ask = reinterpret_cast<Attribute*>(findSymbol("cudaDeviceGetAttribute"));
  int value = 0;
  return ask != nullptr && ask(&value, attribute, device) == 0 ? value : 0;
}

// "580.82.07" of a line such as "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.82.07  ...".
std::string nvidiaDriver() {
  std::ifstream file("/proc/driver/nvidia/version");
  for (std::string word; file >> word;) {
    if (word.find_first_not_of("0123456789.") == std::string::npos &&
        word.find('.') != std::string::npos) {
      return word;
    }
  }
  return {};
}

// A setting in LibTorch's description of its build: "TORCH_VERSION=2.11.0, ".
std::string buildSetting(const std::string& name) {
  const std::string all = at::show_config();
  const auto place = all.find(name + "=");
  if (place == std::string::npos) {
    return {};
  }
  const auto begin = place + name.size() + 1;
  return all.substr(begin, all.find_first_of(", \n", begin) - begin);
}

using Figures = std::vector<DeviceCheckFigure>;

void add(Figures& figures, const char* name, const std::string& value) {
  if (!value.empty()) {
    figures.push_back({name, value});
  }
}

void addCount(Figures& figures, const char* name, std::int64_t count) {
  figures.push_back({name, count});
}

void addBytes(Figures& figures, const char* name, std::uint64_t bytes) {
  addCount(figures, name, static_cast<std::int64_t>(bytes));
}

void addDevice(Figures& figures, const torch::Device& device) {
  if (device.is_cuda()) {
    constexpr int kMajor = 75;  // cudaDeviceAttr, the same in all versions
    constexpr int kMinor = 76;
    constexpr int kProcessors = 16;
    const int index = device.index();
    add(figures, "name", cudaDeviceName(index));
    add(figures,
        "compute_capability",
        fmt::format("{}.{}", cudaAttribute(kMajor, index), cudaAttribute(kMinor, index)));
    addCount(figures, "multiprocessors", cudaAttribute(kProcessors, index));
  }
  if (!device.is_cpu()) {
    const auto [free, total] = at::accelerator::getMemoryInfo(device.index());
    addBytes(figures, "memory_total", total);
    addBytes(figures, "memory_free", free);
    addCount(figures, "devices", at::accelerator::deviceCount());
  }
}

// One kernel that can be checked by hand: a device that is seen may still be too old for this
// LibTorch.
bool computes(const torch::Device& device) {
  const torch::Tensor numbers = torch::arange(1000, torch::dtype(torch::kFloat32).device(device));
  return numbers.sum().item<double>() == 499500;
}

std::string releaseOf(const std::string& version) { return version.substr(0, version.find('+')); }

// Why this machine does not compute as it should; empty where it does.
std::string problemOf(const DeviceCheckSetting& setting, bool hasCuda) {
  const std::string running = buildSetting("TORCH_VERSION");
  const bool hasGpuDriver = !nvidiaDriver().empty() || std::filesystem::exists("/dev/nvidia0");
  if (!computes(torch::Device(setting.device))) {
    return fmt::format("a sum on {} came out wrong", setting.device);
  }
  if (!running.empty() && releaseOf(running) != releaseOf(TORCH_VERSION)) {
    return fmt::format(
        "this program was built for LibTorch {} and runs with {}; use the one it was "
        "built for",
        TORCH_VERSION,
        running);
  }
  if (setting.isCpu() && hasGpuDriver && at::accelerator::deviceCount() == 0) {
    return hasCuda
               ? "there is an NVIDIA driver, but LibTorch sees no GPU: the driver is too old for "
                 "it, or the GPU is hidden (CUDA_VISIBLE_DEVICES)"
               : "there is an NVIDIA driver, but this LibTorch is built without CUDA; use a CUDA "
                 "build (LIBTORCH_DIR)";
  }
  return {};
}

std::string description(const torch::Device& device) {
  if (device.is_cpu()) {
    return fmt::format("{}, {} cores; no GPU is looked at", processorName(), usableCores());
  }
  const auto [free, total] = at::accelerator::getMemoryInfo(device.index());
  const std::string name = device.is_cuda() ? cudaDeviceName(device.index()) : std::string();
  return fmt::format("{}{}{}, {} of {} free",
                     name,
                     name.empty() ? "" : ", ",
                     device.str(),
                     formatBytes(free),
                     formatBytes(total));
}

}  // namespace

std::vector<DeviceCheckFigure> softwareFigures() {
  Figures figures;
  add(figures, "driver", nvidiaDriver());
  add(figures, "driver_supports_cuda", cudaVersion("cudaDriverGetVersion"));
  add(figures, "cuda_runtime", cudaVersion("cudaRuntimeGetVersion"));
  if (const auto& hooks = at::detail::getCUDAHooks(); hooks.hasCUDART()) {
    add(figures, "cuda_libtorch_was_built_with", buildSetting("CUDA_VERSION"));
    if (hooks.hasCuDNN()) {
      addCount(figures, "cudnn", hooks.versionRuntimeCuDNN());
    }
  }
  add(figures, "libtorch", buildSetting("TORCH_VERSION"));
  add(figures, "built_for_libtorch", TORCH_VERSION);
  add(figures, "program", "Barlow Studio " BARLOW_VERSION);
  add(figures, "processor", processorName());
  addCount(figures, "cores", usableCores());
  addBytes(figures, "processor_memory_available", availableMemoryBytes());
  return figures;
}

DeviceCheckResult checkFacts(DeviceCheckSetting& setting) {
  const torch::Device device(setting.device);
  const bool hasCuda = at::detail::getCUDAHooks().hasCUDART();
  DeviceCheckResult result{.figures = {{"device", setting.device}}};
  addDevice(result.figures, device);
  const Figures software = softwareFigures();
  result.figures.insert(result.figures.end(), software.begin(), software.end());
  const std::string problem = problemOf(setting, hasCuda);
  setPassed(result, problem.empty(), problem.empty() ? description(device) : problem);
  return result;
}

}  // namespace barlow
