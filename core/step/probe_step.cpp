#include "core/step/probe_step.h"

#include "core/device/compute_device.h"
#include "core/params/config_io.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/DeviceAccelerator.h>

#include <utility>

namespace barlow {

using torch::Tensor;

void waitFor(const torch::Device& device) {
  if (!device.is_cpu()) {
    at::accelerator::synchronizeDevice(device.index());
  }
}

KeptTorchSettings::KeptTorchSettings()
    : threads_(at::get_num_threads()),
      isDeterministic_(at::globalContext().deterministicAlgorithms()),
      warnsOnly_(at::globalContext().deterministicAlgorithmsWarnOnly()),
      isCuDnnDeterministic_(at::globalContext().deterministicCuDNN()),
      isCuDnnTimed_(at::globalContext().benchmarkCuDNN()),
      hasTf32Convolutions_(at::globalContext().allowTF32CuDNN(at::Float32Op::CONV)),
      products_(at::globalContext().float32MatmulPrecision()) {}

KeptTorchSettings::~KeptTorchSettings() {
  at::Context& context = at::globalContext();
  context.setDeterministicAlgorithms(isDeterministic_, warnsOnly_);
  context.setDeterministicCuDNN(isCuDnnDeterministic_);
  context.setBenchmarkCuDNN(isCuDnnTimed_);
  context.setAllowTF32CuDNN(hasTf32Convolutions_);
  context.setFloat32MatmulPrecision(products_ == at::Float32MatmulPrecision::HIGHEST ? "highest"
                                    : products_ == at::Float32MatmulPrecision::HIGH  ? "high"
                                                                                     : "medium");
  at::set_num_threads(threads_);
}

namespace {

RunConfig configOf(const ProbeStep::Options& options, std::int64_t batch) {
  RunConfig config;
  config.model = options.model;
  config.objective = options.objective;
  config.optim = options.optim;
  config.run.batchSize = static_cast<int>(batch);
  return config;
}

}  // namespace

ProbeStep::ProbeStep(const Options& options, const torch::Device& device, std::int64_t batch)
    : samples_(torch::arange(batch, torch::kInt64).to(device)),
      learner_(configOf(options, batch),
               objectiveSizes(configOf(options, batch), batch),
               device,
               options.format),
      stepOptions_({.precision = options.precision == "bf16" ? torch::kBFloat16 : torch::kFloat32,
                    .isTf32 = options.precision == "tf32"}),
      runner_(learner_, device, {.step = stepOptions_, .isRecorded = options.isRecorded}) {}

TrainingStep::Output ProbeStep::step(const Tensor& viewA, const Tensor& viewB, double rate) {
  runner_.beginStep(
      {},
      {.weights = rate, .oneDimensional = rate, .peakWeights = rate, .peakOneDimensional = rate});
  return runner_.step({viewA, viewB}, samples_, {});
}

TrainingStep::Output ProbeStep::gradients(const Tensor& viewA, const Tensor& viewB) {
  TrainingStep step(learner_, stepOptions_);
  TrainingStep::Output output = step.forward({viewA, viewB}, samples_, {});
  step.backward();
  return output;
}

ProbeViews probeViews(std::int64_t n,
                      int side,
                      const torch::Device& device,
                      torch::MemoryFormat format) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
  const Tensor common = torch::randn({n, 3, side, side}, generator);
  const auto view = [&] {
    return (0.9 * common + 0.45 * torch::randn({n, 3, side, side}, generator))
        .to(device)
        .contiguous(format);
  };
  Tensor a = view();
  return {.a = std::move(a), .b = view()};
}

}  // namespace barlow
