#include "core/device/batch_source.h"

#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>

#include <array>
#include <cstring>
#include <memory>
#include <vector>

namespace barlow {
namespace {

// [N, H, W, 3] floats as [N, 3, H, W], without a copy: the tensor keeps `owner` alive.
torch::Tensor borrowed(const std::shared_ptr<const ViewPairBatch>& owner,
                       const std::vector<float>& views) {
  const std::int64_t side = owner->side;
  const auto count = static_cast<std::int64_t>(views.size()) / (side * side * 3);
  auto* data = const_cast<float*>(views.data());  // NOLINT: from_blob takes no const
  return torch::from_blob(
             data, {count, side, side, 3}, [owner](void*) {}, torch::kFloat32)
      .permute({0, 3, 1, 2});
}

// Two page-locked buffers in turn: one may still be read by the device while the other is filled.
class PinnedUpload {
 public:
  PinnedUpload(const torch::Device& device, torch::MemoryFormat format)
      : device_(device), format_(format), side_(sideStream(device)) {}

  torch::Tensor operator()(const std::vector<float>& views, std::int64_t side) {
    Slot& slot = slots_[next_];
    next_ = (next_ + 1) % slots_.size();
    const auto size = static_cast<std::int64_t>(views.size());
    if (!slot.memory.defined() || slot.memory.numel() != size) {
      slot.memory =
          torch::empty({size}, torch::TensorOptions().dtype(torch::kFloat32).pinned_memory(true));
      slot.isRead.emplace(device_.type());
    } else {
      slot.isRead->synchronize();
    }
    std::memcpy(slot.memory.data_ptr<float>(), views.data(), views.size() * sizeof(float));
    const c10::Stream compute = computeStream(device_);
    torch::Tensor uploaded;
    {
      const c10::StreamGuard guard(side_);
      uploaded = slot.memory.to(device_, /*non_blocking=*/true)
                     .view({-1, side, side, 3})
                     .permute({0, 3, 1, 2})
                     .contiguous(format_);
      slot.isRead->record(side_);
    }
    slot.isRead->block(compute);
    uploaded.record_stream(compute);  // its memory is not given to others before `compute` is past
    return uploaded;
  }

 private:
  struct Slot {
    torch::Tensor memory;
    std::optional<c10::Event> isRead;
  };
  torch::Device device_;
  torch::MemoryFormat format_;
  c10::Stream side_;
  std::array<Slot, 4> slots_;  // two views each
  std::size_t next_ = 0;
};

class LoaderSource final : public BatchSource {
 public:
  LoaderSource(PrefetchLoader::Options options,
               const torch::Device& device,
               torch::MemoryFormat format)
      : format_(format), loader_(std::move(options)) {
    if (!device.is_cpu()) {
      upload_.emplace(device, format);
    }
  }

  std::optional<TwinBatch> next(std::stop_token stop) override {
    auto views = loader_.next(stop);
    if (!views) {
      return std::nullopt;
    }
    takeBack();
    const auto made = std::make_shared<ViewPairBatch>(std::move(*views));
    lent_.push_back(made);
    TwinBatch batch;
    batch.epoch = made->epoch;
    batch.batch = made->batch;
    batch.indices = made->indices;
    batch.viewA = toDevice(made, made->viewA);
    batch.viewB = toDevice(made, made->viewB);
    batch.plansA = made->plansA;
    batch.plansB = made->plansB;
    batch.problems = made->problems;
    return batch;
  }

 private:
  torch::Tensor toDevice(const std::shared_ptr<const ViewPairBatch>& owner,
                         const std::vector<float>& views) {
    return upload_ ? (*upload_)(views, owner->side) : borrowed(owner, views).contiguous(format_);
  }

  // The memory of batches whose tensors are gone goes back to the loader.
  void takeBack() {
    std::erase_if(lent_, [this](const std::shared_ptr<ViewPairBatch>& batch) {
      const bool isFree = batch.use_count() == 1;
      if (isFree) {
        loader_.recycle(std::move(*batch));
      }
      return isFree;
    });
  }

  torch::MemoryFormat format_;
  std::optional<PinnedUpload> upload_;
  std::vector<std::shared_ptr<ViewPairBatch>> lent_;  // their tensors may be in use
  PrefetchLoader loader_;                             // last: its threads end first
};

}  // namespace

std::unique_ptr<BatchSource> makeLoaderSource(PrefetchLoader::Options options,
                                              const torch::Device& device,
                                              torch::MemoryFormat format) {
  return std::make_unique<LoaderSource>(std::move(options), device, format);
}

}  // namespace barlow
