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
#include "core/training/step_graph.h"
#include "core/training/training_clock.h"
#include "core/training/twin_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
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
  void openGraph();
  TwinStep::Output replayedStep();
  bool isSummaryDue(std::int64_t step) const;
  TwinStep::Output plainStep(std::int64_t step);
  void collect(bool isLast);
  void complete(MetricReadback::Step step, bool isLast);
  void collectSnapshots(bool isLast);
  void collectProblems(const TwinBatch& batch);
  std::optional<StepDump> startDump() const;
  void writeDump(const StepDump& dump, std::int64_t step, const TwinStep::Output& output);
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
  TwinNetwork network_{nullptr};
  std::unique_ptr<Optimizer> optimizer_;
  std::optional<TwinStep> twinStep_;
  std::optional<StepGraph> graph_;
  TrainingPosition position_;
  std::int64_t savedStep_ = -1;  // of the newest checkpoint
  Clock::time_point savedAt_{};
  std::int64_t evaluatedStep_ = -1;  // of the newest evaluation
  std::optional<EvaluationResult> evaluation_;
  std::size_t problemsTold_ = 0;

  // Of the newest step.
  std::optional<TwinBatch> batch_;
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

  network_ = TwinNetwork(config_.model);
  initializeWeights(network_, config_.run.seed);
  network_->to(device_);
  const bool isChannelsLast = setup.step.memoryFormat == MemoryFormat::ChannelsLast;
  format_ = isChannelsLast ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  setMemoryFormat(network_, format_);
  network_->train();
  optimizer_ = std::make_unique<Optimizer>(config_.optim, network_->namedParameters());
  BarlowTwinsParams objective = config_.objective.barlowTwins;
  objective.form = setup.lossForm;
  twinStep_.emplace(
      network_,
      TwinStep::Options{
          .objective = objective,
          .precision = setup.step.precision == Precision::Bf16 ? torch::kBFloat16 : torch::kFloat32,
          .isTf32 = setup.step.precision == Precision::Tf32,
          .microBatchSize = config_.run.microBatchSize});
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
  openGraph();
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
  const auto position =
      loadNewestCheckpoint(store, network_, *optimizer_, [this](const std::string& text) {
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

void Trainer::openGraph() {
  if (!device_.is_cpu()) {
    // Also without a graph: the updates are then the same operations, and the weights the same.
    optimizer_->keepRatesOnDevice();
  }
  const bool isWanted = config_.run.stepGraph && request_.dumpSteps.empty();
  auto recorder = isWanted ? makeGraphRecorder(device_) : nullptr;
  if (!recorder) {
    return;
  }
  const auto work = [this](const torch::Tensor& a, const torch::Tensor& b) {
    optimizer_->zeroGrad();
    const TwinStep::Output output = twinStep_->forward(a, b);
    twinStep_->backward();
    optimizer_->applyUpdate();
    return output;
  };
  graph_.emplace(std::move(recorder), work, [this] {
    optimizer_->zeroGrad();
    zA_ = zB_ = torch::Tensor();
  });
}

TwinStep::Output Trainer::replayedStep() {
  const bool wasRecordable = graph_->problem().empty();
  optimizer_->beginUpdate();
  const TwinStep::Output output = graph_->step(batch_->viewA, batch_->viewB);
  if (wasRecordable && !graph_->problem().empty()) {
    warn({"This step cannot be recorded (run.step_graph); the run goes on without.",
          graph_->problem()});
  }
  return output;
}

std::vector<MetricPoint> Trainer::step(std::stop_token stop) {
  BARLOW_CHECK(!isDone()) << "step after the end";
  clock_.start();
  const double start = clock_.seconds();
  std::optional<TwinBatch> batch = source_->next(stop);
  if (!batch) {
    return std::exchange(arrived_, {});
  }
  MetricPoint point;
  point.dataWaitMs = 1e3 * (clock_.seconds() - start);
  point.step = position_.step + 1;
  point.epoch = epoch();
  batch_ = std::move(batch);
  collectProblems(*batch_);

  const LearningRates rates = learningRates(
      config_.optim, config_.run.batchSize, plan_.stepsPerEpoch, plan_.totalSteps, position_.step);
  point.learningRate = rates.weights;
  point.floor =
      lossFloor(config_.run.batchSize, plan_.dimensions, config_.objective.barlowTwins.lambda);
  optimizer_->setLearningRates(rates.weights, rates.oneDimensional);
  const TwinStep::Output output = graph_ ? replayedStep() : plainStep(point.step);
  const BarlowTwinsTerms& terms = output.terms;
  zA_ = output.zA.detach();
  zB_ = output.zB.detach();
  const bool isKnownBad = device_.is_cpu() && !std::isfinite(terms.loss.item<double>());
  if (isSummaryDue(point.step) && !isKnownBad) {
    collapseMeter_->measure(point.step, zA_);
  }
  readback_->push(
      point,
      torch::stack({terms.loss, terms.onDiagonal, terms.offDiagonal, terms.diagonal.mean()}));
  position_.step = point.step;
  if (keptEvery_ > 0 && (position_.step == 1 || position_.step % keptEvery_ == 0)) {
    snapshots_->push(position_.step, *batch_, zA_, zB_, {.isKept = true});
  }
  collect(false);
  return std::exchange(arrived_, {});
}

// One step whose work is queued as it comes. On the CPU a loss that is not finite is seen before
// it changes the weights. To ask an accelerator for it would be to wait: there it is found out when
// the numbers arrive.
TwinStep::Output Trainer::plainStep(std::int64_t step) {
  const auto dump = startDump();
  optimizer_->zeroGrad();
  TwinStep::Output output = twinStep_->forward(batch_->viewA, batch_->viewB);
  if (!device_.is_cpu() || std::isfinite(output.terms.loss.item<double>())) {
    twinStep_->backward();
    optimizer_->step();
    if (dump) {
      writeDump(*dump, step, output);
    }
  }
  return output;
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
  const auto d = static_cast<double>(plan_.dimensions);
  point.loss = step.numbers[0];
  point.onDiagonal = step.numbers[1];
  point.offDiagonal = step.numbers[2];
  point.meanDiagonal = step.numbers[3];
  // The Gram form finds the off-diagonal part by subtraction, which can leave a tiny negative
  // rest.
  point.rmsOffDiagonal = std::sqrt(std::max(0.0, point.offDiagonal) / (d * (d - 1)));
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
  return isWanted ? std::make_optional<StepDump>(network_, *optimizer_) : std::nullopt;
}

void Trainer::writeDump(const StepDump& dump, std::int64_t step, const TwinStep::Output& output) {
  if (folderProblem()) {
    return;  // the run halts before its next step
  }
  const auto nameOf = [this](std::int64_t index) { return data_.train->name(index); };
  dump.write(journal_->folder().path() / "dump" / fmt::format("step-{}", step),
             network_,
             *optimizer_,
             {.step = step,
              .batch = *batch_,
              .imageName = nameOf,
              .zA = output.zA,
              .zB = output.zB,
              .terms = output.terms,
              .lambda = config_.objective.barlowTwins.lambda,
              .precision = plan_.precision,
              .optim = config_.optim});
}

void Trainer::collectProblems(const TwinBatch& batch) {
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
  auto result = knnProbe(network_, *data_.train, *data_.heldOut, config_, stop);
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
  saveCheckpoint(store, config_.run.keepCheckpoints, network_, *optimizer_, position_);
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
         .floor = newest_.floor,
         .meanDiagonal = newest_.meanDiagonal,
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
