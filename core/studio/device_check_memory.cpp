#include "core/base/system.h"
#include "core/base/text.h"
#include "core/step/probe_step.h"
#include "core/studio/device_check_parts.h"
#include "core/torch.h"
#include "core/training/trainer.h"

#include <ATen/DeviceAccelerator.h>
#include <fmt/format.h>

#include <algorithm>

namespace barlow {
namespace {

struct Memory {
  std::int64_t used = 0;      // device: by tensors; CPU: resident
  std::int64_t reserved = 0;  // device: taken from it
};

Memory memoryNow(const torch::Device& device) {
  if (device.is_cpu()) {
    return {.used = static_cast<std::int64_t>(residentBytes())};
  }
  waitFor(device);
  const auto stats = at::accelerator::getDeviceStats(device.index());
  const auto all = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  return {.used = stats.allocated_bytes[all].current,
          .reserved = stats.reserved_bytes[all].current};
}

struct Growth {
  Memory early;
  Memory late;
};

// A run as it is, with all that it keeps from step to step.
Growth watch(const DeviceCheckSetting& setting, const RunConfig& config, int first, int last) {
  RunRequest request;
  request.config = config;
  request.folder = setting.folder / (config.run.stepGraph ? "memory-recorded" : "memory");
  const auto trainer = makeTrainer(request);
  trainer->prepare(setting.stop, [](SessionEvent) {});
  const torch::Device device(setting.device);
  Growth growth;
  for (int step = 1; step <= last && !setting.stop.stop_requested(); ++step) {
    trainer->step(setting.stop);
    if (step == first || step == last) {
      trainer->settle();
      (step == first ? growth.early : growth.late) = memoryNow(device);
    }
  }
  trainer->finish(RunEnd::Stopped, {});
  return growth;
}

// Of a process also what malloc keeps and what the loader's threads have in hand.
constexpr std::int64_t kAllowedOnDevice = 1 << 20;
constexpr std::int64_t kAllowedOnCpu = 96 << 20;

}  // namespace

DeviceCheckResult checkMemory(DeviceCheckSetting& setting) {
  const int last = setting.isQuick ? 100 : 300;
  const int first = setting.isQuick ? 30 : 50;
  const std::int64_t allowed = setting.isCpu() ? kAllowedOnCpu : kAllowedOnDevice;
  DeviceCheckResult result{
      .figures = {{"first_step", std::int64_t{first}}, {"last_step", std::int64_t{last}}}};
  std::int64_t worst = 0;
  for (const bool isRecorded : {false, true}) {
    if (isRecorded && !setting.isCuda()) {
      continue;
    }
    RunConfig config = shortRunConfig(setting, last + 1);
    config.run.stepGraph = isRecorded;
    const Growth growth = watch(setting, config, first, last);
    const std::string prefix = isRecorded ? "recorded_" : "";
    result.figures.push_back({prefix + "bytes_early", growth.early.used});
    result.figures.push_back({prefix + "bytes_late", growth.late.used});
    if (!setting.isCpu()) {
      result.figures.push_back({prefix + "reserved_early", growth.early.reserved});
      result.figures.push_back({prefix + "reserved_late", growth.late.reserved});
    }
    worst = std::max(worst, growth.late.used - growth.early.used);
  }
  result.figures.push_back({"allowed_growth", allowed});
  setPassed(result,
            worst <= allowed,
            fmt::format("memory grew by {} from step {} to step {} ({} allowed)",
                        formatBytes(static_cast<std::uint64_t>(std::max<std::int64_t>(0, worst))),
                        first,
                        last,
                        formatBytes(static_cast<std::uint64_t>(allowed))));
  return result;
}

}  // namespace barlow
