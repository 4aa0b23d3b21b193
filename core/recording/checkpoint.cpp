#include "core/recording/checkpoint.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/files/tensor_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

namespace barlow {
namespace {

constexpr int kFormat = 1;
constexpr std::uint64_t kMaxStateBytes = 1 << 20;

std::uint64_t bytesOf(const NamedTensors& tensors) {
  std::uint64_t bytes = 0;
  for (const auto& [name, tensor] : tensors) {
    bytes += tensor.nbytes();
  }
  return bytes;
}

// These are there only where there is something to keep in them.
constexpr const char* kObjectiveFile = "objective.safetensors";
constexpr const char* kMomentumFile = "momentum.safetensors";
constexpr const char* kOnlineFile = "online.safetensors";

NamedTensors onlineState(const Learner& learner) {
  return learner.online ? learner.online->state() : NamedTensors{};
}

NamedTensors readIfThere(const std::filesystem::path& file) {
  return std::filesystem::exists(file) ? readSafetensors(file) : NamedTensors{};
}

}  // namespace

void saveCheckpoint(CheckpointStore& store,
                    int keep,
                    const Learner& learner,
                    const TrainingPosition& position) {
  std::vector<std::pair<std::string, NamedTensors>> files = {
      {"model.safetensors", namedState(learner.network)},
      {"optimizer.safetensors", learner.optimizer->state()}};
  for (const auto& [name, tensors] : {std::pair(kObjectiveFile, learner.objectiveState()),
                                      std::pair(kMomentumFile, learner.momentumState()),
                                      std::pair(kOnlineFile, onlineState(learner))}) {
    if (!tensors.empty()) {
      files.emplace_back(name, tensors);
    }
  }
  nlohmann::ordered_json state;
  state["format"] = kFormat;
  state["step"] = position.step;
  state["optimizer_steps"] = learner.optimizer->stepsTaken();
  state["seconds"] = position.seconds;
  std::uint64_t bytes = kMaxStateBytes;
  for (const auto& [name, tensors] : files) {
    bytes += bytesOf(tensors);
  }
  store.save(position.step, keep, bytes, [&](const std::filesystem::path& folder) {
    for (const auto& [name, tensors] : files) {
      writeSafetensors(folder / name, tensors);
    }
    writeFileAtomically(folder / "state.json", jsonText(state, 2) + "\n");
  });
}

std::optional<TrainingPosition> loadNewestCheckpoint(
    const CheckpointStore& store,
    Learner& learner,
    const std::function<void(const std::string&)>& warn) {
  for (const std::int64_t step : store.steps()) {
    if (const auto damage = store.damage(step)) {
      warn(fmt::format("Checkpoint {} is damaged ({}); the one before it is used.",
                       store.folder(step).string(),
                       *damage));
      continue;
    }
    const std::filesystem::path folder = store.folder(step);
    const auto state = parseJsonQuietly(readFileText(folder / "state.json", kMaxStateBytes));
    if (!state.is_object() || state.value("format", 0) != kFormat) {
      throw Exception(fmt::format("{} was written by a newer program; use that one.",
                                  (folder / "state.json").string()));
    }
    loadState(namedState(learner.network), readSafetensors(folder / "model.safetensors"));
    loadState(learner.objectiveState(), readIfThere(folder / kObjectiveFile));
    loadState(learner.momentumState(), readIfThere(folder / kMomentumFile));
    // It may have been asked for since: then it begins here.
    if (const NamedTensors online = readIfThere(folder / kOnlineFile);
        learner.online && !online.empty()) {
      loadState(learner.online->state(), online);
    }
    learner.optimizer->loadState(readSafetensors(folder / "optimizer.safetensors"),
                                 state.value("optimizer_steps", step));
    return TrainingPosition{.step = step, .seconds = state.value("seconds", 0.0)};
  }
  return std::nullopt;
}

}  // namespace barlow
