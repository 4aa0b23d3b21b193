#include "core/training/trainer.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/system.h"
#include "core/device/batch_source.h"
#include "core/evaluation/knn_probe.h"
#include "core/optim/schedule.h"
#include "core/params/config_io.h"
#include "core/torch.h"
#include "core/training/agenda.h"
#include "core/training/collapse_meter.h"
#include "core/training/compute_device.h"
#include "core/training/errors.h"
#include "core/training/kept_embeddings.h"
#include "core/training/metric_readback.h"
#include "core/training/resident_choice.h"
#include "core/training/run_pictures.h"
#include "core/training/run_recorder.h"
#include "core/training/run_setup.h"
#include "core/training/snapshot_readback.h"
#include "core/training/step_runner.h"
#include "core/training/training_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace barlow {
namespace {

// Gives back what LibTorch keeps of the device's memory: the next run in this process finds it
// free.
struct ReleaseAtEnd {
  torch::Device device = torch::kCPU;
  ~ReleaseAtEnd() { releaseDeviceMemory(device); }
};

class Trainer final : public TrainingLoop {
 public:
  explicit Trainer(RunRequest request) : request_(std::move(request)) {}

  RunPlan prepare(std::stop_token stop, const EventSink& emit) override;
  std::optional<EvaluationResult> evaluateIfDue(std::stop_token stop) override;
  bool isDone() const override { return position_.step >= plan_.lastStep; }
  std::vector<MetricPoint> step(std::stop_token stop) override;
  std::vector<MetricPoint> settle() override;
  void beginSnapshot(int viewPairs) override;
  std::shared_ptr<const Snapshot> takeSnapshot() override {
    return std::exchange(snapshot_, nullptr);
  }
  void checkpointIfDue() override;
  void checkpointNow() override;
  std::optional<ErrorInfo> folderProblem() override {
    return recorder_ ? recorder_->folderProblem() : std::nullopt;
  }
  void moveTo(const std::filesystem::path& folder) override;
  std::filesystem::path folder() const override {
    return recorder_ ? recorder_->path() : std::filesystem::path();
  }
  std::int64_t savedStep() const override { return recorder_ ? recorder_->savedStep() : -1; }
  void setPaused(bool isPaused) override;
  void finish(RunEnd end, const ErrorInfo& error) override;

 private:
  void buildLearner(const RunSetup& setup);
  void openSource(std::stop_token stop);
  void openRunner(const StepChoice& choice);
  void warnOfBatch();
  TrainingStep::Output runStep(std::int64_t step, const LearningRates& rates);
  void collect(bool isLast);
  void complete(MetricReadback::Step step, bool isLast);
  void collectSnapshots(bool isLast);
  void takeMoment(const SnapshotReadback::Purpose& purpose);
  void writePictures();
  RunSummary summary(RunEnd end) const;

  ReleaseAtEnd memory_;  // first: it ends last, when all tensors are gone
  RunRequest request_;
  RunPlan plan_;
  RunConfig config_;
  TrainingPosition position_;
  std::optional<RunRecorder> recorder_;
  OpenedDataset data_;
  torch::Device device_ = torch::kCPU;
  torch::MemoryFormat format_ = torch::MemoryFormat::ChannelsLast;
  std::optional<Learner> learner_;
  std::optional<StepRunner> runner_;
  std::int64_t evaluatedStep_ = -1;  // of the newest evaluation
  std::optional<EvaluationResult> evaluation_;

  // Of the newest step.
  std::optional<DeviceBatch> batch_;
  torch::Tensor zA_;  // [N, D]
  torch::Tensor zB_;

  // What comes from the device some steps later.
  std::optional<MetricReadback> readback_;
  std::vector<MetricPoint> arrived_;  // known and recorded, not yet given to the caller
  MetricPoint newest_;                // of those known
  std::optional<CollapseMeter> collapseMeter_;
  std::optional<CollapseNumbers> collapse_;  // known, not yet in a row
  std::optional<SnapshotReadback> snapshots_;
  std::shared_ptr<const Snapshot> snapshot_;  // for a viewer, not yet taken
  std::int64_t keptEvery_ = 0;

  TrainingClock clock_;
  double secondsBefore_ = 0;  // of training in the run's earlier parts

