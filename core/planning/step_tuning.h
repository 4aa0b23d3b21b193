#pragma once

#include "core/params/run_config.h"
#include "core/runs/run_folder.h"
#include "core/torch.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace barlow {

/// How a step is computed where the configuration leaves it open. Other choices give other last
/// digits, so a run keeps its own (run.json).
struct StepChoice {
  Precision precision = Precision::Fp32;                   // never Auto
  MemoryFormat memoryFormat = MemoryFormat::ChannelsLast;  // never Auto
  bool operator==(const StepChoice&) const = default;
};

/// Seconds per pair of views of a training step with a choice; infinity when it was given up for
/// being much slower than `limit`, or for want of memory.
using StepTimer = std::function<double(const StepChoice& choice, double limit)>;

/// The fastest choice that `config` allows on such a device: of fp32, tf32 (accelerators only) and
/// bf16, in this order, one that is less plain only where it is at least a tenth faster than the
/// best before it. Times only what is open.
StepChoice fastestChoice(const RunConfig& config, torch::DeviceType device, const StepTimer& time);

/// A timer that runs steps of config's network on generated views: on the CPU of a batch that takes
/// a fraction of a second, on an accelerator of about the run's own (or its micro-batch), halved
/// until it fits. It leaves nothing in the accelerator's memory. The calling thread's thread count
/// is used. Throws PreparingStopped between two steps when asked to stop.
StepTimer makeStepTimer(const RunConfig& config,
                        const torch::Device& device,
                        const std::stop_token& stop = {});

/// What a run uses: what its record says when it is resumed; what the configuration says; else what
/// was measured before for this machine (choice_store.h), network and batch (`cacheFile`, JSON);
/// else it is measured, which takes some seconds, and kept there. Networks so small that nothing is
/// gained are not measured. Throws PreparingStopped when asked to stop
/// while it measures. On the CPU tf32 is fp32, and called so.
StepChoice resolveStepChoice(const RunConfig& config,
                             const torch::Device& device,
                             int threads,
                             const RunRecord* resumed,
                             const std::filesystem::path& cacheFile,
                             const std::function<void(const std::string& text)>& tell,
                             const std::stop_token& stop = {});

}  // namespace barlow
