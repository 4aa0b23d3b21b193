#pragma once

#include "core/params/run_config.h"
#include "core/runs/run_folder.h"
#include "core/torch.h"

#include <filesystem>
#include <functional>

namespace barlow {

/// Seconds of one loss, forward and backward, in a form.
using LossTimer = std::function<double(LossForm form)>;

/// A timer on generated embeddings of the run's batch and width; the fastest of several. The
/// calling thread's thread count is used.
LossTimer makeLossTimer(const RunConfig& config, const torch::Device& device);

/// `usual` unless the other form is at least a tenth faster: its last digits differ.
LossForm fasterForm(LossForm usual, const LossTimer& time);

/// The form of the loss that a run uses, never Auto: what its record says when it is resumed; what
/// the configuration says; where the numbers of operations are far apart, or small beside a step,
/// the form with the fewer; else what was measured before on this machine (`cacheFile`, with the
/// choices of step_tuning.h), or is measured now.
LossForm resolveLossForm(const RunConfig& config,
                         const torch::Device& device,
                         int threads,
                         const RunRecord* resumed,
                         const std::filesystem::path& cacheFile);

}  // namespace barlow
