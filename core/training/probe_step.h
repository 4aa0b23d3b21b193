#pragma once

#include "core/models/twin_network.h"
#include "core/optim/optimizer.h"
#include "core/params/objective_params.h"
#include "core/params/optim_params.h"
#include "core/torch.h"
#include "core/training/step_graph.h"
#include "core/training/twin_step.h"

#include <memory>
#include <optional>
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
    BarlowTwinsParams objective;
    OptimParams optim;
    std::string precision = "fp32";  // or "tf32", "bf16"
    torch::MemoryFormat format = torch::MemoryFormat::ChannelsLast;
    bool isRecorded = false;  // run.step_graph
  };
  ProbeStep(const Options& options, const torch::Device& device);
  ProbeStep(const ProbeStep&) = delete;
  ProbeStep& operator=(const ProbeStep&) = delete;

  /// Queues a step with this learning rate. Views [N, 3, H, W] on the device.
  TwinStep::Output step(const torch::Tensor& viewA, const torch::Tensor& viewB, double rate);
  bool isRecorded() const { return graph_ && graph_->isRecorded(); }
  /// Why a step that should be recorded is not.
  std::string problem() const { return graph_ ? graph_->problem() : std::string(); }
  TwinNetwork& network() { return network_; }
  TwinStep& twinStep() { return *twinStep_; }

 private:
  TwinNetwork network_{nullptr};
  std::unique_ptr<Optimizer> optimizer_;
  std::optional<TwinStep> twinStep_;
  std::optional<StepGraph> graph_;
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
