#include "core/training/probe_step.h"

#include "core/training/compute_device.h"

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

ProbeStep::ProbeStep(const Options& options, const torch::Device& device)
    : network_(options.model) {
  initializeWeights(network_, 0);
  network_->to(device);
  setMemoryFormat(network_, options.format);
  network_->train();
  optimizer_ = std::make_unique<Optimizer>(options.optim, network_->namedParameters());
  twinStep_.emplace(network_,
                    TwinStep::Options{.objective = options.objective,
                                      .precision = options.precision == "bf16" ? torch::kBFloat16
                                                                               : torch::kFloat32,
                                      .isTf32 = options.precision == "tf32"});
  if (!device.is_cpu()) {
    optimizer_->keepRatesOnDevice();  // as a training
  }
  auto recorder = options.isRecorded ? makeGraphRecorder(device) : nullptr;
  if (recorder) {
    const auto work = [this](const Tensor& a, const Tensor& b) {
      optimizer_->zeroGrad();
      const TwinStep::Output output = twinStep_->forward(a, b);
      twinStep_->backward();
      optimizer_->applyUpdate();
      return output;
    };
    graph_.emplace(std::move(recorder), work, [this] { optimizer_->zeroGrad(); });
  }
}

TwinStep::Output ProbeStep::step(const Tensor& viewA, const Tensor& viewB, double rate) {
  optimizer_->setLearningRates(rate, rate);
  if (graph_) {
    optimizer_->beginUpdate();
    return graph_->step(viewA, viewB);
  }
  optimizer_->zeroGrad();
  TwinStep::Output output = twinStep_->forward(viewA, viewB);
  twinStep_->backward();
  optimizer_->step();
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
