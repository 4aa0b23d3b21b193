#include "core/studio/evaluation.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/stopped.h"
#include "core/base/system.h"
#include "core/base/text.h"
#include "core/device/compute_device.h"
#include "core/device/torch_threads.h"
#include "core/evaluation/logistic_regression.h"
#include "core/evaluation/subject.h"
#include "core/evaluation/unlabelled_probe.h"
#include "core/files/tensor_files.h"
#include "core/runs/checkpoint_store.h"
#include "core/studio/evaluation_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// Gives back what LibTorch keeps of a device's memory, when all tensors are gone. Not beside a
// training, which would wait.
struct DeviceMemory {
  torch::Device device;
  ~DeviceMemory() { releaseDeviceMemory(device); }
};

void requireLabels(const EvaluationJob& job, const Subject& subject) {
  const OpenedDataset& data = subject.data();
  const std::string& source = job.report.data.source;
  if (!data.train->hasLabels()) {
    throw Exception(
        fmt::format("{} has no classes (a folder for each), and the probe {} needs "
                    "them; --probe unlabelled does without, and --data names other "
                    "images.",
                    source,
                    job.report.probe));
  }
  if (!data.heldOut && job.request.split == "train") {
    throw Exception(
        "The images of train are what the probe learns from; judge by --split test, "
        "--split validation, or leave it out.");
  }
  if (!data.heldOut) {
    throw Exception(
        fmt::format("{} has too few images ({}) to hold some out, and no split for test or "
                    "validation: there is nothing to judge by.",
                    source,
                    data.train->size()));
  }
  if (!data.heldOut->hasLabels()) {
    throw Exception(fmt::format("The images for {} in {} have no classes to be judged by.",
                                spokenSplit(data.heldOutSplit),
                                source));
  }
}

// A split that seems meant for this and was passed over.
void noteUnused(EvaluationJob& job, const Subject& subject) {
  if (subject.data().heldOutSplit != "train") {
    return;
  }
  for (const SplitUse& use : subject.data().splits) {
    if (use.split != "train") {
      job.report.notes.push_back(
          fmt::format("{} for {} not judged, as none is of a class that training images have; "
                      "some of those are held out instead.",
                      counted(use.images, "image"),
                      spokenSplit(use.split)));
    }
  }
}

bool judgeUnlabelled(EvaluationJob& job, const Subject& subject) {
  const OpenedDataset& data = subject.data();
  const bool areHeldOut = data.heldOut != nullptr;
  const Dataset& images = areHeldOut ? *data.heldOut : *data.train;
  UnlabelledOptions options{.isProjected = job.request.part == ModelPart::Projector,
                            .seed = job.request.seed};
  if (job.request.images > 0) {
    options.images = job.request.images;
  }
  job.say(fmt::format("{} of each of {}",
                      counted(options.views, "view"),
                      counted(std::min<std::int64_t>(options.images, images.size()), "image")));
  const auto result =
      probeWithoutLabels(subject.model(), images, options, job.control.stop, job.stage(0, 1));
  if (!result) {
    return false;
  }
  job.report.metrics = result->metrics;
  job.report.data.split = areHeldOut ? data.heldOutSplit : "train";
  job.report.data.queries = result->images;
  job.report.protocol =
      UnlabelledProtocol{.images = result->images,
                         .views = options.views,
                         .recipe = std::string(toText(subject.model().config.augment.recipe))};
  noteUnread(job, static_cast<std::int64_t>(result->problems.size()));
  return true;
}

// A file of weights may lie where nothing can be written.
fs::path evaluationsOfFile(const std::string& sha256) {
  return userDataFolder() / "evaluations" / sha256.substr(0, 16);
}

// What belongs to the report first: a report is there only when all of it is.
void write(EvaluationJob& job, const fs::path& folder) {
  makeFolder(folder);
  const std::string name = freeEvaluationName(folder, job.report);
  if (job.head) {
    job.report.head = name + ".safetensors";
    writeSafetensors(folder / job.report.head,
                     {{"fc.weight", job.head->weight}, {"fc.bias", job.head->bias}});
  }
  if (!job.subset.empty()) {
    job.report.subset = name + ".labels.txt";
    writeFileAtomically(folder / job.report.subset, job.subset);
  }
  writeEvaluation(folder / (name + ".json"), job.report);
}

bool judge(EvaluationJob& job) {
  const EvaluationRequest& request = job.request;
  if (request.probe == ProbeKind::Segmentation) {
    return judgeSegmentation(job);
  }
  const auto opened = openSubject(request, job.control.stop);
  const Subject& subject = *opened;
  EvaluationReport& report = job.report;
  report.model = subject.describedModel();
  report.data = subject.describedData();
  report.notes = subject.notes();
  job.run = subject.model().origin.run;
  if (request.probe == ProbeKind::Unlabelled) {
    return judgeUnlabelled(job, subject);
  }
  requireLabels(job, subject);
  noteUnused(job, subject);
  const bool isLearning =
      request.probe == ProbeKind::FineTune ||
      (request.probe == ProbeKind::Linear && request.preset != LinearPreset::Lbfgs);
  return isLearning ? judgeLearning(job, subject) : judgeFeatures(job, subject);
}

// Nothing when stopped.
std::optional<EvaluationReport> run(EvaluationJob& job) {
  const auto start = std::chrono::steady_clock::now();
  const ResolvedDevice device = resolveDevice(job.request.device);
  job.say(fmt::format("opening {}", job.request.model.string()));
  EvaluationReport& report = job.report;
  report.probe = toText(job.request.probe);
  report.seed = job.request.seed;
  if (!judge(job) || job.control.stop.stop_requested()) {
    return std::nullopt;
  }
  if (!device.warning.empty()) {
    report.notes.push_back(device.warning);
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.time = utcNow();
  if (job.request.isKept) {
    write(job, job.run.empty() ? evaluationsOfFile(report.model.weights) : job.run / "evaluations");
    std::error_code ignored;  // what is left of it is of no use, and is overwritten by the next
    fs::remove(job.unfinished, ignored);
  }
  job.advance(1);
  return report;
}

}  // namespace

std::optional<EvaluationReport> evaluate(const EvaluationRequest& request,
                                         const JobControl& control,
                                         const std::function<void(const std::string&)>& tell) {
  const JobThreads threads(control.yields, request.threads);
  const DeviceMemory memory{control.yields ? torch::Device(torch::kCPU)
                                           : resolveDevice(request.device).device};
  try {
    EvaluationJob job{.request = request, .control = control, .tell = tell};
    return run(job);
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

StoredEvaluations listEvaluations(const fs::path& model) {
  std::error_code error;
  return readEvaluations(fs::is_regular_file(model, error) ? evaluationsOfFile(sha256OfFile(model))
                                                           : model / "evaluations");
}

std::vector<StoredCheckpoint> listCheckpoints(const fs::path& run) {
  std::error_code error;
  if (fs::is_regular_file(run, error)) {
    return {{.folder = run}};
  }
  const CheckpointStore store(run / "checkpoints");
  const std::int64_t length = stepsPerEpoch(run);
  std::vector<StoredCheckpoint> all;
  for (const std::int64_t step : store.steps()) {
    all.push_back({store.folder(step), step, length > 0 ? step / length : 0});
  }
  return all;
}

}  // namespace barlow
