#include "core/evaluation/trained_model.h"

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/evaluation/weight_model.h"
#include "core/files/tensor_files.h"
#include "core/models/load_state.h"
#include "core/runs/checkpoint_store.h"
#include "core/runs/run_folder.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// A checkpoint's folder and its run.
struct Place {
  fs::path run;
  std::int64_t step = 0;
};

std::optional<std::int64_t> stepOfFolder(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const std::string prefix = "step-";
  std::int64_t step = -1;
  if (name.starts_with(prefix)) {
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), step);
  }
  return step >= 0 ? std::optional(step) : std::nullopt;
}

// RUN/checkpoints/step-N
Place placeOfCheckpoint(const fs::path& folder) {
  const auto step = stepOfFolder(folder);
  const fs::path run = folder.parent_path().parent_path();
  if (!step || !isRunFolder(run) || CheckpointStore(run / "checkpoints").folder(*step) != folder) {
    throw Exception(
        fmt::format("{} is neither a run nor a checkpoint of one, nor a file of weights: a run has "
                    "a config.json, and its checkpoints "
                    "are RUN/checkpoints/step-N.",
                    folder.string()));
  }
  if (const auto damage = CheckpointStore(run / "checkpoints").damage(*step)) {
    throw Exception(fmt::format("The checkpoint {} is damaged ({}); take another one of the run.",
                                folder.string(),
                                *damage));
  }
  return {run, *step};
}

Place newestSound(const fs::path& run, std::vector<std::string>& notes) {
  const CheckpointStore store(run / "checkpoints");
  for (const std::int64_t step : store.steps()) {
    const auto damage = store.damage(step);
    if (!damage) {
      return {run, step};
    }
    notes.push_back(fmt::format("Checkpoint {} is damaged ({}); the one before it is used.",
                                store.folder(step).string(),
                                *damage));
  }
  throw Exception(
      notes.empty()
          ? fmt::format("{} has no checkpoint yet: train it, or let it train until its first one.",
                        run.string())
          : fmt::format("{} has no checkpoint that can be used: {}", run.string(), notes.back()));
}

fs::path absoluteFolder(const fs::path& path) {
  const fs::path absolute = fs::absolute(path).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

}  // namespace

TrainedModel openTrainedModel(const fs::path& path, const torch::Device& device) {
  const fs::path folder = absoluteFolder(path);
  std::error_code error;
  if (!fs::exists(folder, error)) {
    throw Exception(fmt::format("There is no {}.", path.string()));
  }
  if (!fs::is_directory(folder, error)) {
    return openWeightModel(path, device);
  }
  TrainedModel model;
  const Place place =
      isRunFolder(folder) ? newestSound(folder, model.notes) : placeOfCheckpoint(folder);
  const fs::path checkpoint = CheckpointStore(place.run / "checkpoints").folder(place.step);
  const fs::path file = checkpoint / "model.safetensors";
  model.config = readRunConfig(place.run);
  model.network = Encoder(model.config.model);
  try {
    loadState(namedState(model.network), readSafetensors(file));
  } catch (const Exception& mismatch) {
    throw Exception(fmt::format("{} cannot be used with {}: {}",
                                file.string(),
                                (place.run / "config.json").string(),
                                mismatch.info().message),
                    mismatch.info().detail);
  }
  model.network->to(device);
  setMemoryFormat(model.network, torch::MemoryFormat::ChannelsLast);
  model.network->train(false);
  const std::int64_t length = stepsPerEpoch(place.run);
  model.origin = {.path = path,
                  .run = place.run,
                  .checkpoint = checkpoint.filename().string(),
                  .step = place.step,
                  .epoch = length > 0 ? place.step / length : 0,
                  .weights = sha256OfFile(file)};
  return model;
}

EvaluatedModel describe(const TrainedModel& model, bool isProjected) {
  const ModelOrigin& origin = model.origin;
  return {.path = origin.path.string(),
          .checkpoint = origin.checkpoint,
          .step = origin.step,
          .epoch = origin.epoch,
          .weights = origin.weights,
          .part = isProjected ? "projector" : "backbone",
          .features = isProjected ? model.network->dimensions() : model.network->features(),
          .imageSize = model.config.data.imageSize};
}

std::int64_t stepsPerEpoch(const fs::path& run) {
  try {
    const RunConfig config = readRunConfig(run);
    const RunRecord record = readRunRecord(run);
    if (record.state == "finished" && config.run.maxSteps == 0 && config.run.epochs > 0) {
      return record.steps / config.run.epochs;
    }
    std::int64_t last = 0;
    for (const MetricPoint& row : readMetrics(run)) {  // the first step of an epoch tells
      if (row.epoch > 0) {
        return (row.step - 1) / row.epoch;
      }
      last = row.step;
    }
    return config.run.epochs == 1 ? last : 0;
  } catch (const Exception&) {
    return 0;  // only the epoch is not known then
  }
}

}  // namespace barlow
