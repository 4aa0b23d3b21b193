#pragma once

#include "core/params/run_config.h"
#include "core/step/step_runner.h"
#include "core/torch.h"

#include <string>

namespace barlow {

/// What a device is asked to show: the steps of a training without its data and its folder.

/// Waits until `device` has done all that was queued.
void waitFor(const torch::Device& device);

/// LibTorch's settings of the process as they were, at the end of its life.
class KeptTorchSettings {
 public:
  KeptTorchSettings();
  ~KeptTorchSettings();
  KeptTorchSettings(const KeptTorchSettings&) = delete;
  KeptTorchSettings& operator=(const KeptTorchSettings&) = delete;

 private:
  int threads_;
  bool isDeterministic_;
  bool warnsOnly_;
  bool isCuDnnDeterministic_;
  bool isCuDnnTimed_;
  bool hasTf32Convolutions_;
  at::Float32MatmulPrecision products_;
};

/// Forward, backward and update of one network, on views that the caller gives. One thread.
class ProbeStep {
 public:
  struct Options {
    ModelParams model;
    ObjectiveParams objective;
    OptimParams optim;
    std::string precision = "fp32";  // or "tf32", "bf16"
    torch::MemoryFormat format = torch::MemoryFormat::ChannelsLast;
    bool isRecorded = false;  // run.step_graph
  };
  /// `batch`: N of the views to come.
  ProbeStep(const Options& options, const torch::Device& device, std::int64_t batch);

  /// Queues a step with this learning rate. Views [N, 3, H, W] on the device.
  TrainingStep::Output step(const torch::Tensor& viewA, const torch::Tensor& viewB, double rate);
  /// Forward and backward without an update: the gradients stay.
  TrainingStep::Output gradients(const torch::Tensor& viewA, const torch::Tensor& viewB);
  bool isRecorded() const { return runner_.isRecorded(); }
  /// Why a step that should be recorded is not.
  std::string problem() const { return runner_.problem(); }
  Encoder& network() { return learner_.network; }

 private:
  torch::Tensor samples_;
  Learner learner_;
  TrainingStep::Options stepOptions_;
  StepRunner runner_;
};

/// Two views of N made-up pictures that have something in common, the same for every device.
struct ProbeViews {
  torch::Tensor a;  // [N, 3, side, side]
  torch::Tensor b;
};
ProbeViews probeViews(std::int64_t n,
                      int side,
                      const torch::Device& device,
                      torch::MemoryFormat format);

}  // namespace barlow
