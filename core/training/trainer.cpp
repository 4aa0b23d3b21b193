#include "core/training/trainer.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/system.h"
#include "core/device/batch_source.h"
#include "core/evaluation/knn_probe.h"
#include "core/optim/schedule.h"
#include "core/report/run_summary.h"
#include "core/torch.h"
#include "core/training/checkpoint.h"
#include "core/training/collapse_meter.h"
#include "core/training/compute_device.h"
#include "core/training/errors.h"
#include "core/training/kept_embeddings.h"
#include "core/training/metric_readback.h"
#include "core/training/resident_choice.h"
#include "core/training/run_journal.h"
#include "core/training/run_pictures.h"
#include "core/training/run_setup.h"
#include "core/training/snapshot_readback.h"
#include "core/training/step_dump.h"
#include "core/training/step_runner.h"
#include "core/training/training_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>

namespace barlow {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

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
    return journal_ ? journal_->folder().problem() : std::nullopt;
  }
  void moveTo(const std::filesystem::path& folder) override;
  std::filesystem::path folder() const override {
    return journal_ ? journal_->folder().path() : std::filesystem::path();
  }
  std::int64_t savedStep() const override { return savedStep_; }
  void setPaused(bool isPaused) override;
  void finish(RunEnd end, const ErrorInfo& error) override;

 private:
  void restore();
  void openSource(std::stop_token stop);
  void openRunner(const StepChoice& choice);
  torch::Tensor samplesOf(const DeviceBatch& batch) const;
  bool isSummaryDue(std::int64_t step) const;
  void collect(bool isLast);
  void complete(MetricReadback::Step step, bool isLast);
  void collectSnapshots(bool isLast);
  void collectProblems(const DeviceBatch& batch);
  std::optional<StepDump> startDump() const;
  void writeDump(const StepDump& dump, std::int64_t step, const TrainingStep::Output& output);
  void keepMoment(const EmbeddingPair& embeddings);
  void writePictures();
  void emit(SessionEvent event);
  void warn(const ErrorInfo& error) {
    emit({.kind = EventKind::Warning, .step = position_.step, .error = error});
  }
  std::int64_t epoch() const { return position_.step / plan_.stepsPerEpoch; }

  ReleaseAtEnd memory_;  // first: it ends last, when all tensors are gone
  RunRequest request_;
  EventSink emit_;
  RunPlan plan_;
  RunConfig config_;
  std::optional<RunJournal> journal_;
  OpenedDataset data_;
  torch::Device device_ = torch::kCPU;
  torch::MemoryFormat format_ = torch::MemoryFormat::ChannelsLast;
  std::optional<Learner> learner_;
  std::optional<StepRunner> runner_;
  TrainingPosition position_;
  std::int64_t savedStep_ = -1;  // of the newest checkpoint
  Clock::time_point savedAt_{};
  std::int64_t evaluatedStep_ = -1;  // of the newest evaluation
  std::optional<EvaluationResult> evaluation_;
  std::size_t problemsTold_ = 0;

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
  std::int64_t keptStep_ = -1;

  TrainingClock clock_;
  double secondsBefore_ = 0;  // of training in the run's earlier parts

  std::unique_ptr<BatchSource> source_;  // last: its threads end first
};