  std::unique_ptr<BatchSource> source_;  // last: its threads end first
};

RunPlan Trainer::prepare(std::stop_token stop, const EventSink& emit) {
  RunSetup setup = prepareRun(request_, stop, emit);
  config_ = setup.config;
  plan_ = setup.plan;
  data_ = std::move(setup.data);
  device_ = memory_.device = torch::Device(plan_.device);
  recorder_.emplace(std::move(*setup.folder), plan_, position_, emit);
  for (const ErrorInfo& warning : setup.warnings) {
    recorder_->warn(warning);
  }
  buildLearner(setup);
  if (request_.mode == RunRequest::Mode::Resume) {
    position_ = recorder_->restore(*learner_).value_or(TrainingPosition{});
    secondsBefore_ = position_.seconds;
    plan_.firstStep = position_.step;
  }
  for (const Difference& edit : setup.edits) {
    recorder_->tell({.kind = EventKind::Edited,
                     .text = fmt::format("{}: {} -> {}", edit.key, edit.left, edit.right)});
  }
  recorder_->postpone();
  keptEvery_ = keptEvery(config_, plan_.lastStep, plan_.dimensions);
  readback_.emplace(
      static_cast<std::size_t>(request_.metricLag.value_or(device_.is_cpu() ? 0 : 2)));
  snapshots_.emplace(config_);
  collapseMeter_.emplace(/*isBeside=*/!device_.is_cpu());
  openSource(std::move(stop));
  openRunner(setup.step);
  recorder_->note({.kind = EventKind::Started,
                   .text = fmt::format("{} images, {} steps an epoch, {} on {} with {} threads",
                                       plan_.images,
                                       plan_.stepsPerEpoch,
                                       plan_.precision,
                                       plan_.device,
                                       plan_.threads)});
  return plan_;
}

void Trainer::buildLearner(const RunSetup& setup) {
  const bool isChannelsLast = setup.step.memoryFormat == MemoryFormat::ChannelsLast;
  format_ = isChannelsLast ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  RunConfig resolved = config_;
  resolved.objective.barlowTwins.form = setup.lossForm;
  learner_.emplace(resolved, objectiveSizes(config_, plan_.images), device_, format_);
  plan_.metrics = schemaOf(config_.objective, objectiveSizes(config_, plan_.images));
  RunRecord record = recorder_->record();
  record.metrics = plan_.metrics;
  recorder_->setRecord(record);
}

// Views made by the device from images in its memory, or by worker threads.
void Trainer::openSource(std::stop_token stop) {
  const auto tell = [this](std::string text) {
    recorder_->tell({.kind = EventKind::Preparing, .text = std::move(text)});
  };
  RunRecord record = recorder_->record();
  const auto images = residentImages(config_, plan_, record.views, *data_.train, stop, tell);
  if (!stop.stop_requested()) {  // what was not tried to the end is not known
    record.views = images ? "device" : "cpu";
    recorder_->setRecord(record);
  }
  if (images) {
    source_ = makeResidentSource({.images = images,
                                  .config = config_,
                                  .firstStep = position_.step,
                                  .lastStep = plan_.lastStep,
                                  .format = format_});
    return;
  }
  source_ = makeLoaderSource({.dataset = data_.train,
                              .config = config_,
                              .firstStep = position_.step,
                              .lastStep = plan_.lastStep,
                              .workers = plan_.loaderWorkers},
                             device_,
                             format_);
}

void Trainer::openRunner(const StepChoice& choice) {
  runner_.emplace(*learner_,
                  device_,
                  StepRunner::Options{
                      .step = {.precision = choice.precision == Precision::Bf16 ? torch::kBFloat16
                                                                                : torch::kFloat32,
                               .isTf32 = choice.precision == Precision::Tf32,
                               .microBatchSize = config_.run.microBatchSize},
                      .isRecorded = config_.run.stepGraph && request_.dumpSteps.empty(),
                      .forget = [this] { zA_ = zB_ = torch::Tensor(); }});
}

std::vector<MetricPoint> Trainer::step(std::stop_token stop) {
  BARLOW_CHECK(!isDone()) << "step after the end";
  clock_.start();
  const double start = clock_.seconds();
  std::optional<DeviceBatch> batch = source_->next(stop);
  if (!batch) {
    return std::exchange(arrived_, {});
  }
  batch_ = std::move(batch);
  MetricPoint point;
  point.dataWaitMs = 1e3 * (clock_.seconds() - start);
  point.step = position_.step + 1;
  point.epoch = position_.step / plan_.stepsPerEpoch;
  warnOfBatch();

  const LearningRates rates = learningRates(
      config_.optim, config_.run.batchSize, plan_.stepsPerEpoch, plan_.totalSteps, position_.step);
  point.learningRate = rates.weights;
  const TrainingStep::Output output = runStep(point.step, rates);
  zA_ = output.inputs.online[0];
  zB_ = output.inputs.online[1];
  if (isSummaryDue(config_, plan_, point.step) && output.isUpdated) {
    const bool hasOwn = termIndex(plan_.metrics, "mean_diagonal").has_value();
    collapseMeter_->measure(point.step, zA_, hasOwn ? torch::Tensor() : zB_);
  }
  readback_->push(point, torch::cat({output.loss.view({1}), output.numbers}));
  position_.step = point.step;
  if (keptEvery_ > 0 && (position_.step == 1 || position_.step % keptEvery_ == 0)) {
    takeMoment({.isKept = true});
  }
  collect(false);
  return std::exchange(arrived_, {});
}

// The step after `position_`, and its dump where one is asked for.
TrainingStep::Output Trainer::runStep(std::int64_t step, const LearningRates& rates) {
  const auto& asked = request_.dumpSteps;
  const bool isDumped = std::find(asked.begin(), asked.end(), step) != asked.end();
  const StepPosition at{
      .step = position_.step, .stepsPerEpoch = plan_.stepsPerEpoch, .totalSteps = plan_.totalSteps};
  runner_->beginStep(at, rates);
  const auto dump = isDumped ? std::make_optional<StepDump>(*learner_) : std::nullopt;
  const bool wasRecordable = runner_->problem().empty();
  const torch::Tensor samples =
      torch::tensor(batch_->indices, torch::kInt64).to(device_, /*non_blocking=*/true);
  TrainingStep::Output output = runner_->step(batch_->pixels(), samples, at);
  if (wasRecordable && !runner_->problem().empty()) {
    recorder_->warn({"This step cannot be recorded (run.step_graph); the run goes on without.",
                     runner_->problem()});
  }
  if (dump && output.isUpdated) {
    recorder_->dump(*dump,
                    *learner_,
                    {.step = step,
                     .batch = *batch_,
                     .imageName = [this](std::int64_t index) { return data_.train->name(index); },
                     .output = output,
                     .precision = plan_.precision,
                     .config = config_});
  }
  return output;
}

void Trainer::warnOfBatch() {
  if (const auto problem = data_.cache.cache ? data_.cache.cache->takeProblem() : std::nullopt) {
    recorder_->warn(*problem);
  }
  recorder_->warnOf(batch_->problems);
}

std::vector<MetricPoint> Trainer::settle() {
  collect(true);
  return std::exchange(arrived_, {});
}

// What has come from the device; all that is under way when `isLast`.
void Trainer::collect(bool isLast) {
  while (auto step = readback_->pop(isLast)) {
    complete(std::move(*step), isLast);
  }
  collectSnapshots(isLast);
}

// A step whose numbers are there: this is when it counts as made, and as having taken time.
void Trainer::complete(MetricReadback::Step step, bool isLast) {
  MetricPoint& point = step.point;
  point.loss = step.numbers[0];
  point.terms = learner_->objective->values(std::span(step.numbers).subspan(1));
  point.seconds = secondsBefore_ + clock_.seconds();
  point.pairsPerSecond =
      static_cast<double>(config_.run.batchSize) / (point.seconds - position_.seconds);
  position_.seconds = point.seconds;
  if (auto numbers = collapseMeter_->take(isLast)) {
    collapse_ = std::move(numbers);
  }
  if (collapse_ && collapse_->step <= point.step) {
    point.collapse = std::exchange(collapse_, std::nullopt);
  }
  newest_ = point;
  recorder_->metric(point);
  if (!std::isfinite(point.loss)) {
    position_.step = point.step - 1;
    throw NonFiniteLoss(point.step, point.loss);
  }
  arrived_.push_back(point);
}

// Only of steps whose loss is known to be finite.
void Trainer::collectSnapshots(bool isLast) {
  while (auto moment = snapshots_->pop(newest_.step, isLast)) {
    Snapshot& snapshot = *moment->snapshot;
    snapshot.runId = plan_.runId;
    snapshot.epoch = (snapshot.step - 1) / plan_.stepsPerEpoch;
    snapshot.seconds = position_.seconds;
    if (moment->purpose.isKept) {
      recorder_->keep(*snapshot.embeddings);
    }
    if (moment->purpose.isShown) {
      snapshot_ = std::move(moment->snapshot);
    }
  }
}

void Trainer::takeMoment(const SnapshotReadback::Purpose& purpose) {
  snapshots_->push(position_.step, *batch_, zA_, zB_, purpose);
}

void Trainer::beginSnapshot(int viewPairs) {
  if (batch_) {
    takeMoment({.isShown = true, .viewPairs = viewPairs});
    collectSnapshots(false);
  }
}

std::optional<EvaluationResult> Trainer::evaluateIfDue(std::stop_token stop) {
  if (!data_.heldOut || evaluatedStep_ == position_.step ||
      !isEvaluationDue(config_, plan_, position_.step)) {
    return std::nullopt;
  }
  collect(true);
  const TrainingClock::Hold hold(clock_);
  auto result = knnProbe(learner_->network, *data_.train, *data_.heldOut, config_, stop);
  if (!result) {
    return std::nullopt;
  }
  result->step = position_.step;
  result->epoch = position_.step / plan_.stepsPerEpoch;
  result->querySplit = data_.heldOutSplit;
  evaluatedStep_ = position_.step;
  evaluation_ = result;
  recorder_->note({.kind = EventKind::Evaluation, .evaluation = result});
  return result;
}

void Trainer::checkpointIfDue() {
  if (!isCheckpointDue(config_, plan_, position_.step, recorder_->secondsSinceSaved()) ||
      folderProblem()) {
    return;
  }
  collect(true);  // a loss that is not finite ends the run; it is no problem of writing
  try {
    checkpointNow();
  } catch (const Exception& error) {
    recorder_->postpone();
    recorder_->warn({error.info().message + " Training goes on with the older checkpoint.",
                     error.info().detail});
  }
}

void Trainer::checkpointNow() {
  if (savedStep() == position_.step) {
    return;
  }
  collect(true);  // nothing is saved whose loss was not seen to be finite
  const TrainingClock::Hold hold(clock_);
  recorder_->save(*learner_, config_.run.keepCheckpoints);
}

void Trainer::moveTo(const std::filesystem::path& folder) {
  const TrainingClock::Hold hold(clock_);
  recorder_->moveTo(folder);
}

void Trainer::setPaused(bool isPaused) {
  isPaused ? clock_.stop() : clock_.start();
  recorder_->setState(isPaused ? "paused" : "running");
  recorder_->note({.kind = isPaused ? EventKind::Paused : EventKind::Resumed});
}

void Trainer::finish(RunEnd end, const ErrorInfo& error) {
  source_.reset();
  if (!recorder_) {
    return;  // preparing failed before there was a folder
  }
  const bool isFailed = end == RunEnd::Failed;
  if (!isFailed) {
    collect(true);
  } else if (newest_.step > 0 && std::isfinite(newest_.loss)) {
    position_.step = newest_.step;  // what was only queued is not known to have been made
  }
  recorder_->end(end, error);
  if (folderProblem()) {
    return;  // nothing may be written in a place that is not the run's
  }
  // After a failure an accelerator may answer nothing any more.
  if (batch_ && std::isfinite(newest_.loss) && !(isFailed && !device_.is_cpu())) {
    writePictures();
  }
  if (newest_.step > 0) {
    writeSummary(recorder_->path(), summary(end));
  }
  recorder_->flush();
  releaseFreedMemory();
}

// Of the newest step, which is kept as well.
void Trainer::writePictures() {
  takeMoment({.isShown = true, .isKept = recorder_->keptStep() != position_.step, .viewPairs = 8});
  collectSnapshots(true);
  if (const auto snapshot = takeSnapshot()) {
    writeRunPictures(recorder_->path(), *snapshot);
  }
}

RunSummary Trainer::summary(RunEnd end) const {
  return {.run = recorder_->path().string(),
          .state = stateName(end),
          .steps = position_.step,
          .epochs = static_cast<double>(position_.step) / static_cast<double>(plan_.stepsPerEpoch),
          .loss = newest_.loss,
          .terms = namedTerms(newest_, plan_.metrics),
          .knnTop1 = evaluation_ ? std::optional(evaluation_->top1) : std::nullopt,
          .pairsPerSecond =
              static_cast<double>(position_.step * config_.run.batchSize) / position_.seconds,
          .seconds = position_.seconds};
}

}  // namespace

std::unique_ptr<TrainingLoop> makeTrainer(RunRequest request) {
  return std::make_unique<Trainer>(std::move(request));
}

}  // namespace barlow
