#include "core/dataset/synthetic_shapes.h"
#include "core/device/batch_source.h"
#include "core/device/compute_device.h"
#include "core/step/errors.h"
#include "core/step/probe_step.h"
#include "core/studio/device_check_parts.h"
#include "core/torch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace barlow {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Work per second of `work`, which queues one piece of it: wall time around several pieces, with a
// wait for the device at both ends. Zero when stopped.
struct Stopwatch {
  torch::Device device;
  int warmUp = 3;
  double seconds = 1;  // of measuring
  int least = 3;       // pieces

  double perSecond(const std::function<void()>& work, const std::stop_token& stop) const {
    for (int i = 0; i < warmUp && !stop.stop_requested(); ++i) {
      work();
    }
    waitFor(device);
    const auto start = Clock::now();
    work();
    waitFor(device);
    const double one = secondsSince(start);
    const int most = std::max(least, static_cast<int>(std::min(seconds / one, 1000.0)));
    const auto begin = Clock::now();
    int made = 0;
    for (; made < most && !stop.stop_requested(); ++made) {
      work();
    }
    waitFor(device);
    return stop.stop_requested() ? 0 : made / secondsSince(begin);
  }
};

Stopwatch stopwatch(const DeviceCheckSetting& setting) {
  Stopwatch watch{.device = torch::Device(setting.device)};
  if (setting.isCpu()) {
    watch.warmUp = 1;
    watch.least = 1;
  }
  watch.seconds = setting.isQuick ? 0.3 : 1;
  return watch;
}

struct SpeedCase {
  std::string precision;
  bool isChannelsLast = true;
  std::int64_t batch = 0;
  bool isRecorded = false;

  std::string name() const {
    return fmt::format("{}_{}_batch_{}{}",
                       precision,
                       isChannelsLast ? "channels_last" : "contiguous",
                       batch,
                       isRecorded ? "_recorded" : "");
  }
};

std::vector<SpeedCase> speedCases(const DeviceCheckSetting& setting) {
  if (setting.isCpu()) {
    const std::int64_t batch = setting.isQuick ? 8 : 16;
    return {{"fp32", true, batch}, {"fp32", false, batch}, {"bf16", true, batch}};
  }
  std::vector<SpeedCase> cases;
  const bool canRecord = makeGraphRecorder(torch::Device(setting.device)) != nullptr;
  // Most telling first, should time run out.
  for (const std::int64_t batch : {1024, 256}) {
    for (const std::string precision : {"bf16", "tf32", "fp32"}) {
      if (precision == "tf32" && !setting.isCuda()) {
        continue;
      }
      cases.push_back({precision, true, batch});
      if (canRecord && precision != "fp32") {
        cases.push_back({precision, true, batch, true});
      }
    }
  }
  for (const std::int64_t batch : {1024, 256}) {
    for (const std::string precision : {"bf16", "tf32", "fp32"}) {
      if (precision != "tf32" || setting.isCuda()) {
        cases.push_back({precision, false, batch});
      }
    }
  }
  return cases;
}

// Pairs per second of a ResNet-18 for 32 x 32 with three layers of 2048; nothing where it does not
// fit into memory.
std::optional<double> stepSpeed(const DeviceCheckSetting& setting, const SpeedCase& example) {
  const torch::Device device(setting.device);
  const auto format =
      example.isChannelsLast ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  try {
    ProbeStep probe({.model = {},
                     .objective = {},
                     .optim = {},
                     .precision = example.precision,
                     .format = format,
                     .isRecorded = example.isRecorded},
                    device,
                    example.batch);
    const ProbeViews views = probeViews(example.batch, 32, device, format);
    Stopwatch watch = stopwatch(setting);
    if (example.isRecorded) {
      watch.warmUp = StepGraph::kWarmUp + 2;
    }
    const double steps = watch.perSecond([&] { probe.step(views.a, views.b, 0.01); }, setting.stop);
    if (example.isRecorded && !probe.isRecorded()) {
      return std::nullopt;  // a plain step's speed
    }
    return steps * static_cast<double>(example.batch);
  } catch (const c10::Error&) {
    if (!isOutOfMemory(std::current_exception())) {
      throw;
    }
    return std::nullopt;
  }
}

// Seconds after which no further case is begun.
double patience(const DeviceCheckSetting& setting) {
  return setting.isCpu() ? (setting.isQuick ? 5 : 12) : (setting.isQuick ? 20 : 50);
}

}  // namespace

DeviceCheckResult checkStepSpeed(DeviceCheckSetting& setting) {
  setArithmetic(torch::Device(setting.device), false);  // as a training: fastest algorithms
  const auto start = Clock::now();
  DeviceCheckResult result;
  int leftOut = 0;
  int tooLarge = 0;
  for (const SpeedCase& example : speedCases(setting)) {
    if (secondsSince(start) > patience(setting)) {
      ++leftOut;
      continue;
    }
    const auto speed = stepSpeed(setting, example);
    if (setting.stop.stop_requested()) {
      return result;
    }
    if (!speed) {
      ++tooLarge;
      releaseDeviceMemory(torch::Device(setting.device));
      continue;
    }
    result.figures.push_back({example.name(), *speed});
    if (*speed > setting.bestStepSpeed) {
      setting.bestStepSpeed = *speed;
      setting.bestStep = example.name();
      std::replace(setting.bestStep.begin(), setting.bestStep.end(), '_', ' ');
    }
  }
  std::string text = fmt::format("ResNet-18 at 32 x 32 makes up to {:.0f} pairs/s ({})",
                                 setting.bestStepSpeed,
                                 setting.bestStep);
  if (tooLarge > 0) {
    text += fmt::format("; not enough memory for {} more", tooLarge);
  }
  if (leftOut > 0) {
    text += fmt::format("; {} more left out for time", leftOut);
  }
  setPassed(result, setting.bestStepSpeed > 0, text);
  return result;
}

