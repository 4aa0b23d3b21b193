#include "core/recording/snapshot_readback.h"

#include "core/recording/embedding_snapshots.h"
#include "core/recording/run_pictures.h"

#include <algorithm>
#include <utility>

namespace barlow {
namespace {

// What belongs to the first `count` samples, but for the views.
DeviceBatch describedPart(const DeviceBatch& batch, std::int64_t count) {
  DeviceBatch part;
  part.epoch = batch.epoch;
  part.batch = batch.batch;
  part.indices = batch.indices;
  for (const DeviceViewSet& view : batch.views) {
    part.views.push_back({{}, {view.plans.begin(), view.plans.begin() + count}});
  }
  return part;
}

}  // namespace

void SnapshotReadback::push(std::int64_t step,
                            const DeviceBatch& batch,
                            const torch::Tensor& zA,
                            const torch::Tensor& zB,
                            const torch::Tensor& scores,
                            const Purpose& purpose) {
  const std::int64_t pairs =
      std::clamp<std::int64_t>(purpose.viewPairs, 0, batch.views[0].pixels.size(0));
  std::vector<torch::Tensor> tensors = {zA.detach(), zB.detach()};
  for (const DeviceViewSet& view : batch.views) {
    tensors.push_back(view.pixels.narrow(0, 0, pairs));
  }
  if (scores.defined()) {
    tensors.push_back(scores.detach());
  }
  pending_.push_back({.step = step,
                      .purpose = purpose,
                      .batch = describedPart(batch, pairs),
                      .hasScores = scores.defined(),
                      .copy = HostCopy(std::move(tensors))});
}

std::optional<SnapshotReadback::Moment> SnapshotReadback::pop(std::int64_t lastStep, bool isLast) {
  if (pending_.empty() || pending_.front().step > lastStep ||
      (!isLast && !pending_.front().copy.isThere())) {
    return std::nullopt;
  }
  Pending oldest = std::move(pending_.front());
  pending_.pop_front();
  const auto& tensors = oldest.copy.wait();
  for (std::size_t i = 0; i < oldest.batch.views.size(); ++i) {
    oldest.batch.views[i].pixels = tensors[2 + i];
  }
  auto snapshot = std::make_shared<LiveSnapshot>();
  snapshot->step = oldest.step;
  snapshot->views = sampleViewsOf(
      oldest.batch, config_.data, static_cast<int>(oldest.batch.views[0].pixels.size(0)));
  snapshot->embeddings = embeddingBatchOf(tensors[0],
                                          tensors[1],
                                          std::move(oldest.batch.indices),
                                          config_.objective,
                                          config_.run.name,
                                          oldest.step,
                                          oldest.hasScores ? tensors.back() : torch::Tensor());
  return Moment{.purpose = oldest.purpose, .snapshot = std::move(snapshot)};
}

}  // namespace barlow
