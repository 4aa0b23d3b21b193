#include "core/training/checkpoint.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/files/tensor_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

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

}  // namespace

void loadModelState(TwinNetwork& network, const NamedTensors& state) {
  torch::NoGradGuard noGrad;
  std::map<std::string, torch::Tensor> given(state.begin(), state.end());
  for (auto& [name, target] : namedState(network)) {
    const auto found = given.find(name);
    if (found == given.end()) {
      throw Exception(
          fmt::format("The checkpoint has no tensor '{}': it belongs to another network.", name));
    }
    if (found->second.sizes() != target.sizes()) {
      throw Exception(fmt::format(
          "The checkpoint's tensor '{}' has another shape: it belongs to another network.", name));
    }
    target.copy_(found->second);
    given.erase(found);
  }
  if (!given.empty()) {
    throw Exception(
        fmt::format("The checkpoint's tensor '{}' is unknown here: it belongs to another network.",
                    given.begin()->first));
  }
}

void saveCheckpoint(CheckpointStore& store,
                    int keep,
                    const TwinNetwork& network,
                    const Optimizer& optimizer,
                    const TrainingPosition& position) {
  const NamedTensors model = namedState(network);
  const NamedTensors momenta = optimizer.state();
  nlohmann::ordered_json state;
  state["format"] = kFormat;
  state["step"] = position.step;
  state["optimizer_steps"] = optimizer.stepsTaken();
  state["seconds"] = position.seconds;
  const std::uint64_t bytes = bytesOf(model) + bytesOf(momenta) + kMaxStateBytes;
  store.save(position.step, keep, bytes, [&](const std::filesystem::path& folder) {
    writeSafetensors(folder / "model.safetensors", model);
    writeSafetensors(folder / "optimizer.safetensors", momenta);
    writeFileAtomically(folder / "state.json", jsonText(state, 2) + "\n");
  });
}

std::optional<TrainingPosition> loadNewestCheckpoint(
    const CheckpointStore& store,
    TwinNetwork& network,
    Optimizer& optimizer,
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
    loadModelState(network, readSafetensors(folder / "model.safetensors"));
    optimizer.loadState(readSafetensors(folder / "optimizer.safetensors"),
                        state.value("optimizer_steps", step));
    return TrainingPosition{.step = step, .seconds = state.value("seconds", 0.0)};
  }
  return std::nullopt;
}

}  // namespace barlow
