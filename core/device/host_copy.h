#pragma once

#include "core/torch.h"

#include <memory>
#include <vector>

namespace barlow {

/// Tensors on their way to the host. To read one makes the host wait until the device has done
/// everything queued before it; this queues a copy into page-locked memory instead, which is there
/// some time later. What lies on the CPU already is there at once and is not copied. Made on the
/// thread that queues the device's work; the other functions may be called from any one thread.
class HostCopy {
 public:
  explicit HostCopy(const std::vector<torch::Tensor>& tensors);
  ~HostCopy();
  HostCopy(HostCopy&&) noexcept;
  HostCopy& operator=(HostCopy&&) noexcept;

  /// Whether wait() would return at once. Does not wait.
  bool isThere() const;
  /// The values on the CPU, in the order given; waits for the device.
  const std::vector<torch::Tensor>& wait() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow
