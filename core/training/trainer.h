#pragma once

#include "core/training/training_loop.h"

#include <memory>

namespace barlow {

/// The real training loop: reads images, trains the encoder, writes the run folder. Header
/// free of torch. Works on one thread, the caller's; all tensors belong to it.
std::unique_ptr<TrainingLoop> makeTrainer(RunRequest request);

}  // namespace barlow
