#include "core/device/compute_device.h"

#include "core/base/error.h"
#include "core/base/system.h"
#include "core/device/accelerator.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/CachingHostAllocator.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>

namespace barlow {
namespace {

// Keeps the text of LibTorch's warnings instead of printing them.
class KeptWarnings final : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override { text += warning.msg(); }
  std::string text;
};

struct CountedDevices {
  int count = 0;
  std::string whyNone;
};

// LibTorch counts once per process, and says then why there is none.
CountedDevices countCudaDevices() {
  KeptWarnings warnings;
  const c10::WarningUtils::WarningHandlerGuard guard(&warnings);
  const auto kind = at::accelerator::getAccelerator();
  const bool isCuda = kind && *kind == torch::kCUDA;
  const int count = isCuda ? static_cast<int>(at::accelerator::deviceCount()) : 0;
  const std::string text = warnings.text.empty()  // as where there is no driver at all
                               ? "no driver or no NVIDIA GPU is found"
                               : warnings.text.substr(0, warnings.text.find(". "));
  const std::string prefix = "CUDA initialization: ";
  return {count, text.starts_with(prefix) ? text.substr(prefix.size()) : text};
}

// A GPU that is too old or too new for this LibTorch is counted like any other; its kernels are
// missing.
std::string kernelProblem(const torch::Device& device) {
  try {
    const torch::Tensor two = torch::ones({1}, torch::kFloat32).to(device) + 1;
    return two.item<float>() == 2 ? "" : "it computes 1 + 1 wrongly";
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    return text.substr(0, text.find('\n'));
  }
}

torch::Device askedDevice(const std::string& name, const SeenDevices& seen) {
  const torch::Device asked(name == "cuda" ? "cuda:0" : name);
  if (seen.count == 0 || !asked.is_cuda()) {
    throw Exception(
        fmt::format("run.device asks for {}, but this LibTorch sees no such device{}; use "
                    "run.device=cpu, or a CUDA build of LibTorch "
                    "(LIBTORCH_DIR) and a working driver.",
                    name,
                    seen.whyNone.empty() ? "" : fmt::format(" ({})", seen.whyNone)));
  }
  if (asked.index() >= seen.count) {
    throw Exception(fmt::format("run.device asks for {}, but there are only {} devices: 0 to {}.",
                                name,
                                seen.count,
                                seen.count - 1));
  }
  if (const std::string problem = seen.problemOf(asked); !problem.empty()) {
    throw Exception(fmt::format(
        "run.device asks for {}, which does not work here ({}); use run.device=cpu, or a LibTorch "
        "made for this GPU (LIBTORCH_DIR).",
        name,
        problem));
  }
  return asked;
}

}  // namespace

SeenDevices seenDevices() {
  static const CountedDevices counted = countCudaDevices();
  const bool isCudaBuild = at::Context::hasCUDART();
  return {.isCudaBuild = isCudaBuild,
          .count = counted.count,
          .whyNone = isCudaBuild && counted.count == 0 ? counted.whyNone : "",
          .problemOf = kernelProblem};
}

ResolvedDevice resolveDevice(const std::string& name, const SeenDevices& seen) {
  if (name == "cpu") {
    return {};
  }
  if (name != "auto") {
    return {.device = askedDevice(name, seen), .warning = ""};
  }
  if (seen.count == 0) {
    return {.device = torch::kCPU,
            .warning = seen.isCudaBuild
                           ? fmt::format("This LibTorch is built for GPUs but sees none ({}): the "
                                         "run takes the CPU. Mend the driver, or set "
                                         "run.device=cpu.",
                                         seen.whyNone)
                           : ""};
  }
  const torch::Device first(torch::kCUDA, 0);
  const std::string problem = seen.problemOf(first);
  if (problem.empty()) {
    return {.device = first, .warning = ""};
  }
  return {.device = torch::kCPU,
          .warning = fmt::format("{} does not work with this LibTorch ({}): the run takes the CPU. "
                                 "Use a LibTorch made for this GPU (LIBTORCH_DIR), or set "
                                 "run.device=cpu.",
                                 first.str(),
                                 problem)};
}

int resolveThreads(int threads) {
  return threads > 0 ? threads : threadsAskedFor().value_or(usableCores());
}

int mostLoaderWorkers(const torch::Device& device) {
  return device.is_cpu() ? std::clamp(usableCores(), 1, 4) : std::clamp(usableCores() - 1, 1, 16);
}

void setArithmetic(const torch::Device& device, bool isDeterministic) {
  at::Context& context = at::globalContext();
  const bool isAccelerator = !device.is_cpu();
  context.setDeterministicAlgorithms(isAccelerator && isDeterministic, /*warn_only=*/false);
  context.setDeterministicCuDNN(isAccelerator && isDeterministic);
  context.setBenchmarkCuDNN(isAccelerator && !isDeterministic);
  // LibTorch's own default lets convolutions round to TF32, and TORCH_ALLOW_TF32_CUBLAS_OVERRIDE
  // (set in many containers) all products. Only the older calls: LibTorch refuses a mixture.
  context.setFloat32MatmulPrecision("highest");
  context.setAllowTF32CuDNN(false);
}

std::uint64_t availableDeviceBytes(const torch::Device& device) {
  if (device.is_cpu()) {
    return availableMemoryBytes();
  }
  std::uint64_t available = at::accelerator::getMemoryInfo(device.index()).first;
  if (at::getDeviceAllocator(device.type())->initialized()) {
    constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    const auto stats = at::accelerator::getDeviceStats(device.index());
    const std::int64_t kept =
        stats.reserved_bytes[kAll].current - stats.allocated_bytes[kAll].current;
    available += static_cast<std::uint64_t>(std::max<std::int64_t>(kept, 0));
  }
  return available;
}

void releaseDeviceMemory(const torch::Device& device) {
  if (device.is_cpu()) {
    return;
  }
  try {
    at::accelerator::synchronizeDevice(device.index());  // what still runs keeps its memory
    releaseWorkspaces(device);
    at::accelerator::emptyCache();
    at::getHostAllocator(device.type())->empty_cache();
  } catch (const c10::Error&) {
    // A device that failed fails here as well; that was told where it happened.
  }
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

Tf32Scope::Tf32Scope(const torch::Device& device, bool isActive)
    : isActive_(isActive && device.is_cuda()) {
  if (isActive_) {
    at::globalContext().setAllowTF32CuBLAS(true);
    at::globalContext().setAllowTF32CuDNN(true);
  }
}

Tf32Scope::~Tf32Scope() {
  if (isActive_) {
    at::globalContext().setAllowTF32CuBLAS(false);
    at::globalContext().setAllowTF32CuDNN(false);
  }
}

}  // namespace barlow
