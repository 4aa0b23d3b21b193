#include "core/base/system.h"
#include "core/models/twin_network.h"
#include "core/objectives/barlow_twins_loss.h"
#include "core/optim/optimizer.h"
#include "core/studio/benchmark_parts.h"
#include "core/training/twin_step.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <torch/torch.h>

#include <array>

namespace barlow {
namespace {

using torch::Tensor;

Tensor noise(torch::IntArrayRef shape) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
  return torch::randn(shape, generator);
}

// main.py's formulation in one process: the whole matrix, differentiated by autograd.
Tensor referenceLoss(const Tensor& zA, const Tensor& zB, double lambda) {
  const std::int64_t d = zA.size(1);
  const Tensor c = torch::mm(standardize(zA).t(), standardize(zB)) / zA.size(0);
  const Tensor off = c.flatten().slice(0, 0, d * d - 1).view({d - 1, d + 1}).slice(1, 1);
  return (torch::diagonal(c) - 1).pow(2).sum() + lambda * off.pow(2).sum();
}

struct Size {
  std::int64_t n;
  std::int64_t d;
};

constexpr std::array<Size, 7> kSizes = {
    {{128, 2048}, {128, 8192}, {256, 512}, {256, 2048}, {256, 8192}, {1024, 1024}, {1024, 2048}}};

void emitLoss(const BenchmarkSetting& setting, const Size& size, const std::string& method) {
  const double lambda = ObjectiveParams{}.lambda;
  const Tensor zA = noise({size.n, size.d}).requires_grad_();
  const Tensor zB = (0.8 * zA.detach() + 0.6 * zA.detach().roll(1, 0)).requires_grad_();
  const LossForm form = method == "direct" ? LossForm::Direct
                        : method == "gram" ? LossForm::Gram
                                           : LossForm::Auto;
  const auto work = [&] {
    zA.mutable_grad().reset();
    zB.mutable_grad().reset();
    (method == "reference" ? referenceLoss(zA, zB, lambda)
                           : barlowTwinsLoss(zA, zB, lambda, form).loss)
        .backward();
  };
  const std::uint64_t before = residentBytes();
  resetPeakResidentBytes();
  work();  // the first warm-up: its memory is what is reported
  const std::uint64_t peak = peakResidentBytes();
  const double extra = peak > before ? static_cast<double>(peak - before) / (1 << 20) : 0;
  const Timing timing = timed(setting.repetitions(25, 3), setting.stop, work);
  setting.emit(fmt::format(
      R"({{"bench":"loss","n":{},"d":{},"method":"{}","form":"{}","ms_median":{:.3f},"ms_min":{:.3f},"reps":{},"threads":{},"extra_mb":{:.1f}}})",
      size.n,
      size.d,
      method,
      method == "reference" ? "direct" : toText(chosenForm(form, size.n, size.d)),
      timing.median,
      timing.minimum,
      timing.repetitions,
      setting.threads,
      extra));
}

struct StepCase {
  int width;
  std::vector<int> projector;
  std::int64_t batch;
  torch::ScalarType precision;
  bool isChannelsLast;
};

void emitStep(const BenchmarkSetting& setting, const StepCase& example) {
  ModelParams model;
  model.width = example.width;
  model.projector = example.projector;
  TwinNetwork network(model);
  initializeWeights(network, 0);
  network->train();
  const auto format =
      example.isChannelsLast ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  NamedTensors parameters;
  for (const auto& item : network->named_parameters()) {
    if (item.value().dim() == 4) {
      torch::NoGradGuard noGrad;
      item.value().set_data(item.value().contiguous(format));
    }
    parameters.emplace_back(item.key(), item.value());
  }
  OptimParams optim;
  optim.name = OptimizerName::Sgd;
  Optimizer optimizer(optim, parameters);
  optimizer.setLearningRates(0.06, 0.06);
  TwinStep step(network, {.objective = {}, .precision = example.precision});
  const Tensor viewA = noise({example.batch, 3, 32, 32}).contiguous(format);
  const Tensor viewB = viewA.flip(0).contiguous(format);
  const Timing timing = timed(setting.repetitions(9, 20), setting.stop, [&] {
    optimizer.zeroGrad();
    step.forward(viewA, viewB);
    step.backward();
    optimizer.step();
  });
  std::string projector;
  for (const int width : example.projector) {
    projector += (projector.empty() ? "" : "-") + std::to_string(width);
  }
  const auto pairs = [&](double ms) {
    return ms > 0 ? 1e3 * static_cast<double>(example.batch) / ms : 0;
  };
  setting.emit(fmt::format(
      R"({{"bench":"step","model":"resnet18_cifar","width":{},"projector":"{}","batch":{},"precision":"{}","memory_format":"{}","pairs_per_second":{:.2f},"pairs_per_second_best":{:.2f},"reps":{},"threads":{}}})",
      example.width,
      projector,
      example.batch,
      example.precision == torch::kBFloat16 ? "bf16" : "fp32",
      example.isChannelsLast ? "channels_last" : "contiguous",
      pairs(timing.median),
      pairs(timing.minimum),
      timing.repetitions,
      setting.threads));
}

}  // namespace

void benchmarkLoss(const BenchmarkSetting& setting) {
  for (const Size& size : kSizes) {
    for (const char* method : {"reference", "direct", "gram", "auto"}) {
      if (setting.stop.stop_requested()) {
        return;
      }
      emitLoss(setting, size, method);
    }
  }
}

void benchmarkStep(const BenchmarkSetting& setting) {
  const std::vector<StepCase> cases = {{16, {512, 512, 512}, 256, torch::kFloat32, true},
                                       {16, {512, 512, 512}, 256, torch::kFloat32, false},
                                       {16, {8192, 8192, 8192}, 128, torch::kFloat32, true},
                                       {64, {2048, 2048, 2048}, 128, torch::kFloat32, true}};
  for (const StepCase& example : cases) {
    if (setting.stop.stop_requested()) {
      return;
    }
    emitStep(setting, example);
  }
}

}  // namespace barlow
