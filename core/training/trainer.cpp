#include "core/training/trainer.h"

#include "core/base/check.h"
#include "core/base/system.h"
#include "core/base/text.h"
#include "core/device/compute_device.h"
#include "core/optim/schedule.h"
#include "core/planning/agenda.h"
#include "core/planning/run_setup.h"
#include "core/recording/run_pictures.h"
#include "core/step/errors.h"
#include "core/torch.h"
#include "core/training/run_evaluations.h"
#include "core/training/run_readings.h"
#include "core/training/run_source.h"
#include "core/training/run_steps.h"

#include <fmt/format.h>

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
  std::shared_ptr<const LiveSnapshot> takeSnapshot() override { return readings_->takeSnapshot(); }
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
  void begin(std::optional<WeightFile> file);

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
  std::optional<RunSteps> steps_;
  std::optional<RunEvaluations> evaluations_;

  TrainingClock clock_;
  std::optional<RunReadings> readings_;
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
  const bool isFresh = request_.mode == RunRequest::Mode::Fresh;
  if (const auto restored = isFresh ? std::nullopt : recorder_->restore(*learner_)) {
    position_ = *restored;
    plan_.firstStep = position_.step;
  } else if (!config_.model.init.empty()) {
    begin(std::move(setup.start));
  }
  recorder_->tellEdits(setup.edits);
  recorder_->postpone();
  readings_.emplace(RunReadings::Run{config_, plan_, *learner_, *recorder_, clock_, position_},
                    static_cast<std::size_t>(request_.metricLag.value_or(device_.is_cpu() ? 0 : 2)),
                    /*isBeside=*/!device_.is_cpu());
  source_ =
      openBatchSource(config_, plan_, data_, position_.step, format_, *recorder_, std::move(stop));
  steps_.emplace(RunSteps::Run{config_, plan_, *data_.train, *learner_, *recorder_},
                 setup.step,
                 request_.dumpSteps,
                 [this] { readings_->forget(); });
  evaluations_.emplace(RunEvaluations::Run{config_, plan_, data_, *learner_, *recorder_});
  recorder_->note({.kind = EventKind::Started,
                   .text = fmt::format("{}, {} an epoch, {} on {} with {}",
                                       counted(plan_.images, "image"),
                                       counted(plan_.stepsPerEpoch, "step"),
                                       plan_.precision,
                                       plan_.device,
                                       counted(plan_.threads, "thread"))});
  return plan_;
}

void Trainer::buildLearner(const RunSetup& setup) {
  const bool isChannelsLast = setup.step.memoryFormat == MemoryFormat::ChannelsLast;
  format_ = isChannelsLast ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  RunConfig resolved = config_;
  resolved.objective.barlowTwins.form = setup.lossForm;
  learner_.emplace(resolved, objectiveSizes(config_, plan_.images), device_, format_);
  plan_.metrics = schemaOf(config_.objective, objectiveSizes(config_, plan_.images));
  addOnlineClassifier(config_, *data_.train, *learner_, plan_.metrics, *recorder_);
  recorder_->setMetrics(plan_.metrics);
}

// At the first step: with the file of model.init, which a run that is resumed has not opened yet.
void Trainer::begin(std::optional<WeightFile> file) {
  const std::string& init = config_.model.init;
  const StartingPoint start =
      learner_->startFrom(init, file ? *file : openWeightFile(init), config_.model);
  recorder_->tell({.kind = EventKind::Preparing, .text = start.text});
  if (!start.warning.empty()) {
    recorder_->warn({start.warning, ""});
  }
}

std::vector<MetricPoint> Trainer::step(std::stop_token stop) {
  BARLOW_CHECK(!isDone()) << "step after the end";
  clock_.start();
  const double start = clock_.seconds();
  const std::optional<DeviceBatch> batch = source_->next(stop);
  if (!batch) {
    return readings_->take();
  }
  MetricPoint point;
  point.dataWaitMs = 1e3 * (clock_.seconds() - start);
  point.step = position_.step + 1;
  point.epoch = position_.step / plan_.stepsPerEpoch;
  if (const auto problem = data_.cache.cache ? data_.cache.cache->takeProblem() : std::nullopt) {
    recorder_->warn(*problem);
  }
  recorder_->warnOf(batch->problems);

  const LearningRates rates = learningRates(
      config_.optim, config_.run.batchSize, plan_.stepsPerEpoch, plan_.totalSteps, position_.step);
  point.learningRate = rates.weights;
  readings_->push(point, *batch, steps_->make(position_.step, *batch, rates));
  readings_->collect(false);
  return readings_->take();
}

std::vector<MetricPoint> Trainer::settle() {
  readings_->collect(true);
  return readings_->take();
}

void Trainer::beginSnapshot(int viewPairs) {
  readings_->ask({.isShown = true, .viewPairs = viewPairs});
}

std::optional<EvaluationResult> Trainer::evaluateIfDue(std::stop_token stop) {
  if (!evaluations_->isDue(position_.step)) {
    return std::nullopt;
  }
  readings_->collect(true);
  const TrainingClock::Hold hold(clock_);
  return evaluations_->evaluate(position_.step, stop);
}

void Trainer::checkpointIfDue() {
  if (!isCheckpointDue(config_, plan_, position_.step, recorder_->secondsSinceSaved()) ||
      folderProblem()) {
    return;
  }
  readings_->collect(true);  // a loss that is not finite ends the run; it is no problem of writing
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
  readings_->collect(true);  // nothing is saved whose loss was not seen to be finite
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
  if (readings_ && !isFailed) {
    readings_->collect(true);
  } else if (readings_ && readings_->isSound()) {
    position_.step = readings_->newest().step;  // what was only queued is not known to be made
  }
  recorder_->end(end, error);
  if (folderProblem()) {
    return;  // nothing may be written in a place that is not the run's
  }
  // After a failure an accelerator may answer nothing any more.
  if (readings_ && readings_->isSound() && (device_.is_cpu() || !isFailed)) {
    readings_->writePictures();
  }
  if (readings_ && readings_->newest().step > 0) {
    writeSummary(recorder_->path(), readings_->summary(end, evaluations_->newest()));
  }
  recorder_->flush();
  releaseFreedMemory();
}

}  // namespace

std::unique_ptr<TrainingLoop> makeTrainer(RunRequest request) {
  return std::make_unique<Trainer>(std::move(request));
}

}  // namespace barlow
