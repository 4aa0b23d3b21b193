#include "core/training/run_steps.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace barlow {
namespace {

TrainingStep::Options optionsOf(const StepChoice& choice, const RunConfig& config, bool isOnline) {
  const bool isHalf = choice.precision == Precision::Bf16;
  return {.precision = isHalf ? torch::kBFloat16 : torch::kFloat32,
          .isTf32 = choice.precision == Precision::Tf32,
          .microBatchSize = config.run.microBatchSize,
          .keepsRepresentations = isOnline};
}

}  // namespace

void addOnlineClassifier(const RunConfig& config,
                         const Dataset& images,
                         Learner& learner,
                         MetricSchema& metrics,
                         RunRecorder& recorder) {
  if (!config.evaluate.onlineLinear) {
    return;
  }
  if (!images.hasLabels()) {
    recorder.warn(
        {"The images have no classes: the run goes on without evaluate.online_linear, "
         "which needs them.",
         ""});
    return;
  }
  learner.online.emplace(learner.network->features(),
                         static_cast<std::int64_t>(images.classNames().size()),
                         learner.network->parameters().front().device());
  // The objective's own come first, and what only some rows have comes last.
  const bool hasDistance = termIndex(metrics, "momentum_distance").has_value();
  const auto columns = onlineColumns();
  metrics.terms.insert(metrics.terms.end() - (hasDistance ? 1 : 0), columns.begin(), columns.end());
}

RunSteps::RunSteps(const Run& run,
                   const StepChoice& choice,
                   std::vector<std::int64_t> dumped,
                   std::function<void()> forget)
    : run_(run),
      device_(run.plan.device),
      dumped_(std::move(dumped)),
      runner_(run.learner,
              device_,
              {.step = optionsOf(choice, run.config, run.learner.online.has_value()),
               .isRecorded = run.config.run.stepGraph && dumped_.empty(),
               .forget = std::move(forget)}) {}

TrainingStep::Output RunSteps::make(std::int64_t done,
                                    const DeviceBatch& batch,
                                    const LearningRates& rates) {
  const StepPosition at{
      .step = done, .stepsPerEpoch = run_.plan.stepsPerEpoch, .totalSteps = run_.plan.totalSteps};
  const bool isDumped = std::find(dumped_.begin(), dumped_.end(), done + 1) != dumped_.end();
  runner_.beginStep(at, rates);
  const auto dump = isDumped ? std::make_optional<StepDump>(run_.learner) : std::nullopt;
  TrainingStep::Output output = runStep(batch, at);
  if (run_.learner.online) {
    learnOnline(batch, rates.weights / rates.peakWeights, output);
  }
  if (dump && output.isUpdated) {
    run_.recorder.dump(*dump,
                       run_.learner,
                       {.step = done + 1,
                        .batch = batch,
                        .imageName = [this](std::int64_t index) { return run_.images.name(index); },
                        .output = output,
                        .precision = run_.plan.precision,
                        .config = run_.config});
  }
  return output;
}

// At its own rate, which warms up and falls as the encoder's does: `share` of it.
void RunSteps::learnOnline(const DeviceBatch& batch, double share, TrainingStep::Output& output) {
  torch::Tensor numbers = torch::full({2}, NAN, output.numbers.options());
  if (output.isUpdated) {
    std::vector<std::int64_t> labels;
    for (const std::int64_t index : batch.indices) {
      labels.push_back(run_.images.label(index));
    }
    const torch::Tensor classes =
        torch::tensor(labels, torch::kInt64).to(device_, /*non_blocking=*/true);
    const double rate = run_.config.evaluate.onlineRate * share;
    numbers = run_.learner.online->step(output.representations, classes, rate);
  }
  output.numbers = torch::cat({output.numbers, numbers.to(output.numbers.scalar_type())});
}

TrainingStep::Output RunSteps::runStep(const DeviceBatch& batch, const StepPosition& at) {
  const bool wasRecordable = runner_.problem().empty();
  const torch::Tensor samples =
      torch::tensor(batch.indices, torch::kInt64).to(device_, /*non_blocking=*/true);
  TrainingStep::Output output = runner_.step(batch.pixels(), samples, at);
  if (wasRecordable && !runner_.problem().empty()) {
    run_.recorder.warn({"This step cannot be recorded (run.step_graph); the run goes on without.",
                        runner_.problem()});
  }
  return output;
}

}  // namespace barlow
