#include "core/objectives/common_columns.h"
#include "core/objectives/embedding_rows.h"
#include "core/objectives/negative_cosine_loss.h"
#include "core/objectives/objective_list.h"
#include "core/objectives/predictor.h"

namespace barlow {
namespace {

using torch::Tensor;

class Simsiam final : public Objective {
 public:
  Simsiam(const SimsiamParams& params, const ObjectiveSizes& sizes)
      : predictor_(makePredictor(params.predictor, /*hasHiddenBias=*/false, sizes)) {
    addHead("predictor.",
            predictor_,
            params.constantRate ? ParameterRole::ConstantRate : ParameterRole::Weight);
  }

  ObjectiveTerms loss(const ObjectiveInputs& inputs) override {
    checkEmbeddings(inputs.online);
    const Tensor zA = inLossPrecision(inputs.online.at(0));
    const Tensor zB = inLossPrecision(inputs.online.at(1));
    // One after the other: the running statistics of BatchNorm depend on it.
    const Tensor pA = predictor_.forward(zA);
    const Tensor pB = predictor_.forward(zB);
    const Tensor loss = simsiamLoss(pA, pB, zA, zB);
    return {.loss = loss,
            .numbers = torch::stack({directionSpread(inputs.online), -loss.detach()})};
  }

  void train(bool isTraining) override { predictor_.train(isTraining); }

 private:
  MlpHead predictor_;
};

}  // namespace

std::unique_ptr<Objective> make(const SimsiamParams& params, const ObjectiveSizes& sizes) {
  return std::make_unique<Simsiam>(params, sizes);
}

MetricSchema schemaOf(const SimsiamParams&, const ObjectiveSizes& sizes) {
  return {.loss = lossColumn("falls towards {}", -1),
          .terms = {spreadColumn(sizes.dimensions), predictionColumn()}};
}

}  // namespace barlow
