#pragma once

#include "core/dataset/dataset.h"
#include "core/loader/view_batch.h"
#include "core/params/run_config.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace barlow {

/// Makes the batches of a run ahead of time on worker threads of low priority.
/// The sequence of batches depends on (config, data set, seed) and on nothing else: not on the
/// number of workers, not on where it starts. Memory is bounded by `batchesAhead`. The destructor
/// stops at any moment, without waiting for more than the images in the workers' hands. A sample
/// that cannot be read is replaced by the next one that can ((i + 1) mod size, ...), and reported.
class PrefetchLoader {
 public:
  struct Options {
    std::shared_ptr<const Dataset> dataset;
    RunConfig config;
    std::int64_t firstStep = 0;  // steps already done: epoch = firstStep / stepsPerEpoch
    std::int64_t lastStep = 0;   // no batch is made for steps from here on
    int workers = 1;
    int batchesAhead = 3;
    /// Where given, batches are levels in this memory, one in each, and no normalised floats; no
    /// batch is begun while none of it is free. It outlives the loader.
    std::vector<std::span<std::uint8_t>> levelBuffers = {};
  };
  explicit PrefetchLoader(Options options);
  ~PrefetchLoader();
  PrefetchLoader(const PrefetchLoader&) = delete;
  PrefetchLoader& operator=(const PrefetchLoader&) = delete;

  /// The next batch in order; blocks until it is there. Nothing at the end or once `stop` was
  /// requested. Throws Exception when no sample at all can be read, or what a worker threw. One
  /// thread may call.
  std::optional<ViewBatch> next(std::stop_token stop);
  /// Gives a batch's memory back for reuse: at once.
  void recycle(ViewBatch batch);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The order in which an epoch visits the samples: a permutation of 0..size-1 drawn from (seed,
/// epoch).
std::vector<std::int64_t> epochOrder(std::int64_t size, std::int64_t seed, std::int64_t epoch);

}  // namespace barlow
