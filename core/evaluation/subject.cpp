#include "core/evaluation/subject.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/stopped.h"
#include "core/base/system.h"
#include "core/base/text.h"
#include "core/runs/run_folder.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>

namespace barlow {
namespace {

OpenedDataset openedData(const DataParams& params,
                         std::int64_t seed,
                         const Subject::Request& request,
                         const std::stop_token& stop) {
  const CacheRoom room{.folder = request.imageCache,
                       .memoryBytes = availableMemoryBytes(),
                       .diskBytes = freeDiskBytes(request.imageCache)};
  try {
    return openDataset(params, seed, room, stop, request.wanted);
  } catch (const Stopped&) {
    throw;
  } catch (const Exception& error) {
    if (!request.source.empty()) {
      throw;
    }
    throw Exception(fmt::format("{} If the data of this run has moved, or other data is meant, "
                                "name it with --data.",
                                error.info().message),
                    error.info().detail);
  }
}

// Before it is taken: the system would end the whole program.
void requireMemory(std::int64_t images, std::int64_t features) {
  const auto bytes = static_cast<std::uint64_t>(images) * static_cast<std::uint64_t>(features) * 4;
  const std::uint64_t available = availableMemoryBytes();
  if (available > 0 && bytes + bytes / 5 > available) {
    throw Exception(
        fmt::format("{} features of {} images take {} of memory, {} is available; name "
                    "a folder with fewer images by --data.",
                    features,
                    images,
                    formatBytes(bytes),
                    formatBytes(available)));
  }
}

// A file of weights knows no data, and may have no projector.
void requireUsable(const Subject::Request& request, const TrainedModel& model) {
  if (request.source.empty() && model.config.data.source.empty()) {
    throw Exception(fmt::format("{} holds weights alone, so name the images with --data.",
                                request.model.string()));
  }
  if (request.isProjected && !model.hasProjector) {
    throw Exception(fmt::format(
        "{} has no projector that is known here; its backbone can be judged (--part backbone).",
        request.model.string()));
  }
}

}  // namespace

std::string wantedSplit(const std::string& split) {
  if (!split.empty() && split != "train" && split != "test" && split != "validation") {
    throw Exception(
        fmt::format("There is no split '{}'; there are train, test and validation.", split));
  }
  return split == "validation" ? "val" : split;
}

std::string spokenSplit(const std::string& split) { return split == "val" ? "validation" : split; }

Subject::Subject(const Request& request, const torch::Device& device, const std::stop_token& stop)
    : request_(request),
      model_(openTrainedModel(request.model, device)),
      deviceName_(device.is_cpu() ? "cpu" : "accelerator") {
  notes_ = model_.notes;
  requireUsable(request, model_);
  DataParams params = model_.config.data;
  if (!request.source.empty()) {
    params.source = absoluteSource(request.source);
    params.limit = 0;  // the run's own limit says nothing about other data
  }
  data_ = openedData(params, model_.config.run.seed, request, stop);
  source_ = params.source;
  if (!data_.problems.empty()) {
    notes_.push_back(
        fmt::format("{} of {} left out, whose headers are no picture's; "
                    "`barlow data check` lists them.",
                    counted(static_cast<std::int64_t>(data_.problems.size()), "file"),
                    source_));
  }
  constexpr std::size_t kMost = 5;
  for (std::size_t i = 0; i < std::min(kMost, data_.leftOut.size()); ++i) {
    notes_.push_back(toText(data_.leftOut[i]) + ".");
  }
  const bool hasRun = !model_.origin.run.empty();
  hasRunsImages_ = hasRun && readRunRecord(model_.origin.run).dataFingerprint == data_.fingerprint;
  if (request.source.empty() && hasRun && !hasRunsImages_) {
    notes_.push_back(fmt::format(
        "The images in {} are not those the run was trained on: names or sizes of files differ.",
        source_));
  }
}

const Dataset& Subject::queries() const {
  BARLOW_CHECK(data_.heldOut != nullptr) << "nothing is held out";
  return *data_.heldOut;
}

// Everything that the numbers depend on.
std::string Subject::keyOf(const Dataset& images, bool areQueries) const {
  const DataParams& data = model_.config.data;
  const std::string fingerprint =
      data_.fingerprint + data_.heldOutFingerprint + (areQueries ? " held out" : " train");
  return fmt::format("features 2; {}; {}; {}; {} px, mean {} {} {}, std {} {} {}; {}; {} {}",
                     model_.origin.weights,
                     contentOf(images, fingerprint),
                     request_.isProjected ? "projector" : "backbone",
                     data.imageSize,
                     data.mean[0],
                     data.mean[1],
                     data.mean[2],
                     data.std[0],
                     data.std[1],
                     data.std[2],
                     toText(data.exif),
                     deviceName_,
                     TORCH_VERSION);
}

std::optional<Representations> Subject::features(
    bool areQueries,
    const std::stop_token& stop,
    const std::function<void(double)>& progress) const {
  const Dataset& images = areQueries ? queries() : bank();
  const FeatureCache cache(request_.cache);
  const bool isKept = !request_.cache.empty();
  const std::string key = isKept ? keyOf(images, areQueries) : "";
  std::optional<Representations> found = isKept ? cache.find(key) : std::nullopt;
  if (!found) {
    requireMemory(images.size(), describedModel().features);
    const auto all = static_cast<double>(images.size());
    found = represent(model_.network,
                      images,
                      allIndices(images),
                      {.data = model_.config.data, .isProjected = request_.isProjected},
                      stop,
                      [&](std::int64_t done) { progress(static_cast<double>(done) / all); });
    if (!found) {
      return std::nullopt;
    }
    if (found->indices.empty()) {
      throw Exception(fmt::format(
          "None of the {} images to {} of {} can be read; `barlow data check` says why for each.",
          images.size(),
          areQueries ? "judge by" : "learn from",
          source_));
    }
    requireFinite(found->features, "The features of " + request_.model.string());
    if (isKept) {
      cache.keep(key, *found);
    }
  }
  progress(1);
  return found;
}

EvaluatedModel Subject::describedModel() const { return describe(model_, request_.isProjected); }

EvaluatedData Subject::describedData() const {
  return {.source = source_,
          .fingerprint = data_.fingerprint,
          .bankSplit = "train",
          .split = data_.heldOut ? data_.heldOutSplit : "",
          .isTransfer = !request_.source.empty() && !hasRunsImages_};
}

}  // namespace barlow
