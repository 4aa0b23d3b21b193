#pragma once

#include "core/device/device_batch.h"
#include "core/device/host_copy.h"
#include "core/params/run_config.h"
#include "core/report/live_snapshot.h"
#include "core/torch.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace barlow {

/// Moments of a run (embeddings, some pairs of views) on their way from the device, so that nobody
/// waits for one. One thread.
class SnapshotReadback {
 public:
  struct Purpose {
    bool isShown = false;  // to a viewer
    bool isKept = false;   // in the run's folder
    int viewPairs = 0;     // of the batch, at most
  };
  struct Moment {
    Purpose purpose;
    std::shared_ptr<LiveSnapshot> snapshot;  // without the run's id, epoch and seconds
  };

  explicit SnapshotReadback(const RunConfig& config) : config_(config) {}
  /// `batch` of `step`, its embeddings `zA`, `zB` [N, D], and `scores` [N, K] where there are
  /// prototypes. Only queues copies; later steps may overwrite what these tensors hold.
  void push(std::int64_t step,
            const DeviceBatch& batch,
            const torch::Tensor& zA,
            const torch::Tensor& zB,
            const torch::Tensor& scores,
            const Purpose& purpose);
  /// The oldest moment of a step up to `lastStep`, when it is there or when `isLast`: then it
  /// waits.
  std::optional<Moment> pop(std::int64_t lastStep, bool isLast);

 private:
  struct Pending {
    std::int64_t step;
    Purpose purpose;
    DeviceBatch batch;  // without views
    bool hasScores;
    HostCopy copy;  // zA, zB, the views of the first images, scores
  };
  RunConfig config_;
  std::deque<Pending> pending_;
};

}  // namespace barlow
