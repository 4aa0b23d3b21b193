#include "core/training/snapshot_readback.h"

#include "core/training/kept_embeddings.h"
#include "core/training/run_pictures.h"

#include <algorithm>
#include <utility>

namespace barlow {
namespace {

// What belongs to the first `count` samples, but for the views.
TwinBatch describedPart(const TwinBatch& batch, std::int64_t count) {
  TwinBatch part;
  part.epoch = batch.epoch;
  part.batch = batch.batch;
  part.indices = batch.indices;
  part.plansA.assign(batch.plansA.begin(), batch.plansA.begin() + count);
  part.plansB.assign(batch.plansB.begin(), batch.plansB.begin() + count);
  return part;
}

}  // namespace

void SnapshotReadback::push(std::int64_t step,
                            const TwinBatch& batch,
                            const torch::Tensor& zA,
                            const torch::Tensor& zB,
                            const Purpose& purpose) {
  const std::int64_t pairs = std::clamp<std::int64_t>(purpose.viewPairs, 0, batch.viewA.size(0));
  pending_.push_back({.step = step,
                      .purpose = purpose,
                      .batch = describedPart(batch, pairs),
                      .copy = HostCopy({zA.detach(),
                                        zB.detach(),
                                        batch.viewA.narrow(0, 0, pairs),
                                        batch.viewB.narrow(0, 0, pairs)})});
}

std::optional<SnapshotReadback::Moment> SnapshotReadback::pop(std::int64_t lastStep, bool isLast) {
  if (pending_.empty() || pending_.front().step > lastStep ||
      (!isLast && !pending_.front().copy.isThere())) {
    return std::nullopt;
  }
  Pending oldest = std::move(pending_.front());
  pending_.pop_front();
  const auto& tensors = oldest.copy.wait();
  oldest.batch.viewA = tensors[2];
  oldest.batch.viewB = tensors[3];
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->step = oldest.step;
  snapshot->pairs =
      viewPairsOf(oldest.batch, config_.data, static_cast<int>(oldest.batch.viewA.size(0)));
  snapshot->embeddings = embeddingPairOf(tensors[0],
                                         tensors[1],
                                         std::move(oldest.batch.indices),
                                         config_.objective,
                                         config_.run.name,
                                         oldest.step);
  return Moment{.purpose = oldest.purpose, .snapshot = std::move(snapshot)};
}

}  // namespace barlow
