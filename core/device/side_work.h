#pragma once

#include "core/torch.h"

#include <c10/core/Event.h>

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace barlow {

/// Work for the next batches, queued beside the steps of a training: on a stream of its own. On the
/// CPU it is done at once. Nothing here makes the host wait for a step. One thread.
///
/// What is allocated within run() belongs to that stream, so that memory which compute stops using
/// must not go back before compute is past it. LibTorch's record_stream would see to that, but it
/// asks the device when a tensor dies, which ends the process after an error of the device. So what
/// was lent is held here until an event says that it is free.
class SideWork {
 public:
  explicit SideWork(const torch::Device& device);
  ~SideWork();
  SideWork(const SideWork&) = delete;
  SideWork& operator=(const SideWork&) = delete;

  /// Lets what is queued beside from now on come after what compute has queued so far.
  void follow();
  const torch::Device& device() const { return device_; }
  /// Calls `work`, which queues.
  void run(const std::function<void()>& work);
  /// What is queued so far; nothing on the CPU.
  std::optional<c10::Event> mark() const;
  /// Lets what is queued on the compute stream from now on use `tensors`, which are there once
  /// `ready` is.
  void lend(std::vector<torch::Tensor> tensors, const std::optional<c10::Event>& ready);
  /// To be called when all that uses what was lent has been queued: before the next work.
  void takeBack();

  /// Frees page-locked memory when all that was queued beside is done. After an error of the device
  /// it is left to the process: LibTorch would throw where nothing may.
  void freePinned(torch::Tensor& memory) const noexcept;

  static constexpr std::size_t kMostLent = 2;  // for longer the next work waits until one is free

 private:
  struct Lent {
    std::vector<torch::Tensor> tensors;
    std::optional<c10::Event> isUsed;  // nothing yet: what uses it may still be queued
  };
  torch::Device device_;
  std::optional<c10::Stream> side_;
  std::deque<Lent> lent_;
};

/// Bytes of the host to a device, through page-locked memory and without waiting. One thread.
class PinnedUpload {
 public:
  explicit PinnedUpload(SideWork& work) : work_(work) {}
  ~PinnedUpload();
  PinnedUpload(const PinnedUpload&) = delete;
  PinnedUpload& operator=(const PinnedUpload&) = delete;

  /// uint8 on the device of `work`, valid for its next run(). On the CPU: `bytes` themselves.
  torch::Tensor operator()(std::span<const std::byte> bytes);

 private:
  struct Slot {
    torch::Tensor memory;
    std::optional<c10::Event> isRead;
  };
  SideWork& work_;
  std::array<Slot, 4> slots_;  // used in turn: the host may be that many batches ahead
  std::size_t next_ = 0;
};

/// Page-locked bytes; ordinary ones where there is no accelerator.
torch::Tensor pinnedBytes(std::int64_t size, const torch::Device& device);

}  // namespace barlow