RunPlan Trainer::prepare(std::stop_token stop, const EventSink& emit) {
  emit_ = emit;
  RunSetup setup =
      prepareRun(request_, stop, [this](SessionEvent event) { emit_(std::move(event)); });
  config_ = setup.config;
  plan_ = setup.plan;
  data_ = std::move(setup.data);
  device_ = memory_.device = torch::Device(plan_.device);
  journal_.emplace(std::move(*setup.folder), [this](const ErrorInfo& error) {
    emit_({.kind = EventKind::Warning, .step = position_.step, .error = error});
  });
  for (const ErrorInfo& warning : setup.warnings) {
    warn(warning);
  }
  const std::vector<Difference> edits = std::move(setup.edits);

  const bool isChannelsLast = setup.step.memoryFormat == MemoryFormat::ChannelsLast;
  format_ = isChannelsLast ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  RunConfig resolved = config_;
  resolved.objective.barlowTwins.form = setup.lossForm;
  learner_.emplace(resolved, objectiveSizes(config_, plan_.images), device_, format_);
  if (request_.mode == RunRequest::Mode::Resume) {
    restore();
  }
  for (const Difference& edit : edits) {
    this->emit({.kind = EventKind::Edited,
                .step = position_.step,
                .epoch = epoch(),
                .text = fmt::format("{}: {} -> {}", edit.key, edit.left, edit.right)});
  }
  savedAt_ = Clock::now();
  keptEvery_ = keptEvery(config_, plan_.lastStep, plan_.dimensions);
  readback_.emplace(
      static_cast<std::size_t>(request_.metricLag.value_or(device_.is_cpu() ? 0 : 2)));
  snapshots_.emplace(config_);
  collapseMeter_.emplace(/*isBeside=*/!device_.is_cpu());
  openSource(std::move(stop));
  openRunner(setup.step);
  journal_->event({.kind = EventKind::Started,
                   .step = position_.step,
                   .epoch = epoch(),
                   .text = fmt::format("{} images, {} steps an epoch, {} on {} with {} threads",
                                       plan_.images,
                                       plan_.stepsPerEpoch,
                                       plan_.precision,
                                       plan_.device,
                                       plan_.threads)});
  return plan_;
}

void Trainer::restore() {
  CheckpointStore store(journal_->folder().path() / "checkpoints");
  const auto position = loadNewestCheckpoint(store, *learner_, [this](const std::string& text) {
    warn({text, ""});
  });
  position_ = position.value_or(TrainingPosition{});
  secondsBefore_ = position_.seconds;
  savedStep_ = position ? position_.step : -1;
  store.removeLeftovers(position_.step);
  journal_->folder().cutMetricsAfter(position_.step);
  removeKeptAfter(journal_->folder().path(), position_.step);
  plan_.firstStep = position_.step;
}

// Views made by the device from images in its memory, or by worker threads.
void Trainer::openSource(std::stop_token stop) {
  const auto tell = [this](std::string text) {
    this->emit({.kind = EventKind::Preparing, .text = std::move(text)});
  };
  RunRecord record = journal_->folder().record();
  const auto images = residentImages(config_, plan_, record.views, *data_.train, stop, tell);
  if (!stop.stop_requested()) {  // what was not tried to the end is not known
    record.views = images ? "device" : "cpu";
    journal_->record(record);
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
  MetricPoint point;
  point.dataWaitMs = 1e3 * (clock_.seconds() - start);
  point.step = position_.step + 1;
  point.epoch = epoch();
  batch_ = std::move(batch);
  collectProblems(*batch_);

  const StepPosition at{
      .step = position_.step, .stepsPerEpoch = plan_.stepsPerEpoch, .totalSteps = plan_.totalSteps};
  const LearningRates rates = learningRates(
      config_.optim, config_.run.batchSize, plan_.stepsPerEpoch, plan_.totalSteps, position_.step);
  point.learningRate = rates.weights;
  const auto dump = startDump();
  const bool wasRecordable = runner_->problem().empty();
  const TrainingStep::Output output =
      runner_->step(batch_->pixels(), samplesOf(*batch_), at, rates);
  if (wasRecordable && !runner_->problem().empty()) {
    warn({"This step cannot be recorded (run.step_graph); the run goes on without.",
          runner_->problem()});
  }
  if (dump && output.isUpdated) {
    writeDump(*dump, point.step, output);
  }
  zA_ = output.inputs.online[0];
  zB_ = output.inputs.online[1];
  if (isSummaryDue(point.step) && output.isUpdated) {
    collapseMeter_->measure(point.step, zA_);
  }
  readback_->push(point, torch::cat({output.loss.view({1}), output.numbers}));
  position_.step = point.step;
  if (keptEvery_ > 0 && (position_.step == 1 || position_.step % keptEvery_ == 0)) {
    snapshots_->push(position_.step, *batch_, zA_, zB_, {.isKept = true});
  }
  collect(false);
  return std::exchange(arrived_, {});
}

// On the device: an objective may keep something for each image.
torch::Tensor Trainer::samplesOf(const DeviceBatch& batch) const {
  return torch::tensor(batch.indices, torch::kInt64).to(device_, /*non_blocking=*/true);
}

std::vector<MetricPoint> Trainer::settle() {
  collect(true);
  return std::exchange(arrived_, {});
}

// Ten times an epoch unless told otherwise.
bool Trainer::isSummaryDue(std::int64_t step) const {
  const std::int64_t every =
      config_.run.summaryEverySteps > 0 ? config_.run.summaryEverySteps : plan_.stepsPerEpoch / 10;
  return step % std::max<std::int64_t>(1, every) == 0;
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
  journal_->metric(point);
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
      keepMoment(*snapshot.embeddings);
    }
    if (moment->purpose.isShown) {
      snapshot_ = std::move(moment->snapshot);
    }
  }
}

std::optional<StepDump> Trainer::startDump() const {
  const auto& steps = request_.dumpSteps;
  const bool isWanted = std::find(steps.begin(), steps.end(), position_.step + 1) != steps.end();
  return isWanted ? std::make_optional<StepDump>(*learner_) : std::nullopt;
}

void Trainer::writeDump(const StepDump& dump,
                        std::int64_t step,
                        const TrainingStep::Output& output) {
  if (folderProblem()) {
    return;  // the run halts before its next step
  }
  const auto nameOf = [this](std::int64_t index) { return data_.train->name(index); };
  dump.write(journal_->folder().path() / "dump" / fmt::format("step-{}", step),
             *learner_,
             {.step = step,
              .batch = *batch_,
              .imageName = nameOf,
              .output = output,
              .precision = plan_.precision,
              .config = config_});
}

void Trainer::collectProblems(const DeviceBatch& batch) {
  if (const auto problem = data_.cache.cache ? data_.cache.cache->takeProblem() : std::nullopt) {
    warn(*problem);
  }
  constexpr std::size_t kMost = 20;
  for (const SampleProblem& problem : batch.problems) {
    ++problemsTold_;
    if (problemsTold_ <= kMost) {
      warn({fmt::format("{} is left out: {}", problem.path, problem.reason), ""});
    } else if (problemsTold_ == kMost + 1) {
      warn({"More images cannot be read; `barlow data check` lists them all.", ""});
    }
  }
}

std::optional<EvaluationResult> Trainer::evaluateIfDue(std::stop_token stop) {
  const std::int64_t every = config_.evaluate.everyEpochs * plan_.stepsPerEpoch;
  const bool isDue = every > 0 && data_.heldOut && evaluatedStep_ != position_.step &&
                     (position_.step % every == 0 || isDone());
  if (!isDue) {
    return std::nullopt;
  }
  collect(true);
  const TrainingClock::Hold hold(clock_);
  auto result = knnProbe(learner_->network, *data_.train, *data_.heldOut, config_, stop);
  if (!result) {
    return std::nullopt;
  }
  result->step = position_.step;
  result->epoch = epoch();
  result->querySplit = data_.heldOutSplit;
  evaluatedStep_ = position_.step;
  evaluation_ = result;
  journal_->event({.kind = EventKind::Evaluation,
                   .step = position_.step,
                   .epoch = epoch(),
                   .evaluation = result});
  return result;
}

void Trainer::beginSnapshot(int viewPairs) {
  if (batch_) {
    snapshots_->push(position_.step, *batch_, zA_, zB_, {.isShown = true, .viewPairs = viewPairs});
    collectSnapshots(false);
  }
}

// For looking at it again. A full disk costs the moment, not the run.
void Trainer::keepMoment(const EmbeddingPair& embeddings) {
  try {
    journal_->folder().requirePlace();
    writeKept(journal_->folder().path(), embeddings);
    keptStep_ = embeddings.a.origin().step;
  } catch (const Exception& error) {
    warn(error.info());
  }
}

void Trainer::checkpointIfDue() {
  constexpr double kShortest = 30;  // seconds between checkpoints at epoch ends
  constexpr double kLongest = 300;  // seconds of work that a crash may cost
  const std::int64_t every = config_.run.checkpointEverySteps;
  const double age = secondsSince(savedAt_);
  const bool isDue =
      every > 0 ? position_.step % every == 0
                : (position_.step % plan_.stepsPerEpoch == 0 && age > kShortest) || age > kLongest;
  if (!isDue || isDone() || folderProblem()) {
    return;
  }
  collect(true);  // a loss that is not finite ends the run; it is no problem of writing
  try {
    checkpointNow();
  } catch (const Exception& error) {
    savedAt_ = Clock::now();  // the next try comes after another interval
    warn({error.info().message + " Training goes on with the older checkpoint.",
          error.info().detail});
  }
}

