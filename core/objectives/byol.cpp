#include "core/objectives/common_columns.h"
#include "core/objectives/embedding_rows.h"
#include "core/objectives/negative_cosine_loss.h"
#include "core/objectives/objective_list.h"
#include "core/objectives/predictor.h"

namespace barlow {
namespace {

using torch::Tensor;

class Byol final : public Objective {
 public:
  Byol(const ByolParams& params, const ObjectiveSizes& sizes)
      : params_(params),
        predictor_(makePredictor(params.predictor, /*hasHiddenBias=*/true, sizes)) {
    addHead("predictor.", predictor_);
  }

  ObjectiveTerms loss(const ObjectiveInputs& inputs) override {
    checkEmbeddings(inputs.online);
    std::vector<Tensor> predictions;  // one pass per view: statistics of BatchNorm are a view's
    for (const Tensor& z : inputs.online) {
      predictions.push_back(predictor_.forward(inLossPrecision(z)));
    }
    const Tensor loss = byolLoss(predictions, inputs.target);
    const std::size_t views = predictions.size();
    const auto pairs = static_cast<double>(inputs.target.size() * (views - 1));
    // A pair's part of the loss is 2 - 2 cos.
    const Tensor similarity = 1 - loss.detach() / (2 * pairs);
    return {.loss = loss, .numbers = torch::stack({directionSpread(inputs.online), similarity})};
  }

  double momentumAt(const StepPosition& at) const override {
    return cosineMomentum(params_.momentum, params_.finalMomentum, at);
  }
  void train(bool isTraining) override { predictor_.train(isTraining); }

 private:
  ByolParams params_;
  MlpHead predictor_;
};

}  // namespace

std::unique_ptr<Objective> make(const ByolParams& params, const ObjectiveSizes& sizes) {
  return std::make_unique<Byol>(params, sizes);
}

MetricSchema schemaOf(const ByolParams&, const ObjectiveSizes& sizes) {
  return {.loss = lossColumn("falls towards 0"),
          .terms = {spreadColumn(sizes.dimensions), predictionColumn()}};
}

}  // namespace barlow
