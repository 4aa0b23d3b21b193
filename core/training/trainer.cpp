#include "core/training/trainer.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/system.h"
#include "core/evaluation/collapse.h"
#include "core/evaluation/knn_probe.h"
#include "core/loader/prefetch_loader.h"
#include "core/optim/schedule.h"
#include "core/report/run_summary.h"
#include "core/training/checkpoint.h"
#include "core/training/compute_device.h"
#include "core/training/errors.h"
#include "core/training/matrix_summary.h"
#include "core/training/run_journal.h"
#include "core/training/run_pictures.h"
#include "core/training/run_setup.h"
#include "core/training/step_dump.h"
#include "core/training/twin_step.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace barlow {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Trainer final : public TrainingLoop {
 public:
  explicit Trainer(RunRequest request) : request_(std::move(request)) {}

  RunPlan prepare(std::stop_token stop, const EventSink& emit) override;
  std::optional<EvaluationResult> evaluateIfDue(std::stop_token stop) override;
  bool isDone() const override { return position_.step >= plan_.lastStep; }
  std::optional<MetricPoint> step(std::stop_token stop) override;
  std::shared_ptr<const Snapshot> summarise(int viewPairs) override;
  void checkpointIfDue() override;
  void checkpointNow() override;
  void setPaused(bool isPaused) override;
  void finish(RunEnd end, const ErrorInfo& error) override;

 private:
  void restore();
  torch::Tensor upload(const std::vector<float>& views) const;
  MetricPoint measure(const BarlowTwinsTerms& terms, double learningRate) const;
  void collectProblems(const ViewPairBatch& batch);
  std::optional<StepDump> startDump() const;
  void writeDump(const StepDump& dump, std::int64_t step, const TwinStep::Output& output);
  void keepMatrix();
  void emit(SessionEvent event);
  void warn(const ErrorInfo& error) {
    emit({.kind = EventKind::Warning, .step = position_.step, .error = error});
  }
  std::int64_t epoch() const { return position_.step / plan_.stepsPerEpoch; }

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
  TrainingPosition position_;
  std::int64_t savedStep_ = -1;  // of the newest checkpoint
  Clock::time_point savedAt_{};
  std::int64_t evaluatedStep_ = -1;  // of the newest evaluation
  std::optional<EvaluationResult> evaluation_;
  std::size_t problemsTold_ = 0;

  // Of the newest step, for pictures.
  std::optional<ViewPairBatch> batch_;
  torch::Tensor standardA_;  // [N, D]
  torch::Tensor standardB_;
  MetricPoint newest_;
  std::int64_t keptMatrixStep_ = -1;

  std::unique_ptr<PrefetchLoader> loader_;  // last: its threads end first
};

