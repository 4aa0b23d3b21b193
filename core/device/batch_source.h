#pragma once

#include "core/device/device_batch.h"
#include "core/device/resident_images.h"
#include "core/loader/prefetch_loader.h"
#include "core/torch.h"

#include <memory>
#include <optional>
#include <stop_token>

namespace barlow {

/// Where the batches of a run come from. The sequence of samples and of drawn parameters is the
/// same for every source. One thread.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  /// The next batch in order; nothing at the end or once `stop` was requested. It may outlive the
  /// source. Throws Exception when no sample at all can be read.
  virtual std::optional<DeviceBatch> next(std::stop_token stop) = 0;
};

/// Views that worker threads make on the CPU. For an accelerator that is makeLevelsSource().
std::unique_ptr<BatchSource> makeLoaderSource(PrefetchLoader::Options options,
                                              const torch::Device& device,
                                              torch::MemoryFormat format);

/// The same views, of which the workers write bytes into page-locked memory: a quarter of what
/// floats take on the way. The device makes floats of them, to the bit those of the CPU; both
/// happens beside the steps still queued.
std::unique_ptr<BatchSource> makeLevelsSource(PrefetchLoader::Options options,
                                              const torch::Device& device,
                                              torch::MemoryFormat format);

/// Views that the device makes from images in its own memory (core/device/device_views.h): those of
/// the kernel `exact`, whatever augment.kernel says. A thread of its own draws what is done to them
/// some batches ahead; an accelerator makes a batch beside the step of the one before.
struct ResidentSourceOptions {
  std::shared_ptr<const ResidentImages> images;
  RunConfig config;
  std::int64_t firstStep = 0;
  std::int64_t lastStep = 0;
  torch::MemoryFormat format = torch::MemoryFormat::ChannelsLast;
  /// Whether a batch is queued before it is asked for. Unset: where there is a stream for it.
  std::optional<bool> makesAhead = std::nullopt;
};
std::unique_ptr<BatchSource> makeResidentSource(ResidentSourceOptions options);

/// The stream on which this thread's work for an accelerator is queued, and another one beside it.
c10::Stream computeStream(const torch::Device& device);
c10::Stream sideStream(const torch::Device& device);

}  // namespace barlow
