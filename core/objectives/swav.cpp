#include "core/objectives/common_columns.h"
#include "core/objectives/embedding_rows.h"
#include "core/objectives/objective_list.h"
#include "core/objectives/ring.h"
#include "core/objectives/sinkhorn.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

using torch::Tensor;

class Swav final : public Objective {
 public:
  Swav(const SwavParams& params, const ObjectiveSizes& sizes)
      : params_(params),
        // As a linear layer of D inputs starts.
        prototypes_(uniformNumbers(params.prototypes,
                                   sizes.dimensions,
                                   1 / std::sqrt(static_cast<double>(sizes.dimensions)),
                                   startSeed(sizes.seed, 0))
                        .requires_grad_()) {
    addParameter("prototypes.weight", prototypes_, ParameterRole::Resting);
    if (params.queue > 0) {
      queueA_ = torch::zeros({params.queue, sizes.dimensions});
      queueB_ = torch::zeros({params.queue, sizes.dimensions});
      position_ = torch::zeros({1}, torch::kInt64);
      addBuffer("queue_a", queueA_);
      addBuffer("queue_b", queueB_);
      addBuffer("queue_position", position_);
    }
  }

  // What a step does depends on its epoch, but without these.
  bool isRecordable() const override { return params_.queue == 0 && params_.freezeEpochs == 0; }

  ObjectiveTerms loss(const ObjectiveInputs& inputs) override {
    std::vector<Tensor> queues;
    if (usesQueue(inputs)) {
      queues = {queueA_, queueB_};
    }
    const SwavTerms terms = swavLoss(inputs.online, unitRows(prototypes_), queues, params_);
    return {
        .loss = terms.loss,
        .numbers = torch::stack({terms.share, terms.perplexity, directionSpread(inputs.online)})};
  }

  void beforeUpdate(const StepPosition& at) override {
    if (at.epoch() < params_.freezeEpochs) {
      prototypes_.mutable_grad() = Tensor();
    }
  }

  void afterUpdate(const ObjectiveInputs& inputs) override {
    if (params_.queue > 0) {
      writeRing(queueA_, position_, unitRows(inputs.online.at(0)));
      writeRing(queueB_, position_, unitRows(inputs.online.at(1)));
      advanceRing(position_, inputs.online.at(0).size(0), queueA_.size(0));
    }
  }

  Tensor prototypeScores(const ObjectiveInputs& inputs) const override {
    const torch::NoGradGuard noGrad;
    return torch::mm(unitRows(inputs.online.at(0)), unitRows(prototypes_).t());
  }

 private:
  // Rows that no batch has filled yet would soak up part of every prototype's share. Every step
  // fills in a batch, so their number need not be asked of the device.
  bool usesQueue(const ObjectiveInputs& inputs) const {
    return params_.queue > 0 && inputs.at.epoch() >= params_.queueFromEpoch &&
           inputs.at.step * inputs.online.at(0).size(0) >= params_.queue;
  }

  SwavParams params_;
  Tensor prototypes_;  // [K, D] of any length: the prototypes are its directions
  Tensor queueA_;      // [Q, D] embeddings of the first views, of length 1
  Tensor queueB_;
  Tensor position_;  // [1] where the next batch goes
};

}  // namespace

std::unique_ptr<Objective> make(const SwavParams& params, const ObjectiveSizes& sizes) {
  return std::make_unique<Swav>(params, sizes);
}

MetricSchema schemaOf(const SwavParams& params, const ObjectiveSizes& sizes) {
  const auto most = static_cast<double>(
      std::max<std::int64_t>(1, std::min<std::int64_t>(sizes.batch, params.prototypes)));
  return {
      .loss = lossColumn("falls from about {}", std::log(params.prototypes)),
      .terms = {
          {.key = "prototypes_in_use",
           .label = "Prototypes in use",
           .help = "How many different prototypes are nearest to the images of a batch, as a "
                   "share of the most that could be. Healthy: above one half while there are "
                   "more prototypes than images; near 0, all images are at the same few.",
           .chart = "Prototypes",
           .chartLabel = "in use",
           .chartHelp = "As shares of the most there can be: how many prototypes are nearest to "
                        "any image, and how many share the images evenly (the perplexity). "
                        "Near 0 is collapse.",
           .isCard = true,
           .range = {.good = 0.3, .poor = 0.05, .least = 0, .most = 1},
           .hints = {.aim = "good: images spread over many",
                     .good = "good: images spread over many",
                     .fair = "fair: images spread over some",
                     .poor = "poor: all images at the same few"}},
          {.key = "prototype_perplexity",
           .label = "Prototype perplexity",
           .help = fmt::format("How many prototypes share the images of a batch evenly: {:.0f} "
                               "is the most there can be, 1 is collapse.",
                               most),
           .chart = "Prototypes",
           .chartLabel = "evenly shared",
           .factor = 1 / most,
           .isCard = true,
           .range = {.good = 0.3 * most, .poor = 0.05 * most, .least = 0, .reference = most},
           .hints = {.aim = "good: towards {}",
                     .good = "good: of {} at most",
                     .fair = "fair: of {} at most",
                     .poor = "poor: of {} at most; near collapse"}},
          spreadColumn(sizes.dimensions)}};
}

}  // namespace barlow
