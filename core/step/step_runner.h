#pragma once

#include "core/step/learner.h"
#include "core/step/step_graph.h"
#include "core/step/training_step.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// Whole training steps: gradients reset, forward, objective, backward, update, and what follows
/// it. Where the device can record steps and the objective's can be recorded, they are. One thread.
class StepRunner {
 public:
  struct Options {
    TrainingStep::Options step;
    bool isRecorded = false;  // run.step_graph
    /// Lets go of what the caller keeps of a step, before one is recorded.
    std::function<void()> forget = [] {};
  };
  /// `learner` outlives this.
  StepRunner(Learner& learner, const torch::Device& device, const Options& options);
  StepRunner(const StepRunner&) = delete;
  StepRunner& operator=(const StepRunner&) = delete;

  /// What comes before the step `at`: the objective begins its epoch, where one begins, and the
  /// optimiser gets its rates. Then step() of the same position.
  void beginStep(const StepPosition& at, const LearningRates& rates);
  /// Views [N, 3, H, W] and samples [N] on the device. On the CPU a loss that is not finite is seen
  /// before it changes the weights (Output::isUpdated). To ask an accelerator for it would be to
  /// wait: there it is found out when the numbers arrive. The tensors of a recorded step are
  /// overwritten by the next one.
  TrainingStep::Output step(const std::vector<torch::Tensor>& views,
                            const torch::Tensor& samples,
                            const StepPosition& at);

  bool isRecorded() const { return graph_ && graph_->isRecorded(); }
  /// Why a step that should be recorded is not.
  std::string problem() const { return graph_ ? graph_->problem() : std::string(); }

 private:
  TrainingStep::Output forward(const std::vector<torch::Tensor>& views,
                               const torch::Tensor& samples,
                               const StepPosition& at);
  void finish(const ObjectiveInputs& inputs);

  Learner& learner_;
  torch::Device device_;
  TrainingStep step_;
  std::optional<StepGraph> graph_;
};

}  // namespace barlow
