#include "core/training/run_steps.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace barlow {
namespace {

TrainingStep::Options optionsOf(const StepChoice& choice, const RunConfig& config) {
  const bool isHalf = choice.precision == Precision::Bf16;
  return {.precision = isHalf ? torch::kBFloat16 : torch::kFloat32,
          .isTf32 = choice.precision == Precision::Tf32,
          .microBatchSize = config.run.microBatchSize};
}

}  // namespace

RunSteps::RunSteps(const Run& run,
                   const StepChoice& choice,
                   std::vector<std::int64_t> dumped,
                   std::function<void()> forget)
    : run_(run),
      device_(run.plan.device),
      dumped_(std::move(dumped)),
      runner_(run.learner,
              device_,
              {.step = optionsOf(choice, run.config),
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
