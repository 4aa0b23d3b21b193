#include "core/planning/run_setup.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/stopped.h"
#include "core/base/system.h"
#include "core/base/text.h"
#include "core/dataset/source_spec.h"
#include "core/device/compute_device.h"
#include "core/params/config_io.h"
#include "core/planning/estimate.h"
#include "core/planning/loader_share.h"
#include "core/planning/loss_tuning.h"
#include "core/step/errors.h"
#include "core/torch.h"

#include <fmt/format.h>
#include <torch/version.h>

namespace barlow {
namespace {

RunConfig chosenConfig(const RunRequest& request, RunSetup& setup) {
  if (request.mode == RunRequest::Mode::Fresh) {
    RunConfig config = request.config;
    if (config.data.source == "shapes") {
      config.data.source = kNewestShapes;  // there may be newer ones when it is resumed
    }
    return config;
  }
  setup.folder = RunFolder::open(request.folder);
  RunConfig config = setup.folder->config();
  if (request.data) {
    config.data.source = absoluteSource(*request.data);
  }
  if (request.epochs) {
    config.run.epochs = *request.epochs;
    config.run.maxSteps = 0;  // whoever asks for more epochs does not want the old limit
  }
  if (request.maxSteps) {
    config.run.maxSteps = *request.maxSteps;
  }
  if (const auto problems = applyEdits(request.edits, config); !problems.empty()) {
    throw Exception(problemText(problems));
  }
  return config;
}

// What of the data is not trained on, so that nothing is left out in silence.
void tellData(RunSetup& setup, const EventSink& emit) {
  constexpr std::size_t kMost = 10;
  const OpenedDataset& data = setup.data;
  if (data.splits.size() > 1) {
    emit({.kind = EventKind::Preparing, .text = "the data: " + toText(data.splits)});
  }
  for (const SampleProblem& problem : data.problems) {
    setup.warnings.push_back({fmt::format("{} is left out: {}", problem.path, problem.reason), ""});
  }
  for (std::size_t i = 0; i < data.leftOut.size() && i < kMost; ++i) {
    setup.warnings.push_back({toText(data.leftOut[i]), ""});
  }
  if (data.leftOut.size() > kMost) {
    setup.warnings.emplace_back().message =
        "More is left out for other reasons; `barlow data check` lists it all";
  }
}

OpenedDataset openedData(const RunSetup& setup,
                         const CacheRoom& room,
                         const std::stop_token& stop) {
  const RunConfig& config = setup.config;
  try {
    return openDataset(config.data, config.run.seed, room, stop);
  } catch (const Stopped&) {
    throw PreparingStopped();
  } catch (const Exception& error) {
    if (!setup.folder) {
      throw;
    }
    throw Exception(fmt::format("{} If the data of this run has moved, resume it with --data and "
                                "the place where it is now.",
                                error.info().message),
                    error.info().detail);
  }
}

// A run goes on with its own images.
void checkSameData(RunSetup& setup, const RunRequest& request) {
  if (setup.folder->record().dataFingerprint == setup.data.fingerprint) {
    return;
  }
  const std::string& source = setup.config.data.source;
  if (request.data) {
    throw Exception(
        fmt::format("{} does not hold the images that this run began with ({}): names or sizes of "
                    "files differ. Name the place that they moved to.",
                    source,
                    setup.folder->config().data.source));
  }
  const std::filesystem::path folder = parseSource(source).folder;
  if (!folder.empty() && folder.is_relative()) {
    throw Exception(fmt::format(
        "The images in {} are not those this run began with, and its record does not say from "
        "which folder that path counts: resume it with --data and the place of its images.",
        std::filesystem::absolute(folder).string()));
  }
  setup.warnings.push_back(
      {fmt::format("The images in {} are not those the run began with; it goes on with what is "
                   "there now.",
                   source),
       ""});
}

void openData(RunSetup& setup, const std::stop_token& stop, const EventSink& emit) {
  const RunConfig& config = setup.config;
  emit({.kind = EventKind::Preparing, .text = fmt::format("opening {}", config.data.source)});
  const std::filesystem::path cacheFolder = userCacheFolder() / "images";
  setup.data = openedData(setup,
                          {.folder = cacheFolder,
                           .memoryBytes = availableMemoryBytes(),
                           .diskBytes = freeDiskBytes(cacheFolder)},
                          stop);
  tellData(setup, emit);
  const CacheChoice& cache = setup.data.cache;
  if (!cache.text.empty()) {
    emit({.kind = EventKind::Preparing, .text = cache.text});
  }
  if (!cache.problem.message.empty()) {
    setup.warnings.push_back(cache.problem);
  }
}

void settleSteps(RunSetup& setup) {
  RunPlan& plan = setup.plan;
  const RunConfig& config = setup.config;
  plan.images = setup.data.train->size();
  plan.batchSize = config.run.batchSize;
  plan.dimensions = config.model.projector.back();
  if (plan.images < plan.batchSize) {
    throw Exception(
        plan.images < 2
            ? fmt::format("{} has {} usable image; training needs at least two.",
                          config.data.source,
                          plan.images)
            : fmt::format(
                  "A batch of {} is larger than the data ({} images for training in {}): use "
                  "run.batch_size={} or less.",
                  plan.batchSize,
                  plan.images,
                  config.data.source,
                  plan.images));
  }
  if (const auto problems = objectiveProblems(config, plan.images); !problems.empty()) {
    throw Exception(problemText(problems));
  }
  if (const std::string caution = config.objective.caution(); !caution.empty()) {
    setup.warnings.push_back({caution, ""});
  }
  plan.stepsPerEpoch = plan.images / plan.batchSize;
  plan.totalSteps = plan.stepsPerEpoch * config.run.epochs;
  plan.lastStep = config.run.maxSteps > 0
                      ? std::min<std::int64_t>(config.run.maxSteps, plan.totalSteps)
                      : plan.totalSteps;
  plan.hasLabels = setup.data.heldOut != nullptr;
  plan.classNames = setup.data.train->classNames();
}

void settleDevice(RunSetup& setup) {
  RunPlan& plan = setup.plan;
  const RunParams& run = setup.config.run;
  const ResolvedDevice resolved = resolveDevice(run.device);
  const torch::Device device = resolved.device;
  if (!resolved.warning.empty()) {
    setup.warnings.push_back({resolved.warning, ""});
  }
  plan.device = device.str();
  // The thread count decides about the last bits, so a resumed run keeps its own.
  const int recorded = setup.folder ? setup.folder->record().threads : 0;
  plan.threads = run.threads == 0 && recorded > 0 ? recorded : resolveThreads(run.threads);
  setArithmetic(device, run.deterministic);
  // OpenMP's thread count belongs to the calling thread, which is the one that trains.
  at::set_num_threads(plan.threads);
}

// After the threads are set and memory is known to be enough.
void settleStep(RunSetup& setup,
                const RunRequest& request,
                const std::stop_token& stop,
                const EventSink& emit) {
  RunConfig config = setup.config;
  if (!request.dumpSteps.empty() && config.run.precision == Precision::Auto) {
    config.run.precision = Precision::Fp32;  // what is replayed elsewhere shall be comparable
  }
  const torch::Device device(setup.plan.device);
  const RunRecord* const resumed = setup.folder ? &setup.folder->record() : nullptr;
  const std::filesystem::path known = userCacheFolder() / "fastest-steps.json";
  setup.lossForm = resolveLossForm(config, device, setup.plan.threads, resumed, known);
  setup.step = resolveStepChoice(
      config,
      device,
      setup.plan.threads,
      resumed,
      known,
      [&](const std::string& text) { emit({.kind = EventKind::Preparing, .text = text}); },
      stop);
  setup.plan.precision = toText(setup.step.precision);
}

std::string resourceText(const ResourceEstimate& estimate, const RunPlan& plan) {
  const std::string host = estimate.hostBytes > 0
                               ? fmt::format(" of {}, about {} of the machine's ({} available)",
                                             plan.device,
                                             formatBytes(estimate.hostBytes),
                                             formatBytes(estimate.availableHostBytes))
                               : std::string();
  const std::string time = estimate.secondsPerEpoch > 0
                               ? fmt::format(", {} per epoch of {} images",
                                             formatDuration(estimate.secondsPerEpoch),
                                             plan.images)
                               : std::string();
  return fmt::format(
      "this run will take about {} of memory ({} available){}{}, and {} of disk per checkpoint",
      formatBytes(estimate.memoryBytes),
      formatBytes(estimate.availableBytes),
      host,
      time,
      formatBytes(estimate.checkpointBytes));
}

// Says what the run will take before it takes it. What cannot fit into the machine's memory is
// refused, as the system would end the whole program; an accelerator only refuses the allocation,
// and how much its libraries take is not known so well: a warning.
void settleEstimate(RunSetup& setup, Precision precision, const EventSink& emit) {
  const torch::Device device(setup.plan.device);
  RunPlace place = placeOf(device, precision);
  place.multiplyAddsPerSecond =
      device.is_cpu() ? measureMultiplyAddsPerSecond(setup.plan.threads) : 0;
  setup.plan.estimate = estimateResources(setup.config, setup.plan.images, place);
  setup.plan.memoryAdvice = memoryAdvice(setup.config, place);
  const ResourceEstimate& estimate = setup.plan.estimate;
  if (!estimate.fits()) {
    const std::string text =
        fmt::format("This run would need about {} of memory, {} is available on {}: {}.",
                    formatBytes(estimate.memoryBytes),
                    formatBytes(estimate.availableBytes),
                    setup.plan.device,
                    estimate.proposal);
    if (device.is_cpu()) {
      throw Exception(text);
    }
    setup.warnings.push_back({text + " It is tried all the same.", ""});
  }
  if (estimate.hostBytes > estimate.availableHostBytes && estimate.availableHostBytes > 0) {
    setup.warnings.push_back(
        {fmt::format(
             "This run may take about {} of the machine's memory, {} is available: where it "
             "runs out the system ends the program; use a smaller run.batch_size.",
             formatBytes(estimate.hostBytes),
             formatBytes(estimate.availableHostBytes)),
         ""});
  }
  emit({.kind = EventKind::Preparing, .text = resourceText(estimate, setup.plan)});
}

// As many loader threads as keep up with the network, measured on the data at hand.
void settleLoader(RunSetup& setup) {
  RunPlan& plan = setup.plan;
  const int asked = setup.config.run.loaderWorkers;
  const int recorded = setup.folder ? setup.folder->record().loaderWorkers : 0;
  if (asked > 0 || recorded > 0) {
    plan.loaderWorkers = asked > 0 ? asked : recorded;
    return;
  }
  const double stepSeconds =
      plan.estimate.secondsPerEpoch / static_cast<double>(plan.stepsPerEpoch);
  plan.loaderWorkers = loaderShare(secondsPerPair(setup.data.train, setup.config),
                                   stepSeconds,
                                   setup.config.run.batchSize,
                                   mostLoaderWorkers(torch::Device(plan.device)));
}

// Measuring takes memory of the machine, so there must be enough; an accelerator's is tried out,
// and the estimate for it depends on the precision.
void settleEstimateAndStep(RunSetup& setup,
                           const RunRequest& request,
                           const std::stop_token& stop,
                           const EventSink& emit) {
  if (torch::Device(setup.plan.device).is_cpu()) {
    settleEstimate(setup, setup.config.run.precision, emit);
    settleStep(setup, request, stop, emit);
  } else {
    settleStep(setup, request, stop, emit);
    settleEstimate(setup, setup.step.precision, emit);
  }
}

// What a run begins with, before it has a folder.
void openStart(RunSetup& setup, const EventSink& emit) {
  std::string& init = setup.config.model.init;
  if (init.empty()) {
    return;
  }
  init = std::filesystem::absolute(init).lexically_normal().string();
  emit({.kind = EventKind::Preparing, .text = fmt::format("reading {}", init)});
  setup.start = openWeightFile(init);
  requireSameBackbone(init, *setup.start, setup.config.model);
}

RunRecord freshRecord(const RunSetup& setup) {
  RunRecord record;
  record.id = newRunId();
  record.name = setup.config.run.name;
  record.program = "Barlow Studio " BARLOW_VERSION;
  record.libtorch = TORCH_VERSION;
  record.started = utcNow();
  return record;
}

}  // namespace

std::string problemText(const std::vector<Problem>& problems) {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t i = 0; i < problems.size() && i < kMost; ++i) {
    text += i == 0 ? "" : "; ";
    text += problems[i].key.empty() ? problems[i].message
                                    : fmt::format("{}: {}", problems[i].key, problems[i].message);
  }
  if (problems.size() > kMost) {
    text += fmt::format("; and {} more", problems.size() - kMost);
  }
  return text;
}

