#pragma once

#include "core/device/host_copy.h"
#include "core/report/metric_point.h"
#include "core/torch.h"

#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace barlow {

/// Collapse numbers of some of a run's steps. On the CPU they are worked out at once, in the
/// training's turn and with its threads. An accelerator would stand still for the tenths of a
/// second that eigenvalues take: there it is done beside, on a low-priority thread, of a copy, and
/// what is asked for meanwhile is left out. Calls come from the training thread.
class CollapseMeter {
 public:
  explicit CollapseMeter(bool isBeside) : isBeside_(isBeside) {}
  ~CollapseMeter();
  CollapseMeter(const CollapseMeter&) = delete;
  CollapseMeter& operator=(const CollapseMeter&) = delete;

  /// `z` [N, D]: the embeddings of `step`; with those of the other view also their correlation.
  /// Does not wait for an accelerator.
  void measure(std::int64_t step, const torch::Tensor& z, const torch::Tensor& other = {});
  /// What is known since the last call; nothing for embeddings that are not finite. `isLast` waits.
  std::optional<CollapseNumbers> take(bool isLast);

 private:
  void work(std::int64_t step, const HostCopy& views);  // thread entry

  bool isBeside_;
  bool isBusy_ = false;  // of the training thread: a worker was started and not joined
  std::mutex mutex_;
  bool isDone_ = false;                     // guarded by mutex_
  std::optional<CollapseNumbers> numbers_;  // guarded by mutex_
  std::exception_ptr failure_;              // guarded by mutex_
  std::jthread worker_;                     // last: it ends before what it uses
};

}  // namespace barlow
