#pragma once

#include "core/base/bounded_queue.h"
#include "core/device/device_batch.h"
#include "core/device/device_views.h"
#include "core/device/resident_images.h"
#include "core/params/run_config.h"

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace barlow {

/// A batch without its views, and what a device must be told to make them.
struct PlannedBatch {
  DeviceBatch batch;
  ViewTable table;
};

/// Draws the batches of steps [firstStep, lastStep) in order, on a thread of its own and at most
/// kAhead before they are taken: two thousand plans take milliseconds, in which nothing would be
/// queued on a fast device. The destructor stops at any moment.
class BatchPlanner {
 public:
  struct Options {
    std::shared_ptr<const ResidentImages> images;
    RunConfig config;
    std::int64_t firstStep = 0;
    std::int64_t lastStep = 0;
  };
  /// `views` makes the tables and outlives this.
  BatchPlanner(Options options, const ViewMaker& views);
  ~BatchPlanner();
  BatchPlanner(const BatchPlanner&) = delete;
  BatchPlanner& operator=(const BatchPlanner&) = delete;

  /// The next one, waited for; nothing after the last. Throws what the thread threw. One thread.
  std::optional<PlannedBatch> next();

  static constexpr std::size_t kAhead = 2;

 private:
  struct Item {
    PlannedBatch planned;
    std::exception_ptr failure;
  };
  void work();
  PlannedBatch plan(std::int64_t step);

  Options options_;
  const ViewMaker& views_;
  std::int64_t orderEpoch_ = -1;     // of the thread
  std::vector<std::int64_t> order_;  // of the thread; of orderEpoch_
  BoundedQueue<Item> queue_{kAhead};
  std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace barlow
