#include "core/objectives/common_columns.h"
#include "core/objectives/embedding_rows.h"
#include "core/objectives/info_nce_loss.h"
#include "core/objectives/objective_list.h"
#include "core/objectives/ring.h"

#include <cmath>

namespace barlow {
namespace {

class Moco final : public Objective {
 public:
  Moco(const MocoParams& params, const ObjectiveSizes& sizes)
      : params_(params),
        queueA_(unitRows(normalNumbers(params.queue, sizes.dimensions, startSeed(sizes.seed, 0)))),
        queueB_(unitRows(normalNumbers(params.queue, sizes.dimensions, startSeed(sizes.seed, 1)))),
        position_(torch::zeros({1}, torch::kInt64)) {
    addBuffer("queue_a", queueA_);
    addBuffer("queue_b", queueB_);
    addBuffer("queue_position", position_);
  }

  ObjectiveTerms loss(const ObjectiveInputs& inputs) override {
    const ContrastTerms a =
        infoNceLoss(inputs.online.at(0), inputs.target.at(1), queueB_, params_.temperature);
    const ContrastTerms b =
        infoNceLoss(inputs.online.at(1), inputs.target.at(0), queueA_, params_.temperature);
    return {.loss = (a.loss + b.loss) / 2,
            .numbers =
                torch::stack({(a.accuracy + b.accuracy) / 2, (a.similarity + b.similarity) / 2})};
  }

  void afterUpdate(const ObjectiveInputs& inputs) override {
    writeRing(queueA_, position_, unitRows(inputs.target.at(0)));
    writeRing(queueB_, position_, unitRows(inputs.target.at(1)));
    advanceRing(position_, inputs.target.at(0).size(0), queueA_.size(0));
  }

  double momentumAt(const StepPosition& at) const override {
    return cosineMomentum(params_.momentum, params_.finalMomentum, at);
  }

 private:
  MocoParams params_;
  torch::Tensor queueA_;  // [Q, D] keys of the first views, of length 1
  torch::Tensor queueB_;
  torch::Tensor position_;  // [1] where the next batch goes
};

}  // namespace

std::unique_ptr<Objective> make(const MocoParams& params, const ObjectiveSizes& sizes) {
  return std::make_unique<Moco>(params, sizes);
}

MetricSchema schemaOf(const MocoParams& params, const ObjectiveSizes&) {
  return {.loss = lossColumn("near {} once the queue is filled, then falls",
                             std::log(params.queue + 1.0)),
          .terms = contrastColumns()};
}

}  // namespace barlow
