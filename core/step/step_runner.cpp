#include "core/step/step_runner.h"

#include "core/models/momentum_encoder.h"

#include <cmath>

namespace barlow {

using torch::Tensor;

StepRunner::StepRunner(Learner& learner, const torch::Device& device, const Options& options)
    : learner_(learner), device_(device), step_(learner, options.step) {
  if (!device.is_cpu()) {
    // Also without a graph: the updates are then the same operations, and the weights the same.
    learner_.optimizer->keepRatesOnDevice();
  }
  const bool canRecord = learner_.objective->isRecordable() && !learner_.momentum;
  auto recorder = options.isRecorded && canRecord ? makeGraphRecorder(device) : nullptr;
  if (!recorder) {
    return;
  }
  const auto work = [this](const std::vector<Tensor>& views) {
    TrainingStep::Output output = forward(views, {}, {});
    step_.backward();
    learner_.objective->beforeUpdate({});
    learner_.optimizer->applyUpdate();
    learner_.objective->afterUpdate(output.inputs);
    return output;
  };
  graph_.emplace(std::move(recorder), work, [this, forget = options.forget] {
    learner_.optimizer->zeroGrad();
    forget();
  });
}

TrainingStep::Output StepRunner::forward(const std::vector<Tensor>& views,
                                         const Tensor& samples,
                                         const StepPosition& at) {
  learner_.optimizer->zeroGrad();
  return step_.forward(views, samples, at);
}

void StepRunner::beginStep(const StepPosition& at, const LearningRates& rates) {
  if (at.step % at.stepsPerEpoch == 0) {
    learner_.objective->beginEpoch(at);
  }
  learner_.optimizer->setLearningRates(rates);
}

TrainingStep::Output StepRunner::step(const std::vector<Tensor>& views,
                                      const Tensor& samples,
                                      const StepPosition& at) {
  if (graph_) {
    learner_.optimizer->beginUpdate();
    return graph_->step(views);
  }
  TrainingStep::Output output = forward(views, samples, at);
  output.isUpdated = !device_.is_cpu() || std::isfinite(output.loss.item<double>());
  if (output.isUpdated) {
    step_.backward();
    learner_.objective->beforeUpdate(at);
    learner_.optimizer->step();
    finish(output.inputs);
  }
  return output;
}

// The momentum network follows the new weights; then the objective keeps what it wants of the step.
void StepRunner::finish(const ObjectiveInputs& inputs) {
  if (learner_.momentum) {
    follow(learner_.momentum, learner_.network, learner_.objective->momentumAt(inputs.at));
  }
  learner_.objective->afterUpdate(inputs);
}

}  // namespace barlow