namespace {

RunConfig dataConfig(const DeviceCheckSetting& setting, AugmentKernel kernel) {
  RunConfig config;
  config.augment = withRecipe(config.augment, Recipe::CifarSolo);
  config.augment.kernel = kernel;
  config.run.batchSize = setting.isCpu() ? 64 : 1024;
  return config;
}

constexpr std::int64_t kEndless = std::int64_t{1} << 40;

// So many batches at least that those which were made ahead do not count for much.
constexpr int kLeastBatches = 16;

double sourceSpeed(const DeviceCheckSetting& setting,
                   BatchSource& source,
                   const RunConfig& config) {
  const torch::Device device(setting.device);
  const double seconds = setting.isQuick ? 0.3 : 1.5;
  std::optional<DeviceBatch> batch;
  for (int i = 0; i < 4; ++i) {
    batch = source.next(setting.stop);
  }
  waitFor(device);
  const auto start = Clock::now();
  int made = 0;
  while ((made < kLeastBatches || secondsSince(start) < seconds) && batch) {
    batch = source.next(setting.stop);
    ++made;
  }
  waitFor(device);
  return setting.stop.stop_requested() ? 0 : made * config.run.batchSize / secondsSince(start);
}

double loaderSpeed(const DeviceCheckSetting& setting, AugmentKernel kernel, int workers) {
  const RunConfig config = dataConfig(setting, kernel);
  const auto source =
      makeLoaderSource({.dataset = std::make_shared<SyntheticShapes>(SyntheticShapes::Part::Train),
                        .config = config,
                        .firstStep = 0,
                        .lastStep = kEndless,
                        .workers = workers},
                       torch::Device(setting.device),
                       torch::MemoryFormat::ChannelsLast);
  return sourceSpeed(setting, *source, config);
}

double viewSpeed(const DeviceCheckSetting& setting) {
  const RunConfig config = dataConfig(setting, AugmentKernel::Exact);
  std::string whyNot;
  const auto images = ResidentImages::load(SyntheticShapes(SyntheticShapes::Part::Train),
                                           torch::Device(setting.device),
                                           {.bytes = std::uint64_t{1} << 30, .threads = 2},
                                           setting.stop,
                                           whyNot);
  if (!images) {
    return 0;
  }
  const auto source =
      makeResidentSource({.images = images, .config = config, .lastStep = kEndless});
  return sourceSpeed(setting, *source, config);
}

// What holds a training back: views and steps share a device, a loader works beside it.
std::string boundText(const DeviceCheckSetting& setting, double loader, double views) {
  const double step = setting.bestStepSpeed;
  const double shared = step > 0 && views > 0 ? 1 / (1 / step + 1 / views) : 0;
  if (setting.isCpu()) {
    return loader < step ? fmt::format(
                               "the loader bounds training of ResNet-18: {:.0f} pairs/s, the step "
                               "alone {:.0f}",
                               loader,
                               step)
                         : fmt::format(
                               "the step bounds training of ResNet-18: {:.0f} pairs/s, the loader "
                               "could make {:.0f}",
                               step,
                               loader);
  }
  if (shared >= std::min(loader, step)) {
    return fmt::format(
        "views made on the device ({:.0f} pairs/s alone) and the step ({:.0f}) "
        "share it: about {:.0f} pairs/s, {:.0f} % of the time for views; the loader "
        "makes {:.0f}",
        views,
        step,
        shared,
        100 * shared / views,
        loader);
  }
  return loader < step ? fmt::format(
                             "the loader bounds training: {:.0f} pairs/s, the step alone "
                             "{:.0f}, views and step on the device {:.0f}",
                             loader,
                             step,
                             shared)
                       : fmt::format(
                             "the step bounds training: {:.0f} pairs/s; the loader makes "
                             "{:.0f}, views and step on the device {:.0f}",
                             step,
                             loader,
                             shared);
}

}  // namespace

DeviceCheckResult checkDataSpeed(DeviceCheckSetting& setting) {
  const int workers = mostLoaderWorkers(torch::Device(setting.device));
  const double exact = loaderSpeed(setting, AugmentKernel::Exact, workers);
  const double fast = loaderSpeed(setting, AugmentKernel::Fast, workers);
  const double views = viewSpeed(setting);
  DeviceCheckResult result{.figures = {{"loader_threads", std::int64_t{workers}},
                                       {"loader_exact", exact},
                                       {"loader_fast", fast},
                                       {"device_views", views},
                                       {"step", setting.bestStepSpeed}}};
  setPassed(
      result, exact > 0 && fast > 0 && views > 0, boundText(setting, std::max(exact, fast), views));
  return result;
}

}  // namespace barlow
