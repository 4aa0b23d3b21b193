#pragma once

#include "core/models/load_state.h"
#include "core/runs/checkpoint_store.h"
#include "core/step/learner.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace barlow {

/// Where a run stands, beside its tensors (state.json). The data order and every random draw are
/// functions of (seed, epoch, sample, view), so that the number of completed steps is all that a
/// resume needs to know of them.
struct TrainingPosition {
  std::int64_t step = 0;  // completed
  double seconds = 0;     // training time so far
  bool operator==(const TrainingPosition&) const = default;
};

/// Writes model.safetensors, optimizer.safetensors and state.json as checkpoint `position.step`,
/// and objective.safetensors and momentum.safetensors where there is something to keep in them.
/// Throws Exception.
void saveCheckpoint(CheckpointStore& store,
                    int keep,
                    const Learner& learner,
                    const TrainingPosition& position);

/// Loads the newest checkpoint whose files match their manifest; calls `warn` with a sentence for
/// every damaged one that it passes over. Nothing when there is none. Throws Exception when a sound
/// checkpoint does not fit the network or the objective.
std::optional<TrainingPosition> loadNewestCheckpoint(
    const CheckpointStore& store,
    Learner& learner,
    const std::function<void(const std::string&)>& warn);

}  // namespace barlow
