#include "core/models/twin_network.h"
#include "core/optim/optimizer.h"
#include "core/studio/benchmark_parts.h"
#include "core/training/compute_device.h"
#include "core/training/step_graph.h"
#include "core/training/twin_step.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/DeviceAccelerator.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

#include <optional>
#include <string>
#include <vector>

namespace barlow {
namespace {

struct StepCase {
  std::string name;
  ModelParams model;
  int side = 32;
  std::int64_t batch = 256;
  torch::ScalarType precision = torch::kFloat32;
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

// Network, optimiser and two views in memory: all that a step needs but its data. SGD, as the
// peers.
class BenchmarkedStep {
 public:
  BenchmarkedStep(const StepCase& example, const torch::Device& device)
      : device_(device),
        network_(example.model),
        step_(network_, {.objective = {}, .precision = example.precision}) {
    const auto format = example.isChannelsLast ? torch::MemoryFormat::ChannelsLast
                                               : torch::MemoryFormat::Contiguous;
    initializeWeights(network_, 0);
    network_->to(device);
    network_->train();
    setMemoryFormat(network_, format);
    NamedTensors parameters;
    for (const auto& item : network_->named_parameters()) {
      parameters.emplace_back(item.key(), item.value());
    }
    OptimParams optim;
    optim.name = OptimizerName::Sgd;
    optimizer_.emplace(optim, parameters);
    optimizer_->setLearningRates(0.06, 0.06);
    auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
    viewA_ = torch::randn({example.batch, 3, example.side, example.side}, generator)
                 .to(device)
                 .contiguous(format);
    viewB_ = viewA_.flip(0).contiguous(format);
    if (auto recorder = example.isRecorded ? makeGraphRecorder(device) : nullptr) {
      optimizer_->keepRatesOnDevice();
      graph_.emplace(
          std::move(recorder),
          [this](const torch::Tensor& a, const torch::Tensor& b) { return queue(a, b); },
          [this] { optimizer_->zeroGrad(); });
    }
  }

  bool hasGraph() const { return graph_.has_value(); }

  /// Queues a step; its end is not waited for.
  void run() {
    optimizer_->beginUpdate();
    graph_ ? graph_->step(viewA_, viewB_) : queue(viewA_, viewB_);
  }

  void wait() const {
    if (!device_.is_cpu()) {
      at::accelerator::synchronizeDevice(device_.index());
    }
  }

 private:
  TwinStep::Output queue(const torch::Tensor& a, const torch::Tensor& b) {
    optimizer_->zeroGrad();
    TwinStep::Output output = step_.forward(a, b);
    step_.backward();
    optimizer_->applyUpdate();
    return output;
  }

  torch::Device device_;
  TwinNetwork network_;
  TwinStep step_;
  std::optional<Optimizer> optimizer_;
  torch::Tensor viewA_;
  torch::Tensor viewB_;
  std::optional<StepGraph> graph_;
};

void emitStep(const BenchmarkSetting& setting, const StepCase& example) {
  const torch::Device device(setting.device);
  BenchmarkedStep step(example, device);
  if (example.isRecorded && !step.hasGraph()) {
    return;  // this build or device has no graphs
  }
  // A device is waited for once in five steps: a training does not wait for each either.
  const int together = device.is_cpu() ? 1 : 5;
  Repetitions repetitions = setting.repetitions(device.is_cpu() ? 9 : 40, device.is_cpu() ? 20 : 4);
  repetitions.warmUp += device.is_cpu() ? 0 : 2;  // algorithms are searched, graphs recorded
  const Timing timing = timed(repetitions, setting.stop, [&] {
    for (int i = 0; i < together; ++i) {
      step.run();
    }
    step.wait();
  });
  const auto pairs = [&](double ms) {
    return ms > 0 ? 1e3 * together * static_cast<double>(example.batch) / ms : 0;
  };
  setting.emit(fmt::format(
      R"({{"bench":"step","model":"{}","width":{},"projector":"{}","batch":{},"precision":"{}","memory_format":"{}","device":"{}","launch":"{}","pairs_per_second":{:.2f},"pairs_per_second_best":{:.2f},"reps":{},"threads":{}}})",
      example.name,
      example.model.width,
      fmt::join(example.model.projector, "-"),
      example.batch,
      example.precision == torch::kBFloat16 ? "bf16" : "fp32",
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
                       .precision = torch::kBFloat16,
                       .isRecorded = isRecorded});
    }
    cases.push_back({.name = "resnet50",
                     .model = modelOf(Backbone::ResNet50, Stem::Imagenet, 64, 8192),
                     .side = 224,
                     .batch = 256,
                     .precision = torch::kBFloat16,
                     .isRecorded = isRecorded});
  }
  return cases;
}

}  // namespace

void benchmarkStep(const BenchmarkSetting& setting) {
  const bool isCpu = torch::Device(setting.device).is_cpu();
  for (const StepCase& example : isCpu ? casesOfCpu() : casesOfAccelerator()) {
    if (setting.stop.stop_requested()) {
      return;
    }
    emitStep(setting, example);
    if (!isCpu) {
      at::accelerator::emptyCache();  // the next network has other sizes
    }
  }
}

}  // namespace barlow
