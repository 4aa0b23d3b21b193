#include "core/device/batch_source.h"

#include <memory>
#include <utility>
#include <vector>

namespace barlow {
namespace {

// [N, H, W, 3] floats as [N, 3, H, W], without a copy: the tensor keeps `owner` alive.
torch::Tensor borrowed(const std::shared_ptr<const ViewBatch>& owner, const ViewSet& views) {
  const std::int64_t side = views.side;
  const auto count = static_cast<std::int64_t>(views.plans.size());
  auto* data = const_cast<float*>(views.pixels.data());  // NOLINT: from_blob takes no const
  return torch::from_blob(
             data, {count, side, side, 3}, [owner](void*) {}, torch::kFloat32)
      .permute({0, 3, 1, 2});
}

class LoaderSource final : public BatchSource {
 public:
  LoaderSource(PrefetchLoader::Options options, torch::MemoryFormat format)
      : format_(format), loader_(std::move(options)) {}

  std::optional<DeviceBatch> next(std::stop_token stop) override {
    auto views = loader_.next(stop);
    if (!views) {
      return std::nullopt;
    }
    takeBack();
    const auto made = std::make_shared<ViewBatch>(std::move(*views));
    lent_.push_back(made);
    DeviceBatch batch;
    batch.epoch = made->epoch;
    batch.batch = made->batch;
    batch.indices = made->indices;
    for (const ViewSet& view : made->views) {
      batch.views.push_back({borrowed(made, view).contiguous(format_), view.plans});
    }
    batch.problems = made->problems;
    return batch;
  }

 private:
  // The memory of batches whose tensors are gone goes back to the loader.
  void takeBack() {
    std::erase_if(lent_, [this](const std::shared_ptr<ViewBatch>& batch) {
      const bool isFree = batch.use_count() == 1;
      if (isFree) {
        loader_.recycle(std::move(*batch));
      }
      return isFree;
    });
  }

  torch::MemoryFormat format_;
  std::vector<std::shared_ptr<ViewBatch>> lent_;  // their tensors may be in use
  PrefetchLoader loader_;                         // last: its threads end first
};

}  // namespace

std::unique_ptr<BatchSource> makeLoaderSource(PrefetchLoader::Options options,
                                              const torch::Device& device,
                                              torch::MemoryFormat format) {
  if (!device.is_cpu()) {
    return makeLevelsSource(std::move(options), device, format);
  }
  return std::make_unique<LoaderSource>(std::move(options), format);
}

}  // namespace barlow