RunSetup prepareRun(const RunRequest& request, const std::stop_token& stop, const EventSink& emit) {
  RunSetup setup;
  setup.config = chosenConfig(request, setup);
  if (const auto problems = validate(setup.config); !problems.empty()) {
    throw Exception(problemText(problems));
  }
  const auto unlessStopped = [&stop] {
    if (stop.stop_requested()) {
      throw PreparingStopped();
    }
  };
  if (request.mode == RunRequest::Mode::Fresh) {  // the record means the same from any folder
    setup.config.data.source = absoluteSource(setup.config.data.source);
    openStart(setup, emit);
  }
  openData(setup, stop, emit);
  if (setup.folder) {
    checkSameData(setup, request);
  }
  unlessStopped();
  settleSteps(setup);
  settleDevice(setup);
  settleEstimateAndStep(setup, request, stop, emit);
  unlessStopped();
  settleLoader(setup);
  unlessStopped();

  if (setup.folder) {
    setup.edits = differences(setup.folder->config(), setup.config);
    setup.config.data.source = absoluteSource(setup.config.data.source);  // of an older record
    if (!(setup.config == setup.folder->config())) {
      setup.folder->updateConfig(setup.config);
    }
  } else {
    setup.folder = RunFolder::create(request.folder, setup.config, freshRecord(setup));
  }
  if (!setup.folder->isLocked()) {
    setup.warnings.push_back(
        {fmt::format("The file system of {} has no locks: nothing keeps another program from "
                     "training there at the same time.",
                     setup.folder->path().string()),
         ""});
  }
  RunRecord record = setup.folder->record();
  record.state = "running";
  record.ended.clear();
  record.error.clear();
  record.device = setup.plan.device;
  record.precision = setup.plan.precision;
  record.memoryFormat = toText(setup.step.memoryFormat);
  record.lossForm = toText(setup.lossForm);
  record.threads = setup.plan.threads;
  record.loaderWorkers = setup.plan.loaderWorkers;
  record.dataFingerprint = setup.data.fingerprint;
  record.processId = processId();
  setup.folder->updateRecord(record);
  setup.plan.runId = record.id;
  setup.plan.folder = setup.folder->path().string();
  return setup;
}

}  // namespace barlow