void Trainer::checkpointNow() {
  if (savedStep_ == position_.step) {
    return;
  }
  collect(true);  // nothing is saved whose loss was not seen to be finite
  const TrainingClock::Hold hold(clock_);
  journal_->folder().requirePlace();
  CheckpointStore store(journal_->folder().path() / "checkpoints");
  journal_->flush();
  saveCheckpoint(store, config_.run.keepCheckpoints, *learner_, position_);
  savedStep_ = position_.step;
  savedAt_ = Clock::now();
  emit({.kind = EventKind::Checkpoint,
        .step = position_.step,
        .epoch = epoch(),
        .path = store.folder(position_.step).filename().string()});
}

void Trainer::moveTo(const std::filesystem::path& folder) {
  const TrainingClock::Hold hold(clock_);
  journal_->moveTo(folder);
  savedStep_ = -1;  // its checkpoints stayed behind
}

void Trainer::setPaused(bool isPaused) {
  isPaused ? clock_.stop() : clock_.start();
  RunRecord record = journal_->folder().record();
  record.state = isPaused ? "paused" : "running";
  record.steps = position_.step;
  journal_->record(record);
  journal_->event({.kind = isPaused ? EventKind::Paused : EventKind::Resumed,
                   .step = position_.step,
                   .epoch = epoch()});
}

void Trainer::finish(RunEnd end, const ErrorInfo& error) {
  source_.reset();
  if (!journal_) {
    return;  // preparing failed before there was a folder
  }
  const bool isFailed = end == RunEnd::Failed;
  if (!isFailed) {
    collect(true);
  } else if (newest_.step > 0 && std::isfinite(newest_.loss)) {
    position_.step = newest_.step;  // what was only queued is not known to have been made
  }
  const std::string state = isFailed ? "failed" : end == RunEnd::Finished ? "finished" : "stopped";
  journal_->event({.kind = isFailed ? EventKind::Failed : EventKind::Finished,
                   .step = position_.step,
                   .epoch = plan_.stepsPerEpoch > 0 ? epoch() : 0,
                   .text = end == RunEnd::Aborted ? "aborted" : state,
                   .error = error});
  RunRecord record = journal_->folder().record();
  record.state = state;
  record.steps = position_.step;
  record.ended = utcNow();
  record.error = error.message;
  journal_->record(record);
  if (folderProblem()) {
    return;  // nothing may be written in a place that is not the run's
  }
  // After a failure an accelerator may answer nothing any more.
  if (batch_ && std::isfinite(newest_.loss) && !(isFailed && !device_.is_cpu())) {
    writePictures();
  }
  if (newest_.step > 0) {
    writeSummary(
        journal_->folder().path(),
        {.run = journal_->folder().path().string(),
         .state = state,
         .steps = position_.step,
         .epochs = static_cast<double>(position_.step) / static_cast<double>(plan_.stepsPerEpoch),
         .loss = newest_.loss,
         .terms = namedTerms(newest_, plan_.metrics),
         .knnTop1 = evaluation_ ? std::optional(evaluation_->top1) : std::nullopt,
         .pairsPerSecond =
             static_cast<double>(position_.step * config_.run.batchSize) / position_.seconds,
         .seconds = position_.seconds});
  }
  journal_->flush();
  releaseFreedMemory();
}

// Of the newest step, which is kept as well.
void Trainer::writePictures() {
  snapshots_->push(position_.step,
                   *batch_,
                   zA_,
                   zB_,
                   {.isShown = true, .isKept = keptStep_ != position_.step, .viewPairs = 8});
  collectSnapshots(true);
  if (const auto snapshot = takeSnapshot()) {
    writeRunPictures(journal_->folder().path(), *snapshot);
  }
}

void Trainer::emit(SessionEvent event) {
  if (journal_) {
    journal_->event(event);
  }
  emit_(std::move(event));
}

}  // namespace

std::unique_ptr<TrainingLoop> makeTrainer(RunRequest request) {
  return std::make_unique<Trainer>(std::move(request));
}

}  // namespace barlow
