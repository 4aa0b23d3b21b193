#include "core/device/side_work.h"

#include "core/device/batch_source.h"

#include <c10/core/StreamGuard.h>

#include <cstring>
#include <utility>

namespace barlow {

SideWork::SideWork(const torch::Device& device) : device_(device) {
  if (!device.is_cpu()) {
    side_ = sideStream(device);
    follow();  // what it writes to may come from memory that compute still uses
  }
}

// Whoever gets this stream next must not write to what compute still reads, nor compute to what is
// still read here.
SideWork::~SideWork() {
  try {
    if (const auto last = mark()) {
      last->block(computeStream(device_));
    }
    for (Lent& lent : lent_) {
      if (!lent.isUsed) {
        lent.isUsed.emplace(device_.type());
        lent.isUsed->record(computeStream(device_));
      }
      lent.isUsed->block(*side_);
    }
  } catch (const c10::Error&) {
    // The device is broken: nothing runs on it any more, and what went wrong was told before.
  }
}

void SideWork::follow() {
  if (side_) {
    c10::Event queued(device_.type());
    queued.record(computeStream(device_));
    queued.block(*side_);
  }
}

void SideWork::run(const std::function<void()>& work) {
  if (side_) {
    const c10::StreamGuard guard(*side_);
    work();
  } else {
    work();
  }
}

std::optional<c10::Event> SideWork::mark() const {
  std::optional<c10::Event> event;
  if (side_) {
    event.emplace(device_.type());
    event->record(*side_);
  }
  return event;
}

void SideWork::lend(std::vector<torch::Tensor> tensors, const std::optional<c10::Event>& ready) {
  if (!side_) {
    return;
  }
  if (ready) {
    ready->block(computeStream(device_));
  }
  lent_.push_back({std::move(tensors), std::nullopt});
}

void SideWork::takeBack() {
  for (Lent& lent : lent_) {
    if (!lent.isUsed) {
      lent.isUsed.emplace(device_.type());
      lent.isUsed->record(computeStream(device_));
    }
  }
  while (!lent_.empty() && (lent_.size() > kMostLent || lent_.front().isUsed->query())) {
    lent_.front().isUsed->block(*side_);
    lent_.pop_front();
  }
}

void SideWork::freePinned(torch::Tensor& memory) const noexcept {
  try {
    if (const auto last = mark()) {
      last->synchronize();
    }
    memory.reset();
  } catch (const c10::Error&) {
    static_cast<void>(memory.unsafeReleaseIntrusivePtr().release());
  }
}

torch::Tensor pinnedBytes(std::int64_t size, const torch::Device& device) {
  return torch::empty({size},
                      torch::TensorOptions().dtype(torch::kUInt8).pinned_memory(!device.is_cpu()));
}

PinnedUpload::~PinnedUpload() {
  for (Slot& slot : slots_) {
    work_.freePinned(slot.memory);
  }
}

torch::Tensor PinnedUpload::operator()(std::span<const std::byte> bytes) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (work_.device().is_cpu()) {
    auto* data = const_cast<std::byte*>(bytes.data());  // NOLINT: from_blob takes no const
    return torch::from_blob(data, {size}, torch::kUInt8);
  }
  Slot& slot = slots_[next_];
  next_ = (next_ + 1) % slots_.size();
  if (slot.isRead) {
    slot.isRead->synchronize();
  }
  if (!slot.memory.defined() || slot.memory.numel() < size) {
    slot.memory = pinnedBytes(size + size / 4, work_.device());
  }
  std::memcpy(slot.memory.data_ptr(), bytes.data(), bytes.size());
  torch::Tensor uploaded;
  work_.run([&] {
    uploaded =
        torch::empty({size}, torch::TensorOptions().dtype(torch::kUInt8).device(work_.device()));
    uploaded.copy_(slot.memory.narrow(0, 0, size), /*non_blocking=*/true);
  });
  slot.isRead = work_.mark();
  return uploaded;
}

}  // namespace barlow