RunPlan Trainer::prepare(std::stop_token, const EventSink& emit) {
  emit_ = emit;
  RunSetup setup = prepareRun(request_, [this](SessionEvent event) { emit_(std::move(event)); });
  config_ = setup.config;
  plan_ = setup.plan;
  data_ = std::move(setup.data);
  device_ = torch::Device(plan_.device);
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
  NamedTensors parameters;
  for (const auto& item : network_->named_parameters()) {
    parameters.emplace_back(item.key(), item.value());
  }
  optimizer_ = std::make_unique<Optimizer>(config_.optim, std::move(parameters));
  twinStep_.emplace(
      network_,
      TwinStep::Options{
          .objective = config_.objective,
          .precision = setup.step.precision == Precision::Bf16 ? torch::kBFloat16 : torch::kFloat32,
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
  loader_ =
      std::make_unique<PrefetchLoader>(PrefetchLoader::Options{.dataset = data_.train,
                                                               .config = config_,
                                                               .firstStep = position_.step,
                                                               .lastStep = plan_.lastStep,
                                                               .workers = plan_.loaderWorkers});
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
  savedStep_ = position ? position_.step : -1;
  store.removeLeftovers(position_.step);
  journal_->folder().cutMetricsAfter(position_.step);
  plan_.firstStep = position_.step;
}

// [N, H, W, 3] floats -> [N, 3, H, W] on the device, in the layout of the run.
torch::Tensor Trainer::upload(const std::vector<float>& views) const {
  const auto side = static_cast<std::int64_t>(config_.data.imageSize);
  const auto count = static_cast<std::int64_t>(views.size()) / (side * side * 3);
  // from_blob borrows the batch, which lives until the next step; the backward pass is over by
  // then.
  auto* data = const_cast<float*>(views.data());  // NOLINT: from_blob takes no const
  return torch::from_blob(data, {count, side, side, 3})
      .permute({0, 3, 1, 2})
      .to(device_)
      .contiguous(format_);
}

std::optional<MetricPoint> Trainer::step(std::stop_token stop) {
  BARLOW_CHECK(!isDone()) << "step after the end";
  const auto start = Clock::now();
  std::optional<ViewPairBatch> batch = loader_->next(stop);
  if (!batch) {
    return std::nullopt;
  }
  const double waited = secondsSince(start);
  if (batch_) {
    loader_->recycle(std::move(*batch_));
  }
  batch_ = std::move(batch);
  collectProblems(*batch_);

  const LearningRates rates = learningRates(
      config_.optim, config_.run.batchSize, plan_.stepsPerEpoch, plan_.totalSteps, position_.step);
  optimizer_->setLearningRates(rates.weights, rates.oneDimensional);
  optimizer_->zeroGrad();
  const auto dump = startDump();
  const TwinStep::Output output = twinStep_->forward(upload(batch_->viewA), upload(batch_->viewB));
  const BarlowTwinsTerms& terms = output.terms;
  MetricPoint point = measure(terms, rates.weights);
  if (std::isfinite(point.loss)) {
    twinStep_->backward();
    optimizer_->step();
    if (dump) {
      writeDump(*dump, point.step, output);
    }
  }
  standardA_ = terms.standardA;
  standardB_ = terms.standardB;
  if (point.step % std::max<std::int64_t>(1,
                                          config_.run.summaryEverySteps > 0
                                              ? config_.run.summaryEverySteps
                                              : plan_.stepsPerEpoch / 10) ==
          0 &&
      std::isfinite(point.loss)) {
    point.collapse = collapseNumbers(output.zA);
  }

  const double seconds = secondsSince(start);
  position_.seconds += seconds;
  point.pairsPerSecond = static_cast<double>(config_.run.batchSize) / seconds;
  point.dataWaitMs = 1e3 * waited;
  point.seconds = position_.seconds;
  newest_ = point;
  journal_->metric(point);
  if (!std::isfinite(point.loss)) {
    throw NonFiniteLoss(point.step, point.loss);
  }
  position_.step = point.step;
  if (position_.step % plan_.stepsPerEpoch == 0) {
    keepMatrix();
  }
  return point;
}

MetricPoint Trainer::measure(const BarlowTwinsTerms& terms, double learningRate) const {
  // One transfer for all numbers: each .item() would wait for the device.
  const torch::Tensor numbers =
      torch::stack(
          {terms.loss.detach(), terms.onDiagonal, terms.offDiagonal, terms.diagonal.mean()})
          .to(torch::kCPU, torch::kFloat64);
  const auto* value = numbers.const_data_ptr<double>();
  const auto d = static_cast<double>(plan_.dimensions);
  MetricPoint point;
  point.step = position_.step + 1;
  point.epoch = epoch();
  point.loss = value[0];
  point.onDiagonal = value[1];
  point.offDiagonal = value[2];
  point.meanDiagonal = value[3];
  // The Gram form finds the off-diagonal part by subtraction, which can leave a tiny negative rest.
  point.rmsOffDiagonal = std::sqrt(std::max(0.0, point.offDiagonal) / (d * (d - 1)));
  point.floor = lossFloor(config_.run.batchSize, plan_.dimensions, config_.objective.lambda);
  point.learningRate = learningRate;
  return point;
}

std::optional<StepDump> Trainer::startDump() const {
  const auto& steps = request_.dumpSteps;
  const bool isWanted = std::find(steps.begin(), steps.end(), position_.step + 1) != steps.end();
  return isWanted ? std::make_optional<StepDump>(network_, *optimizer_) : std::nullopt;
}

void Trainer::writeDump(const StepDump& dump, std::int64_t step, const TwinStep::Output& output) {
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
              .lambda = config_.objective.lambda,
              .precision = plan_.precision,
              .optim = config_.optim});
}

void Trainer::collectProblems(const ViewPairBatch& batch) {
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

std::shared_ptr<const Snapshot> Trainer::summarise(int viewPairs) {
  if (!standardA_.defined()) {
    return nullptr;
  }
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->runId = plan_.runId;
  snapshot->epoch = newest_.epoch;
  snapshot->step = newest_.step;
  snapshot->seconds = newest_.seconds;
  snapshot->matrix = summarizeMatrix(standardA_, standardB_);
  snapshot->pairs = viewPairsOf(*batch_, config_.data, viewPairs);
  return snapshot;
}

// For the time slider: about fifty pictures a run.
void Trainer::keepMatrix() {
  const std::int64_t every = std::max<std::int64_t>(1, plan_.totalSteps / plan_.stepsPerEpoch / 50);
  if (epoch() % every != 0 && !isDone()) {
    return;
  }
  try {
    writeMatrixSnapshot(
        journal_->folder().path(), position_.step, summarizeMatrix(standardA_, standardB_, 256));
    keptMatrixStep_ = position_.step;
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
  if (!isDue || isDone()) {
    return;
  }
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

void Trainer::setPaused(bool isPaused) {
  RunRecord record = journal_->folder().record();
  record.state = isPaused ? "paused" : "running";
  record.steps = position_.step;
  journal_->record(record);
  journal_->event({.kind = isPaused ? EventKind::Paused : EventKind::Resumed,
                   .step = position_.step,
                   .epoch = epoch()});
}

void Trainer::finish(RunEnd end, const ErrorInfo& error) {
  loader_.reset();
  if (!journal_) {
    return;  // preparing failed before there was a folder
  }
  const bool isFailed = end == RunEnd::Failed;
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
  if (standardA_.defined() && std::isfinite(newest_.loss)) {
    const auto snapshot = summarise(8);
    if (keptMatrixStep_ != snapshot->step) {
      writeMatrixSnapshot(
          journal_->folder().path(), snapshot->step, summarizeMatrix(standardA_, standardB_, 256));
    }
    writeRunPictures(journal_->folder().path(), *snapshot);
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
