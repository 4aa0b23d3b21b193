#pragma once

#include "core/params/run_config.h"
#include "core/runs/run_folder.h"

#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <string>

namespace barlow {

/// How a step is computed where the configuration leaves it open. Other choices give other last
/// digits, so a run keeps its own (run.json).
struct StepChoice {
  Precision precision = Precision::Fp32;                   // never Auto
  MemoryFormat memoryFormat = MemoryFormat::ChannelsLast;  // never Auto
  bool operator==(const StepChoice&) const = default;
};

/// Seconds of one training step with a choice; infinity when it was given up for being much slower
/// than `limit`.
using StepTimer = std::function<double(const StepChoice& choice, double limit)>;

/// The fastest choice that `config` allows: the plain one (fp32, channels last) unless another is
/// at least a tenth faster. Times only what is open.
StepChoice fastestChoice(const RunConfig& config, const StepTimer& time);

/// A timer that runs steps of config's network on generated views, of a batch that takes a fraction
/// of a second. The calling thread's thread count is used.
StepTimer makeStepTimer(const RunConfig& config, const torch::Device& device);

/// What a run uses: what its record says when it is resumed; what the configuration says; else what
/// was measured before for this processor, LibTorch, thread count, network and batch (`cacheFile`,
/// JSON); else it is measured, which takes some seconds, and kept there. Networks so small that
/// nothing is gained are not measured.
StepChoice resolveStepChoice(const RunConfig& config,
                             const torch::Device& device,
                             int threads,
                             const RunRecord* resumed,
                             const std::filesystem::path& cacheFile,
                             const std::function<void(const std::string& text)>& tell);

}  // namespace barlow
