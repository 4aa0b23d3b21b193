#include "core/device/compute_device.h"
#include "core/step/probe_step.h"
#include "core/studio/benchmark_parts.h"
#include "core/torch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

namespace barlow {
namespace {

struct StepCase {
  std::string name;
  ModelParams model;
  int side = 32;
  std::int64_t batch = 256;
  std::string precision = "fp32";
  bool isChannelsLast = true;
  bool isRecorded = false;  // as a graph
};

ModelParams modelOf(Backbone backbone, Stem stem, int width, int dimensions) {
  ModelParams model;
  model.backbone = backbone;
  model.stem = stem;
  model.width = width;
  model.projector = {dimensions, dimensions, dimensions};
  return model;
}

void emitStep(const BenchmarkSetting& setting, const StepCase& example) {
  const torch::Device device(setting.device);
  const auto format =
      example.isChannelsLast ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  OptimParams optim;
  optim.name = OptimizerName::Sgd;  // as the peers
  ProbeStep step({.model = example.model,
                  .optim = optim,
                  .precision = example.precision,
                  .format = format,
                  .isRecorded = example.isRecorded},
                 device,
                 example.batch);
  const ProbeViews views = probeViews(example.batch, example.side, device, format);
  // A device is waited for once in five steps: a training does not wait for each either.
  const int together = device.is_cpu() ? 1 : 5;
  Repetitions repetitions = setting.repetitions(device.is_cpu() ? 9 : 40, device.is_cpu() ? 20 : 4);
  repetitions.warmUp += device.is_cpu() ? 0 : 2;  // algorithms are searched, graphs recorded
  const Timing timing = timed(repetitions, setting.stop, [&] {
    for (int i = 0; i < together; ++i) {
      step.step(views.a, views.b, 0.06);
    }
    waitFor(device);
  });
  if (example.isRecorded && !step.isRecorded()) {
    return;  // this build or device has no graphs
  }
  const auto pairs = [&](double ms) {
    return ms > 0 ? 1e3 * together * static_cast<double>(example.batch) / ms : 0;
  };
  setting.emit(fmt::format(
      R"({{"bench":"step","model":"{}","width":{},"projector":"{}","batch":{},"precision":"{}","memory_format":"{}","device":"{}","launch":"{}","pairs_per_second":{:.2f},"pairs_per_second_best":{:.2f},"reps":{},"threads":{}}})",
      example.name,
      example.model.width,
      fmt::join(example.model.projector, "-"),
      example.batch,
      example.precision,
      example.isChannelsLast ? "channels_last" : "contiguous",
      device.str(),
      example.isRecorded ? "graph" : "eager",
      pairs(timing.median),
      pairs(timing.minimum),
      timing.repetitions,
      setting.threads));
}

std::vector<StepCase> casesOfCpu() {
  const auto resnet18 = [](int width, int dimensions) {
    return modelOf(Backbone::ResNet18, Stem::Cifar, width, dimensions);
  };
  const std::string name = "resnet18_cifar";
  return {{.name = name, .model = resnet18(16, 512)},
          {.name = name, .model = resnet18(16, 512), .isChannelsLast = false},
          {.name = name, .model = resnet18(16, 8192), .batch = 128},
          {.name = name, .model = resnet18(64, 2048), .batch = 128}};
}

// The cases of the published runs, whole and recorded.
std::vector<StepCase> casesOfAccelerator() {
  std::vector<StepCase> cases;
  for (const bool isRecorded : {false, true}) {
    for (const std::int64_t batch : {256, 1024}) {
      cases.push_back({.name = "resnet18_cifar",
                       .model = modelOf(Backbone::ResNet18, Stem::Cifar, 64, 2048),
                       .batch = batch,
                       .precision = "bf16",
                       .isRecorded = isRecorded});
    }
    cases.push_back({.name = "resnet50",
                     .model = modelOf(Backbone::ResNet50, Stem::Imagenet, 64, 8192),
                     .side = 224,
                     .batch = 256,
                     .precision = "bf16",
                     .isRecorded = isRecorded});
  }
  return cases;
}

}  // namespace

void benchmarkStep(const BenchmarkSetting& setting) {
  const torch::Device device(setting.device);
  const bool isCpu = device.is_cpu();
  setArithmetic(device, /*isDeterministic=*/false);
  for (const StepCase& example : isCpu ? casesOfCpu() : casesOfAccelerator()) {
    if (setting.stop.stop_requested()) {
      return;
    }
    emitStep(setting, example);
    releaseDeviceMemory(device);  // the next network has other sizes
  }
}

}  // namespace barlow
