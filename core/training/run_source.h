#pragma once

#include "core/dataset/open_dataset.h"
#include "core/device/batch_source.h"
#include "core/recording/run_recorder.h"

#include <cstdint>
#include <memory>
#include <stop_token>

namespace barlow {

/// The batches of a run from step `firstStep` on: views made by the device from images in its
/// memory, or by worker threads. Which of the two stands in the run's record from here on. Blocks
/// while the images are decoded into the device's memory. Throws Exception.
std::unique_ptr<BatchSource> openBatchSource(const RunConfig& config,
                                             const RunPlan& plan,
                                             const OpenedDataset& data,
                                             std::int64_t firstStep,
                                             torch::MemoryFormat format,
                                             RunRecorder& recorder,
                                             std::stop_token stop);

}  // namespace barlow
