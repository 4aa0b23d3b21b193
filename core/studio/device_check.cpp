#include "core/studio/device_check.h"

#include "core/base/error.h"
#include "core/base/system.h"
#include "core/device/compute_device.h"
#include "core/params/config_io.h"
#include "core/step/probe_step.h"
#include "core/studio/describe_exception.h"
#include "core/studio/device_check_parts.h"
#include "core/torch.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <system_error>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// A folder of one's own below the system's for temporary files.
class ScratchFolder {
 public:
  ScratchFolder() {
    static std::atomic<int> count = 0;
    path_ = fs::temp_directory_path() /
            fmt::format("barlow-check-{}-{}", processId(), count.fetch_add(1));
    fs::create_directories(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;  // what cannot be removed stays for the system to tidy up
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

DeviceCheckResult attempt(const DeviceCheckPart& part, DeviceCheckSetting& setting) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  DeviceCheckResult result;
  try {
    result = part.run(setting);
    releaseDeviceMemory(torch::Device(setting.device));  // the next one finds it as this one did
  } catch (...) {
    result.outcome = DeviceCheckOutcome::Failed;
    result.text = describeException(std::current_exception()).message;
  }
  result.check = part.check;
  result.title = part.title;
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return result;
}

void requireDeviceName(const std::string& name) {
  RunConfig config;
  config.run.device = name;
  if (const auto problems = validate(config); !problems.empty()) {
    throw Exception(fmt::format("{}: {}", problems.front().key, problems.front().message));
  }
}

// Where the device is not there nothing can be said of it.
DeviceCheckReport withoutDevice(const std::string& why,
                                const std::function<void(const DeviceCheckResult&)>& emit) {
  DeviceCheckReport report;
  for (const DeviceCheckPart& part : deviceCheckParts()) {
    const bool isFirst = &part == &deviceCheckParts().front();
    emit({.check = part.check,
          .title = part.title,
          .outcome = isFirst ? DeviceCheckOutcome::Failed : DeviceCheckOutcome::Skipped,
          .figures = isFirst ? softwareFigures() : std::vector<DeviceCheckFigure>(),
          .text = isFirst ? why : std::string("there is no device to check")});
    if (isFirst) {
      report.failed.push_back(part.title);
    } else {
      ++report.skipped;
    }
  }
  return report;
}

}  // namespace

const std::vector<DeviceCheckPart>& deviceCheckParts() {
  static const std::vector<DeviceCheckPart> kParts = {
      {"device", "Device", checkFacts},
      {"views", "Views made on the device", checkViews},
      {"objective", "Loss and its gradients", checkObjective},
      {"network", "A step against double precision", checkNetwork},
      {"recorded_step", "Recorded steps", checkRecordedStep},
      {"late_metrics", "Numbers read back late", checkLateMetrics},
      {"resume", "Stopped, resumed and repeated", checkResume},
      {"not_finite", "A loss that is not finite", checkNotFinite},
      {"memory", "Memory over many steps", checkMemory},
      {"step_speed", "Speed of a step alone", checkStepSpeed},
      {"data_speed", "Speed of the views", checkDataSpeed}};
  return kParts;
}

std::vector<std::string> deviceCheckTitles() {
  std::vector<std::string> titles;
  for (const DeviceCheckPart& part : deviceCheckParts()) {
    titles.push_back(part.title);
  }
  return titles;
}

DeviceCheckReport runDeviceChecks(const std::vector<DeviceCheckPart>& parts,
                                  DeviceCheckSetting setting,
                                  const std::function<void(const DeviceCheckResult&)>& emit) {
  DeviceCheckReport report;
  const ScratchFolder folder;
  setting.folder = folder.path();
  for (const DeviceCheckPart& part : parts) {
    if (setting.stop.stop_requested()) {
      break;
    }
    const DeviceCheckResult result = attempt(part, setting);
    if (setting.stop.stop_requested()) {
      break;  // it may have ended early
    }
    if (result.outcome == DeviceCheckOutcome::Failed) {
      report.failed.push_back(result.title);
    } else {
      ++(result.outcome == DeviceCheckOutcome::Passed ? report.passed : report.skipped);
    }
    emit(result);
  }
  report.wasStopped = setting.stop.stop_requested();
  return report;
}

DeviceCheckReport checkDevice(const DeviceCheckRequest& request,
                              const std::function<void(const DeviceCheckResult&)>& emit,
                              std::stop_token stop) {
  requireDeviceName(request.device);
  const KeptTorchSettings kept;
  DeviceCheckSetting setting{.isQuick = request.isQuick, .stop = stop};
  try {
    setting.device = resolveDevice(request.device).device.str();
  } catch (...) {
    return withoutDevice(describeException(std::current_exception()).message, emit);
  }
  at::set_num_threads(resolveThreads(0));
  // What deterministic products need is read from the environment at the first one.
  setArithmetic(torch::Device(setting.device), true);
  return runDeviceChecks(deviceCheckParts(), setting, emit);
}

}  // namespace barlow
