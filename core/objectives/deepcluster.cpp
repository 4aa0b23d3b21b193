#include "core/base/error.h"
#include "core/objectives/common_columns.h"
#include "core/objectives/deepcluster_loss.h"
#include "core/objectives/embedding_rows.h"
#include "core/objectives/kmeans.h"
#include "core/objectives/objective_list.h"
#include "core/objectives/ring.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow {
namespace {

using torch::Tensor;

class DeepCluster final : public Objective {
 public:
  DeepCluster(const DeepClusterParams& params, const ObjectiveSizes& sizes)
      : params_(params),
        sizes_(sizes),
        rows_(sizes.images / std::max<std::int64_t>(1, sizes.batch) * sizes.batch) {
    if (params.clusters > rows_) {
      throw Exception(
          fmt::format("{} clusters cannot be found among the {} images of an epoch: take fewer "
                      "(objective.deepcluster.clusters) or more images.",
                      params.clusters,
                      rows_));
    }
    bankA_ = torch::zeros({rows_, sizes.dimensions});
    bankB_ = torch::zeros({rows_, sizes.dimensions});
    samples_ = torch::zeros({rows_}, torch::kInt64);
    position_ = torch::zeros({1}, torch::kInt64);
    assignments_ = torch::full({params.heads, sizes.images}, -1, torch::kInt64);
    clusterNumbers_ = torch::full({3}, std::numeric_limits<float>::quiet_NaN());
    addBuffer("memory_a", bankA_);
    addBuffer("memory_b", bankB_);
    addBuffer("memory_samples", samples_);
    addBuffer("memory_position", position_);
    addBuffer("assignments", assignments_);
    addBuffer("cluster_numbers", clusterNumbers_);
    for (int head = 0; head < params.heads; ++head) {
      // Not used before they are found.
      prototypes_.push_back(torch::zeros({params.clusters, sizes.dimensions}));
      addBuffer(fmt::format("prototypes_{}.weight", head), prototypes_.back());
    }
  }

  bool isRecordable() const override { return false; }  // it wants to know the samples

  ObjectiveTerms loss(const ObjectiveInputs& inputs) override {
    const Tensor targets = assignments_.index_select(1, inputs.samples);
    const Tensor loss = deepClusterLoss(inputs.online, prototypes_, targets, params_.temperature);
    const Tensor spread = directionSpread(inputs.online);
    return {.loss = loss,
            .numbers = torch::cat({clusterNumbers_.to(spread.scalar_type()), spread.view({1})})};
  }

  // From the second epoch on: in the first the memory fills, and no image has a cluster.
  void beginEpoch(const StepPosition& at) override {
    if (at.epoch() == 0) {
      return;
    }
    torch::NoGradGuard noGrad;
    double reassigned = 0;
    double largest = 0;
    double used = 0;
    for (int head = 0; head < params_.heads; ++head) {
      const Tensor& bank = head % 2 == 0 ? bankA_ : bankB_;
      const Tensor start = bank.index_select(0, startRows(at.epoch(), head).to(bank.device()));
      const Clusters found = sphericalKmeans(bank, start, params_.kmeansIterations);
      const Tensor own = assignments_.select(0, head);
      const Tensor before = own.clone();
      own.fill_(-1).index_copy_(0, samples_, found.assignments);
      prototypes_[static_cast<std::size_t>(head)].copy_(found.centroids);
      const Tensor counts = torch::bincount(found.assignments, {}, params_.clusters);
      reassigned += shareReassigned(before, own);
      largest += counts.max().item<double>() / static_cast<double>(rows_);
      used += counts.count_nonzero().item<double>();
    }
    const double heads = params_.heads;
    clusterNumbers_.copy_(torch::tensor({reassigned / heads, largest / heads, used / heads}));
  }

  void afterUpdate(const ObjectiveInputs& inputs) override {
    writeRing(bankA_, position_, unitRows(inputs.online.at(0)));
    writeRing(bankB_, position_, unitRows(inputs.online.at(1)));
    writeRing(samples_, position_, inputs.samples);
    advanceRing(position_, inputs.samples.size(0), rows_);
  }

  // Of the first head, which sorts the first views.
  Tensor prototypeScores(const ObjectiveInputs& inputs) const override {
    const torch::NoGradGuard noGrad;
    return inputs.at.epoch() == 0 ? Tensor()
                                  : torch::mm(unitRows(inputs.online.at(0)), prototypes_[0].t());
  }

 private:
  // Different rows of the memory, from seed, epoch and head alone.
  Tensor startRows(std::int64_t epoch, int head) const {
    const auto part = static_cast<std::uint64_t>(epoch * params_.heads + head);
    auto generator = at::make_generator<at::CPUGeneratorImpl>(startSeed(sizes_.seed, part));
    return torch::randperm(rows_, generator, torch::kInt64).slice(0, 0, params_.clusters);
  }

  DeepClusterParams params_;
  ObjectiveSizes sizes_;
  std::int64_t rows_;      // R: an epoch's images, without the ragged batch
  Tensor bankA_;           // [R, D] the first views' embeddings of the last epoch, of length 1
  Tensor bankB_;           // [R, D]
  Tensor samples_;         // [R] whose they are
  Tensor position_;        // [1] where the next batch goes
  Tensor assignments_;     // [heads, images] -1: none
  Tensor clusterNumbers_;  // [3] the first three columns
  std::vector<Tensor> prototypes_;  // [K, D] for each head
};

}  // namespace

std::unique_ptr<Objective> make(const DeepClusterParams& params, const ObjectiveSizes& sizes) {
  return std::make_unique<DeepCluster>(params, sizes);
}

MetricSchema schemaOf(const DeepClusterParams& params, const ObjectiveSizes& sizes) {
  const auto k = static_cast<double>(params.clusters);
  return {
      .loss = lossColumn("from the second epoch: falls from about {}", std::log(k)),
      .terms = {{.key = "reassigned",
                 .label = "Reassigned images",
                 .help = "Share of the images that are no longer with most of their former "
                         "cluster, after the newest clustering. It should fall from epoch to "
                         "epoch; there is none before the third epoch.",
                 .chart = "Clusters",
                 .chartLabel = "reassigned",
                 .isCard = true,
                 .comesLater = true,
                 .range = {.least = 0, .most = 1},
                 .hints = {.aim = "from the third epoch: falls towards 0"}},
                {.key = "largest_cluster",
                 .label = "Largest cluster",
                 .help = fmt::format("Share of the images in the largest cluster; evenly it were "
                                     "{:.3g}. Near 1 is collapse.",
                                     1 / k),
                 .chart = "Clusters",
                 .chartLabel = "in the largest",
                 .isCard = true,
                 .comesLater = true,
                 .range = {.good = std::min(0.3, 10 / k),
                           .poor = std::min(0.7, 100 / k),
                           .least = 0,
                           .reference = 1 / k},
                 .hints = {.aim = "from the second epoch: near {}",
                           .good = "good: evenly it were {}",
                           .fair = "fair: evenly it were {}",
                           .poor = "poor: near collapse; evenly it were {}"}},
                {.key = "clusters_in_use",
                 .label = "Clusters in use",
                 .help = fmt::format("How many of the {} clusters have any image, mean over the "
                                     "heads. Healthy: nearly all.",
                                     params.clusters),
                 .chart = "Clusters",
                 .chartLabel = "in use",
                 .factor = 1 / k,
                 .comesLater = true,
                 .range = {.good = 0.9 * k, .poor = 0.5 * k, .least = 0}},
                spreadColumn(sizes.dimensions)}};
}

}  // namespace barlow
