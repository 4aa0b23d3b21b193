#pragma once

#include "core/params/run_config.h"
#include "core/studio/device_check.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace barlow {

/// What every check is given, and what the last ones take from those before. Internal to
/// core/studio.
struct DeviceCheckSetting {
  std::string device = "cpu";  // "cuda:0"
  bool isQuick = false;
  std::stop_token stop;
  std::filesystem::path folder;  // for runs; empty at first, removed at the end

  double bestStepSpeed = 0;  // pairs per second, of the steps that were timed
  std::string bestStep;      // "bf16 channels_last batch 1024"

  bool isCpu() const { return device == "cpu"; }
  bool isCuda() const { return device.starts_with("cuda"); }
};

using DeviceCheckFunction = std::function<DeviceCheckResult(DeviceCheckSetting& setting)>;

/// A check with its names; `run` need not fill those in.
struct DeviceCheckPart {
  std::string check;
  std::string title;
  DeviceCheckFunction run;
};

/// All of them in their order.
const std::vector<DeviceCheckPart>& deviceCheckParts();

/// Makes `parts` one after the other: checkDevice() without its list and its device.
DeviceCheckReport runDeviceChecks(const std::vector<DeviceCheckPart>& parts,
                                  DeviceCheckSetting setting,
                                  const std::function<void(const DeviceCheckResult&)>& emit);

/// Driver, CUDA, LibTorch, processor: what can be said without a device too.
std::vector<DeviceCheckFigure> softwareFigures();

DeviceCheckResult checkFacts(DeviceCheckSetting& setting);
DeviceCheckResult checkViews(DeviceCheckSetting& setting);
DeviceCheckResult checkObjective(DeviceCheckSetting& setting);
DeviceCheckResult checkNetwork(DeviceCheckSetting& setting);
DeviceCheckResult checkRecordedStep(DeviceCheckSetting& setting);
DeviceCheckResult checkLateMetrics(DeviceCheckSetting& setting);
DeviceCheckResult checkResume(DeviceCheckSetting& setting);
DeviceCheckResult checkNotFinite(DeviceCheckSetting& setting);
DeviceCheckResult checkMemory(DeviceCheckSetting& setting);
DeviceCheckResult checkStepSpeed(DeviceCheckSetting& setting);
DeviceCheckResult checkDataSpeed(DeviceCheckSetting& setting);

/// A run of a small network on generated pictures, with everything fixed that is otherwise
/// measured.
RunConfig shortRunConfig(const DeviceCheckSetting& setting, int steps);

inline DeviceCheckResult skippedCheck(std::string why) {
  return {.outcome = DeviceCheckOutcome::Skipped, .text = std::move(why)};
}

inline void setPassed(DeviceCheckResult& result, bool isPassed, const std::string& text) {
  result.outcome = isPassed ? DeviceCheckOutcome::Passed : DeviceCheckOutcome::Failed;
  result.text = text;
}

}  // namespace barlow
